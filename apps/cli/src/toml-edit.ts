import { isDeepStrictEqual } from "node:util";
import { parse, stringify } from "smol-toml";
import type { ConfigTable } from "./config-overrides.ts";

/** The document is written in a way that a program cannot change without losing something. */
export class UneditableToml extends Error {}

type Path = readonly string[];

/**
 * A TOML document without the table at `path`, all else as it was, to the byte: comments, order, blanks. Comments within
 * the table go with it. Throws `UneditableToml` when the table is written in a form that cannot be taken out, and the
 * error of the parser for what is no TOML.
 */
export function withoutTable(text: string, path: Path): string {
  const lines = text.split(/(?<=\n)/);
  const kept: string[] = [];
  /** Lines of a table that is taken out which may belong to what follows it. */
  let between: string[] = [];
  let header: Path = [];
  for (const statement of statements(lines)) {
    const name = headerOf(statement);
    if (name !== undefined) {
      header = name;
      const isOut = startsWith(header, path);
      if (!isOut) kept.push(...between);
      between = [];
      if (!isOut) kept.push(statement);
      continue;
    }
    if (startsWith(header, path)) {
      if (isBlank(statement)) between = statement.trim() === "" ? [] : [...between, statement];
      else between = [];
      continue;
    }
    const key = keyOf(statement);
    if (key !== undefined && startsWith([...header, ...key], path)) continue;
    kept.push(statement);
  }
  // A table that held nothing else may stay empty, or be gone.
  const change = (document: unknown): unknown => without(document, path);
  return checked(text, kept.join("") + between.join(""), { change, at: path, is: undefined });
}

/** The document with a table added at its end. Throws like {@link withoutTable}. */
export function withTable(text: string, path: Path, table: ConfigTable): string {
  const nested = path.toReversed().reduce<unknown>((inner, key) => ({ [key]: inner }), table);
  const added = stringify(nested);
  const base = text === "" || text.endsWith("\n") ? text : `${text}\n`;
  const gap = base.trim() === "" || base.endsWith("\n\n") ? "" : "\n";
  const result = `${base}${gap}${added.endsWith("\n") ? added : `${added}\n`}`;
  const change = (document: unknown): unknown => merged(document, path, table);
  return checked(text, result, { change, at: path, is: table });
}

/** The text after a change, if it means what was wanted, and nothing else. */
function checked(
  before: string,
  after: string,
  {
    change,
    at,
    is,
  }: {
    readonly change: (document: unknown) => unknown;
    readonly at: Path;
    readonly is: ConfigTable | undefined;
  },
): string {
  const wanted = change(parse(before));
  let document: unknown;
  try {
    document = parse(after);
  } catch {
    throw new UneditableToml();
  }
  const found = at.reduce<unknown>(
    (value, key) => (value as ConfigTable | undefined)?.[key],
    document,
  );
  const isThere = isDeepStrictEqual(plain(found), plain(is));
  // Made once more the change changes nothing but whether an empty table is left.
  if (isThere && isDeepStrictEqual(plain(change(document)), plain(wanted))) return after;
  throw new UneditableToml();
}

/** Values of dates and the like compare by what they say. */
function plain(value: unknown): unknown {
  if (value === undefined) return undefined;
  return JSON.parse(
    JSON.stringify(value, (_key, member: unknown) =>
      typeof member === "bigint" || Number.isNaN(member) ? String(member) : member,
    ),
  );
}

function without(document: unknown, [key = "", ...rest]: Path): unknown {
  const { [key]: member, ...others } = document as ConfigTable;
  if (rest.length === 0 || member === undefined) return others;
  const left = without(member, rest);
  // A table that was there only for what it held is gone with it.
  return Object.keys(left as object).length === 0 ? others : { ...others, [key]: left };
}

function merged(document: unknown, [key = "", ...rest]: Path, table: ConfigTable): unknown {
  const members = document as ConfigTable;
  return {
    ...members,
    [key]: rest.length === 0 ? table : merged(members[key] ?? {}, rest, table),
  };
}

/** Headers, assignments (over as many lines as they take), comments and blank lines, each with its line breaks. */
function* statements(lines: readonly string[]): Generator<string> {
  let open = "";
  for (const line of lines) {
    const statement = open + line;
    if (open === "" && (isBlank(line) || line.trimStart().startsWith("["))) {
      yield line;
    } else if (isComplete(statement)) {
      yield statement;
      open = "";
    } else {
      open = statement;
    }
  }
  if (open !== "") yield open;
}

function isComplete(statement: string): boolean {
  try {
    parse(statement);
    return true;
  } catch {
    return false;
  }
}

function isBlank(line: string): boolean {
  const text = line.trim();
  return text === "" || text.startsWith("#");
}

function headerOf(statement: string): Path | undefined {
  if (!statement.trimStart().startsWith("[")) return undefined;
  return pathTo(parse(statement));
}

/** The dotted key of an assignment. */
function keyOf(statement: string): Path | undefined {
  if (isBlank(statement)) return undefined;
  const end = /^\s*((?:[^=#"']|"(?:[^"\\]|\\.)*"|'[^']*')+)=/.exec(statement)?.[1];
  return end === undefined ? undefined : pathTo(parse(`${end} = 0`));
}

/** The one way down a document that has no other. */
function pathTo(document: unknown): Path {
  const path: string[] = [];
  for (let value = document; typeof value === "object" && value !== null;) {
    const inner: unknown = Array.isArray(value) ? value[0] : value;
    const [entry] = Object.entries(inner as object);
    if (entry === undefined) break;
    path.push(entry[0]);
    value = entry[1] as unknown;
  }
  return path;
}

function startsWith(path: Path, start: Path): boolean {
  return start.every((key, index) => path[index] === key);
}
