/** Longest text of a record, in bytes of UTF-8. */
const MAX_TEXT_BYTES = 2048;
const MARK = "…";

/** A text of at most so many bytes of UTF-8, cut between two characters with `…` behind it. */
export function boundedText(text: string, maxBytes: number = MAX_TEXT_BYTES): string {
  // No character takes more than three bytes for each of its units.
  if (text.length * 3 <= maxBytes) return text.toWellFormed();
  const whole = text.slice(0, maxBytes + 1).toWellFormed();
  if (whole.length === text.length && Buffer.byteLength(whole) <= maxBytes) return whole;
  const room = maxBytes - Buffer.byteLength(MARK);
  const { read } = new TextEncoder().encodeInto(whole, new Uint8Array(room));
  return `${whole.slice(0, read)}${MARK}`;
}

/** A value with each of its texts bounded. */
export function boundedTexts<Value>(value: Value, maxBytes: number = MAX_TEXT_BYTES): Value {
  if (typeof value === "string") return boundedText(value, maxBytes) as Value;
  if (Array.isArray(value)) {
    return value.map((member: unknown) => boundedTexts(member, maxBytes)) as Value;
  }
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [
      name,
      boundedTexts(member as unknown, maxBytes),
    ]),
  ) as Value;
}
