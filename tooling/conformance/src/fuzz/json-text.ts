/** Text that stands in a JSON document as it is: a number's own form, members with repeated names. */
export class JsonText {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** JSON that can be changed in place. */
export type Json =
  | null
  | boolean
  | number
  | string
  | JsonText
  | Json[]
  | { [member: string]: Json };

/** Prints like `JSON.stringify`, and {@link JsonText} as it stands. */
export function printJson(value: Json, indent = "", level = ""): string {
  if (value instanceof JsonText) return value.text;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const inner = level + indent;
  const parts = Array.isArray(value)
    ? value.map((element) => printJson(element, indent, inner))
    : Object.entries(value).map(
        ([name, member]) =>
          `${JSON.stringify(name)}:${indent && " "}${printJson(member, indent, inner)}`,
      );
  const [open, close] = Array.isArray(value) ? "[]" : "{}";
  if (parts.length === 0) return `${open}${close}`;
  const between = indent === "" ? "" : `\n${inner}`;
  const end = indent === "" ? "" : `\n${level}`;
  return `${open}${between}${parts.join(`,${between}`)}${end}${close}`;
}

export function copyJson(value: Json): Json {
  if (value instanceof JsonText || typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map((element) => copyJson(element));
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [name, copyJson(member)]),
  );
}

export function isObject(value: Json | undefined): value is { [member: string]: Json } {
  return (
    typeof value === "object" &&
    value !== null &&
    !Array.isArray(value) &&
    !(value instanceof JsonText)
  );
}
