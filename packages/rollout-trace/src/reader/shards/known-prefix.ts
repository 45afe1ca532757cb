import type { PayloadReference } from "../../format/payload.ts";

/** Lists of parts of which the first so many were seen before, in this very order and as these very objects. */
const known = new WeakMap<readonly PayloadReference[], number>();

export function markKnownPrefix(parts: readonly PayloadReference[], count: number): void {
  known.set(parts, count);
}

/** How many of the first parts need not be looked at again. */
export function knownPrefixOf(parts: readonly PayloadReference[]): number {
  return known.get(parts) ?? 0;
}
