import { isJsonObject } from "@codex-ts/protocol";
import type { JsonValue } from "@codex-ts/protocol";

/** A name of an enumeration, which the original also reads as the one key of an object: `{"completed":null}`. */
export function unitVariant(value: JsonValue | undefined): JsonValue | undefined {
  if (!isJsonObject(value)) return value;
  const [name, ...others] = Object.keys(value);
  return name !== undefined && others.length === 0 && value[name] === null ? name : value;
}
