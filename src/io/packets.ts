/** Messages over a stream of bytes, as qmml's processes exchange them: a 4-byte little-endian length, and that many bytes of UTF-8. */

/** A message as bytes. */
export function framed(text: string): Buffer {
  const body = Buffer.from(text);
  const head = Buffer.alloc(4);
  head.writeUInt32LE(body.length);
  return Buffer.concat([head, body]);
}

/** Calls `receive` with each whole message of a stream whose chunks it is given. */
export function messages(receive: (text: string) => void): (chunk: Buffer) => void {
  let chunks: Buffer[] = [];
  let [length, wanted] = [0, 4];
  return (chunk) => {
    chunks.push(chunk);
    length += chunk.length;
    while (length >= wanted) {
      const bytes = Buffer.concat(chunks);
      const end = 4 + bytes.readUInt32LE(0);
      wanted = end;
      chunks = [bytes];
      if (length < end) return;
      receive(bytes.toString("utf8", 4, end));
      chunks = [bytes.subarray(end)];
      length -= end;
      wanted = 4;
    }
  };
}
