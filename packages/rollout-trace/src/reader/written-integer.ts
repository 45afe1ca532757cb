import type { JsonObject } from "@codex-ts/protocol";
import { JsonNumber } from "../json/node.ts";
import type { JsonNode } from "../json/node.ts";
import { ShapeError } from "./event-shape.ts";

type IntegerType = "u32" | "u64" | "i64";

const RANGES: { readonly [type in IntegerType]: readonly [least: bigint, greatest: bigint] } = {
  u32: [0n, 2n ** 32n - 1n],
  u64: [0n, 2n ** 64n - 1n],
  i64: [-(2n ** 63n), 2n ** 63n - 1n],
};

/** Whether the text of a number is that of an integer of this type; `1.0` and `1e3` are not. */
export function isWrittenInteger(text: string, type: IntegerType): boolean {
  if (!/^-?\d+$/.test(text)) return false;
  const [least, greatest] = RANGES[type];
  const number = BigInt(text);
  return least <= number && number <= greatest;
}

/**
 * Throws {@link ShapeError} unless the members, as far as they are numbers, are written as integers of their types.
 * `node` and `value` are the same object, exact and parsed.
 */
export function requireIntegers(
  node: JsonNode,
  value: JsonObject,
  types: { readonly [name: string]: IntegerType },
): void {
  for (const [name, type] of Object.entries(types)) {
    const number = node instanceof Map ? node.get(name) : undefined;
    // Codex reads `-0` as a fraction here; the node no longer shows it.
    const isFraction = Object.is(value[name], -0);
    if (number instanceof JsonNumber && (isFraction || !isWrittenInteger(number.text, type)))
      throw new ShapeError(`member ${name} is not written as an integer that fits`);
  }
}
