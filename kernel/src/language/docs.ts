/** What TypeScript knows of a name, for people: signature, documentation and tags as Markdown. */
import ts from "./typescript.js";

type Parts = readonly ts.SymbolDisplayPart[] | undefined;

/** What documentation consists of. */
export interface Documented {
  readonly documentation?: ts.SymbolDisplayPart[];
  readonly tags?: readonly ts.JSDocTagInfo[];
}

/** `(alias) function f(x: number): string⏎import f`: a name of another cell, or an imported one. */
const ALIAS = /^\(alias\) (?:(function|const|let|var|class|enum|namespace|interface|type)\b)?/;

/** Links in documentation; what they point to is not reachable from here. */
const LINK = /\{@link(?:code|plain)?\s+([^}|\s]+)(?:\s*[|\s]\s*([^}]*))?\}/g;

const HEADINGS: Readonly<Record<string, string>> = {
  param: "Parameters",
  returns: "Returns",
  return: "Returns",
  throws: "Throws",
  example: "Example",
};

/** A signature as it would be written, without what only TypeScript's editors need. */
export function written(parts: Parts, readable: (text: string) => string): string {
  const text = readable(ts.displayPartsToString(parts && [...parts]));
  return ALIAS.test(text) ? text.replace("(alias) ", "").replace(/\nimport [^\n]*(?:\n[^\n]*)*$/, "") : text;
}

/** What follows a name in its signature, and what it is if it is a name of another module. */
export function signature(
  parts: readonly ts.SymbolDisplayPart[],
  name: string,
  readable: (text: string) => string,
): { readonly type?: string; readonly signature?: string } {
  const type = ALIAS.exec(ts.displayPartsToString([...parts]))?.[1];
  const after = parts.slice(parts.findIndex(({ text }) => text === name) + 1);
  const end = after.findIndex(({ kind }, i) => kind === "lineBreak" && /^(im|ex)port$/.test(after[i + 1]?.text ?? ""));
  const text = after.length < parts.length ? readable(ts.displayPartsToString(end < 0 ? after : after.slice(0, end))) : "";
  return { type, signature: text === "" ? undefined : text };
}

/** Documentation and tags: parameters as a list, examples as code. Undefined if there is nothing. */
export function documentation({ documentation: parts, tags = [] }: Documented, readable: (text: string) => string): string | undefined {
  const sections = new Map<string, string[]>();
  for (const { name, text } of tags) {
    const heading = HEADINGS[name] ?? `@${name}`;
    const note = readable(linked(ts.displayPartsToString(text)));
    sections.set(heading, [
      ...(sections.get(heading) ?? []),
      name === "param" ? parameter(note) : name === "example" ? example(note) : note,
    ]);
  }
  const blocks = [...sections].map(([heading, notes]) => {
    if (heading === "Parameters") return list(heading, notes);
    if (heading === "Example") return `**Example**\n\n${notes.join("\n\n")}`;
    return notes.length > 1 ? list(heading, notes) : `**${heading}** ${notes[0]}`.trimEnd();
  });
  const all = [linked(ts.displayPartsToString(parts)), ...blocks].filter((block) => block !== "");
  return all.length > 0 ? all.join("\n\n") : undefined;
}

/** TypeScript in Markdown. */
export function code(text: string): string {
  return `\`\`\`ts\n${text}\n\`\`\``;
}

function list(heading: string, notes: readonly string[]): string {
  return `**${heading}**\n\n${notes.map((note) => `- ${note}`).join("\n")}`;
}

function parameter(note: string): string {
  const [, name, rest] = /^(\S+)\s*(?:-\s*)?([\s\S]*)$/.exec(note) ?? ["", note, ""];
  return `\`${name}\`${rest === "" ? "" : `: ${rest}`}`;
}

function example(note: string): string {
  return note.includes("```") ? note : code(note);
}

function linked(text: string): string {
  return text.replace(LINK, (_, target: string, label?: string) => `\`${label?.trim() || target}\``);
}
