/**
 * What an Arrow IPC stream must be before a reader that trusts it may see it: it may come from a notebook of anybody's. Every offset, length
 * and count that the reader will follow is followed here first, inside the bytes that are there. Accepted is what `tableOf` writes: one
 * schema of texts, flags, 32-bit integers, floats and lists of floats, then batches of rows, neither compressed nor with dictionaries.
 * https://arrow.apache.org/docs/format/Columnar.html, flatbuffers' Message.fbs and Schema.fbs
 */

/** Most fields, entries of metadata, and batches of rows. */
const MOST = { fields: 64, metadata: 16, batches: 1000 } as const;
/** Most rows of a table: a study of a hundred models has fewer. */
export const MOST_ROWS = 500_000;

/** Types of fields by their numbers in Schema.fbs. */
const [INT, FLOATING_POINT, UTF8, BOOL, LIST] = [2, 3, 5, 6, 12];
/** Kinds of messages by their numbers in Message.fbs. */
const [SCHEMA, RECORD_BATCH] = [1, 3];
/** Versions of the format whose messages are laid out as here, V4 and V5. */
const VERSIONS: readonly number[] = [3, 4];

/** What a value of a field takes: bits, or a list of such, or a text. */
type Layout = { readonly bits: number } | { readonly list: number } | "text";

/** A table of a flatbuffer: where field number k begins, or undefined if it is absent. */
type Fields = (k: number) => number | undefined;

/**
 * Checks a stream.
 * @throws RangeError that says what is wrong, without a table's name
 */
export function checkStream(bytes: Uint8Array): void {
  const all = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let layouts: readonly Layout[] | undefined;
  let [at, rows, batches] = [0, 0, 0];
  while (at < bytes.length) {
    if (all.getInt32(at, true) !== -1) throw new RangeError("a message does not begin as one");
    const length = all.getInt32(at + 4, true);
    if (length === 0) break;
    const body = at + 8 + length;
    if (length < 0 || body > bytes.length) throw new RangeError("a message is cut off");
    const flat = new DataView(bytes.buffer, bytes.byteOffset + at + 8, length);
    const message = fieldsAt(flat, followed(flat, 0));
    const [version, kind, header, size] = [0, 1, 2, 3].map(message);
    if (version === undefined || !VERSIONS.includes(flat.getInt16(version, true))) throw new RangeError("it is of another Arrow version");
    const bodyLength = size === undefined ? 0 : count(flat, size);
    if (body + bodyLength > bytes.length) throw new RangeError("the body of a message is cut off");
    metadata(flat, message(4));
    if (header === undefined || kind === undefined) throw new RangeError("a message has no header");
    const fields = fieldsAt(flat, followed(flat, header));
    const type = flat.getUint8(kind);
    if (type === SCHEMA && !layouts && bodyLength === 0) layouts = schema(flat, fields);
    else if (type === RECORD_BATCH && layouts) {
      if (++batches > MOST.batches) throw new RangeError(`it has more than ${MOST.batches} batches of rows`);
      rows += batch(flat, fields, layouts, new DataView(bytes.buffer, bytes.byteOffset + body, bodyLength));
      if (rows > MOST_ROWS) throw new RangeError(`it has more than ${MOST_ROWS} rows`);
    } else throw new RangeError("it has a message that is neither its schema nor a batch of rows");
    at = body + bodyLength;
  }
  if (!layouts) throw new RangeError("it has no schema");
}

/** The layouts of a schema's fields. */
function schema(flat: DataView, fields: Fields): Layout[] {
  const endianness = fields(0);
  if (endianness !== undefined && flat.getInt16(endianness, true) !== 0) throw new RangeError("its numbers are big-endian");
  metadata(flat, fields(2));
  return vector(flat, fields(1), 4, MOST.fields).map((at) => layoutOf(flat, fieldsAt(flat, followed(flat, at)), true));
}

/** The layout of a field; a list may hold floats only. */
function layoutOf(flat: DataView, field: Fields, mayList: boolean): Layout {
  const [name, , kind, type, dictionary, children] = [0, 1, 2, 3, 4, 5].map(field);
  if (name !== undefined) vector(flat, name, 1, 1000);
  if (dictionary !== undefined) throw new RangeError("a column has a dictionary");
  metadata(flat, field(6));
  if (kind === undefined || type === undefined) throw new RangeError("a column has no type");
  const own = fieldsAt(flat, followed(flat, type));
  const inner = vector(flat, children, 4, 1);
  const of = flat.getUint8(kind);
  if (of === LIST && mayList && inner.length === 1) {
    const item = layoutOf(flat, fieldsAt(flat, followed(flat, inner[0])), false);
    if (item !== "text" && "bits" in item && item.bits >= 32) return { list: item.bits };
  }
  if (inner.length === 0) {
    const detail = own(0);
    if (of === UTF8) return "text";
    if (of === BOOL) return { bits: 1 };
    if (of === INT && detail !== undefined && flat.getInt32(detail, true) === 32) return { bits: 32 };
    if (of === FLOATING_POINT && detail !== undefined) {
      const precision = flat.getInt16(detail, true);
      if (precision === 1 || precision === 2) return { bits: 32 * precision };
    }
  }
  throw new RangeError("a column is of a type that is not read");
}

/** Checks a batch against its body; its number of rows. */
function batch(flat: DataView, fields: Fields, layouts: readonly Layout[], body: DataView): number {
  const [length, nodes, buffers, compression, variadic] = [0, 1, 2, 3, 4].map(fields);
  if (compression !== undefined) throw new RangeError("its rows are compressed");
  if (vector(flat, variadic, 8, 0).length > 0) throw new RangeError("its rows are of a type that is not read");
  const rows = length === undefined ? 0 : count(flat, length);
  if (rows > MOST_ROWS) throw new RangeError(`it promises ${rows} rows, and ${MOST_ROWS} are the most`);
  const node = vector(flat, nodes, 16, 2 * MOST.fields);
  const buffer = vector(flat, buffers, 16, 4 * MOST.fields);
  let [n, b, free] = [0, 0, 0];
  /** The next column's number of values, and whether one of them is null. */
  const values = (): { readonly length: number; readonly hasNull: boolean } => {
    if (n >= node.length) throw new RangeError("a column has no values");
    const at = node[n++];
    const own = { length: count(flat, at), nulls: count(flat, at + 8) };
    if (own.nulls > own.length) throw new RangeError("a column has more nulls than values");
    return { length: own.length, hasNull: own.nulls > 0 };
  };
  /** Where the next buffer begins; it holds at least these bits. */
  const room = (bits: number): number => {
    if (b >= buffer.length) throw new RangeError("a column has no data");
    const at = buffer[b++];
    const [offset, size] = [count(flat, at), count(flat, at + 8)];
    // One after the other: no byte is read twice.
    if (offset < free || offset % 8 !== 0 || offset + size > body.byteLength) throw new RangeError("the data of a column lies elsewhere");
    if (8 * size < bits) throw new RangeError("a column has fewer data than values");
    free = offset + size;
    return offset;
  };
  /** Ends of texts or lists, which ascend; the last one. */
  const ends = (size: number): number => {
    const at = room(size === 0 ? 0 : 32 * (size + 1));
    let last = 0;
    for (let k = 0; size > 0 && k <= size; k++) {
      const end = body.getInt32(at + 4 * k, true);
      if (end < last) throw new RangeError("the offsets of a column do not ascend");
      last = end;
    }
    return last;
  };
  for (const layout of layouts) {
    const own = values();
    if (own.length !== rows) throw new RangeError(`a column has ${own.length} values in ${rows} rows`);
    room(own.hasNull ? rows : 0);
    if (layout === "text") room(8 * ends(rows));
    else if ("bits" in layout) room(layout.bits * rows);
    else {
      const last = ends(rows);
      const items = values();
      if (items.hasNull || last > items.length) throw new RangeError("a list has fewer numbers than it promises");
      room(0);
      room(layout.list * items.length);
    }
  }
  if (n !== node.length || b !== buffer.length) throw new RangeError("it has data of no column");
  return rows;
}

/** Follows the table at a position: its fields by number. */
function fieldsAt(flat: DataView, table: number): Fields {
  const directory = table - flat.getInt32(table, true);
  const size = flat.getInt16(directory, true);
  return (k) => {
    const entry = 4 + 2 * k;
    const offset = entry < size ? flat.getInt16(directory + entry, true) : 0;
    if (offset < 0) throw new RangeError("a message points before itself");
    return offset === 0 ? undefined : table + offset;
  };
}

/** Where the reference at a position leads: forward only, so that nothing can go round. */
function followed(flat: DataView, at: number): number {
  const distance = flat.getInt32(at, true);
  if (distance <= 0) throw new RangeError("a message points before itself");
  return at + distance;
}

/** Positions of the elements of a vector that is referred to at a position; none if it is absent. */
function vector(flat: DataView, at: number | undefined, width: number, most: number): number[] {
  if (at === undefined) return [];
  const start = followed(flat, at) + 4;
  const length = flat.getInt32(start - 4, true);
  if (length < 0 || length > most || start + width * length > flat.byteLength)
    throw new RangeError(`a list of a message has ${length} entries, more than there may be`);
  return Array.from({ length }, (_, k) => start + width * k);
}

/** Checks the pairs of texts of a message, the schema or a field. */
function metadata(flat: DataView, at: number | undefined): void {
  for (const pair of vector(flat, at, 4, MOST.metadata)) {
    const fields = fieldsAt(flat, followed(flat, pair));
    for (const text of [fields(0), fields(1)]) if (text !== undefined) vector(flat, text, 1, 1000);
  }
}

/** A 64-bit count. */
function count(flat: DataView, at: number): number {
  const value = Number(flat.getBigInt64(at, true));
  if (!(value >= 0 && value <= Number.MAX_SAFE_INTEGER)) throw new RangeError(`it has a length of ${value}`);
  return value;
}
