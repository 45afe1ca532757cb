import { isJsonObject } from "@codex-ts/protocol";
import type { JsonValue } from "@codex-ts/protocol";

/**
 * A name of an enumeration, which Codex also reads as the one key of an object: `{"completed":null}`. `isUnit`
 * decides what may stand behind the key; default: `null`.
 */
export function unitVariant(
  value: JsonValue | undefined,
  isUnit: (held: JsonValue | undefined) => boolean = isNull,
): JsonValue | undefined {
  if (!isJsonObject(value)) return value;
  const [name, ...others] = Object.keys(value);
  return name !== undefined && others.length === 0 && isUnit(value[name]) ? name : value;
}

function isNull(held: JsonValue | undefined): boolean {
  return held === null;
}
