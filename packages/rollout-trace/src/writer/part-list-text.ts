import type { PayloadReference } from "../format/payload.ts";

/**
 * Lists of parts as they were printed before. Each request names all parts of the one before and a few more, and the
 * list is printed with each.
 */
const texts = new WeakMap<readonly PayloadReference[], string>();

/** The JSON of references in a row, without the brackets of their list. */
export function partsText(parts: readonly PayloadReference[]): string {
  return texts.get(parts) ?? parts.map((part) => referenceText(part)).join(",");
}

/** The list with some more parts, printed for what is new in it. */
export function withParts(
  known: readonly PayloadReference[],
  more: readonly PayloadReference[],
): readonly PayloadReference[] {
  if (more.length === 0) return known;
  const parts = [...known, ...more];
  const separator = known.length === 0 ? "" : ",";
  texts.set(parts, `${partsText(known)}${separator}${partsText(more)}`);
  return parts;
}

const referenceTexts = new WeakMap<PayloadReference, string>();

function referenceText(reference: PayloadReference): string {
  const known = referenceTexts.get(reference);
  if (known !== undefined) return known;
  const text = JSON.stringify(reference);
  referenceTexts.set(reference, text);
  return text;
}
