/** Ways a server may write a value it repeats. */
export const ENCODINGS: Readonly<Record<string, (value: string) => string>> = {
  plain: (value) => value,
  json: (value) =>
    Array.from(value)
      .map((character) => `\\u${codeOf(character, 4)}`)
      .join(""),
  "json, every third": (value) =>
    Array.from(value)
      .map((character, at) => (at % 3 === 0 ? `\\u${codeOf(character, 4)}` : character))
      .join(""),
  "json twice": (value) =>
    Array.from(value)
      .map((character) => `\\\\u${codeOf(character, 4)}`)
      .join(""),
  percent: (value) =>
    Array.from(value)
      .map((character) => `%${codeOf(character, 2)}`)
      .join(""),
  "percent twice": (value) =>
    Array.from(value)
      .map((character) => `%25${codeOf(character, 2)}`)
      .join(""),
  html: (value) =>
    Array.from(value)
      .map((character) => `&#${character.charCodeAt(0)};`)
      .join(""),
  "html, hexadecimal": (value) =>
    Array.from(value)
      .map((character) => `&#x${codeOf(character, 2)};`)
      .join(""),
  base64: (value) => Buffer.from(value).toString("base64"),
  "base64, second byte": (value) => Buffer.from(`.${value}.`).toString("base64"),
  "base64, third byte": (value) => Buffer.from(`..${value}..`).toString("base64url"),
  "base64 of json": (value) =>
    Buffer.from(`{"k":"${ENCODINGS["json"]?.(value) ?? ""}"}`).toString("base64"),
  hexadecimal: (value) => Buffer.from(value).toString("hex").toUpperCase(),
  "upper case": (value) => value.toUpperCase(),
  "octal, as short as it goes": (value) =>
    Array.from(value)
      .map((character) => `\\${character.charCodeAt(0).toString(8)}`)
      .join(""),
  "base64 in short lines": (value) =>
    Buffer.from(value).toString("base64").replaceAll(/.{10}/g, "$&\\r\\n"),
  "list of character codes": (value) =>
    Array.from(value, (character) => character.charCodeAt(0)).join(", "),
  reversed: (value) => Array.from(value).toReversed().join(""),
};

function codeOf(character: string, digits: number): string {
  return character.charCodeAt(0).toString(16).padStart(digits, "0");
}

/** Whether a text holds a mark: as it is, or in a form that can be turned back into it. */
export function holds(text: string, mark: string): boolean {
  const lower = text.toLowerCase();
  return Object.entries(ENCODINGS).some(([name, encode]) => {
    const form = encode(mark).toLowerCase();
    // The ends of Base64 depend on what stands beside the value.
    return lower.includes(name.startsWith("base64") ? form.slice(8, -8) : form);
  });
}
