/** A value of the turn-metadata blob. Objects are lists of pairs, so that their order is ours and no key is special. */
export type AsciiJsonValue = string | number | boolean | AsciiJsonObject;

/** Members in the order they are written; a member whose value is `undefined` is left out. */
export type AsciiJsonObject = readonly (readonly [
  key: string,
  value: AsciiJsonValue | undefined,
])[];

/** JSON without spaces in which every character outside printable ASCII is a `\uXXXX` escape: always a legal header. */
export function asciiJson(value: AsciiJsonValue): string {
  if (typeof value === "string") return asciiString(value);
  if (typeof value !== "object") return JSON.stringify(value);
  const members = value.flatMap(([key, member]) =>
    member === undefined ? [] : [`${asciiString(key)}:${asciiJson(member)}`],
  );
  return `{${members.join(",")}}`;
}

function asciiString(text: string): string {
  // `JSON.stringify` escapes control characters and lone surrogates; DEL and everything above is left to us.
  return JSON.stringify(text).replace(
    /[\u007f-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
