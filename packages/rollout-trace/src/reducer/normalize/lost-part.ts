import { isJsonObject } from "@codex-ts/protocol";
import type { JsonValue } from "@codex-ts/protocol";
import { UNAVAILABLE_MEMBER } from "../../reader/shards/assembled-payloads.ts";

/** The id of the part that a value stands for because it was not recorded; `undefined` for a value that is itself. */
export function lostPartOf(
  value: JsonValue | undefined,
  lostParts: ReadonlySet<string>,
): string | undefined {
  if (lostParts.size === 0 || !isJsonObject(value)) return undefined;
  const id = value[UNAVAILABLE_MEMBER];
  const isStandIn = typeof id === "string" && lostParts.has(id) && Object.keys(value).length === 1;
  return isStandIn ? id : undefined;
}
