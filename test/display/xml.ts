/** A strict reader of the XML that figures use: elements, attributes, text, entities. Throws where the text is not well-formed. */
export interface Element {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: Element[];
  text: string;
}

const TAG = /<(\/?)([A-Za-z][\w:.-]*)((?:\s+[\w:.-]+="[^"<]*")*)\s*(\/?)>/y;

export function parseXml(text: string): Element {
  const root: Element = { name: "", attributes: {}, children: [], text: "" };
  const open = [root];
  let at = 0;
  while (at < text.length) {
    const next = text.indexOf("<", at);
    const words = text.slice(at, next < 0 ? undefined : next);
    open[open.length - 1].text += unescaped(words);
    if (next < 0) break;
    TAG.lastIndex = next;
    const tag = TAG.exec(text);
    if (tag === null) throw new Error(`not a tag at ${next}: ${text.slice(next, next + 60)}`);
    const [whole, closing, name, attributes, empty] = tag;
    if (closing !== "") {
      if (open.pop()?.name !== name) throw new Error(`</${name}> closes nothing at ${next}`);
    } else {
      const pairs = [...attributes.matchAll(/([\w:.-]+)="([^"]*)"/g)].map(([, key, value]): [string, string] => [key, unescaped(value)]);
      const given = Object.fromEntries(pairs);
      if (Object.keys(given).length !== pairs.length) throw new Error(`an attribute twice at ${next}: ${whole}`);
      const element: Element = { name, attributes: given, children: [], text: "" };
      open[open.length - 1].children.push(element);
      if (empty === "") open.push(element);
    }
    at = next + whole.length;
  }
  if (open.length !== 1 || root.children.length !== 1) throw new Error("not one closed root element");
  return root.children[0];
}

/** All elements of one name, the root included. */
export function all(element: Element, name: string): Element[] {
  return [...(element.name === name ? [element] : []), ...element.children.flatMap((c) => all(c, name))];
}

function unescaped(text: string): string {
  if (/&(?!(amp|lt|gt|quot|#39);)|>/.test(text)) throw new Error(`an unescaped character in "${text.slice(0, 60)}"`);
  return text.replace(/&(amp|lt|gt|quot|#39);/g, (_, name: string) => ({ amp: "&", lt: "<", gt: ">", quot: '"', "#39": "'" })[name] ?? "");
}
