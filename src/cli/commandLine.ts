/** The words of a command line against a command's table of options, and the help made from the same table. */
import { parseArgs } from "node:util";
import { nearest } from "../io/words.ts";
import { type Command, type Option, UsageError } from "./command.ts";

const COMMON: Readonly<Record<string, Option>> = {
  json: { type: "boolean", help: "one JSON object on stdout, nothing else" },
  help: { type: "boolean", short: "h", help: "this text" },
};

/**
 * Values by camelCase name, as the command's schema takes them.
 * @throws UsageError naming the nearest option if one is unknown, if a value is missing or superfluous, or if positionals do not match;
 * positionals and their number are not checked when `--help` is among the words.
 */
export function parse(command: Command, words: readonly string[]): Record<string, unknown> {
  const options: Readonly<Record<string, Option>> = { ...command.options, ...COMMON };
  const { tokens } = parseArgs({ args: [...words], options, strict: false, allowPositionals: true, tokens: true });
  const values: Record<string, unknown> = {};
  const positionals: string[] = [];
  for (const token of tokens) {
    if (token.kind === "positional") positionals.push(token.value);
    if (token.kind !== "option") continue;
    const option = Object.hasOwn(options, token.name) ? options[token.name] : undefined;
    if (option === undefined) {
      const near = nearest(token.name, Object.keys(options));
      throw new UsageError(`unknown option ${token.rawName}${near === undefined ? "" : `; did you mean --${near}?`}`);
    }
    if (option.type === "boolean" && token.value !== undefined) throw new UsageError(`${token.rawName} takes no value`);
    if (option.type === "string" && (token.value === undefined || (!token.inlineValue && token.value.startsWith("--"))))
      throw new UsageError(`${token.rawName} needs a value: ${token.rawName} ${option.value ?? "VALUE"}`);
    const key = camel(token.name);
    const value = token.value ?? true;
    if (option.multiple) values[key] = [...((values[key] as string[] | undefined) ?? []), value];
    else if (key in values) throw new UsageError(`${token.rawName} is given twice`);
    else values[key] = value;
  }
  if (values.help === true) return values;
  const left = [...positionals];
  for (const name of command.positionals) {
    const bare = name.replace(/\?$|\.\.\.$/, "");
    if (left.length === 0 && name.endsWith("?")) break;
    if (left.length === 0) throw new UsageError(`${bare.toUpperCase()} is missing`);
    values[camel(bare)] = name.endsWith("...") ? left.splice(0) : left.shift();
  }
  if (left.length > 0) throw new UsageError(`"${left[0]}" is one argument too many`);
  return values;
}

/** The help of one command. */
export function commandHelp(name: string, summary: string, command: Command): string {
  const rows = Object.entries({ ...command.options, ...COMMON }).map(([long, option]): [string, string] => {
    const value = option.type === "string" ? ` ${option.value ?? "VALUE"}` : "";
    return [`${option.short === undefined ? "    " : `-${option.short}, `}--${long}${value}`, option.help];
  });
  return `${summary}\n\nusage: ${usageLine(name, command)}\n\n${columns(rows)}`;
}

/** `qmml NAME ...`. */
export function usageLine(name: string, command: Command): string {
  return `qmml ${name} ${command.usage} [--json]`.replace(/ +/g, " ");
}

/** Two columns, indented by two. */
export function columns(rows: readonly (readonly [string, string])[]): string {
  const width = Math.max(...rows.map(([left]) => left.length));
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`).join("\n");
}

function camel(name: string): string {
  return name.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
}
