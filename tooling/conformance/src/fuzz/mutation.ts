import type { Dice } from "./dice.ts";
import type { DraftBundle, DraftEvent } from "./draft-bundle.ts";
import { isObject } from "./json-text.ts";
import type { Json } from "./json-text.ts";

/**
 * One kind of damage. `pool` holds items of other bundles. Gives what it did, or `undefined` when the bundle offers no
 * place for it.
 */
export type Mutation = (
  bundle: DraftBundle,
  dice: Dice,
  pool: readonly Json[],
) => string | undefined;

/** The `type` of an event; empty when it has none any more. */
export function typeOf(event: DraftEvent): string {
  const type = isObject(event.payload) ? event.payload["type"] : undefined;
  return typeof type === "string" ? type : "";
}
