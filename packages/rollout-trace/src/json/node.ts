import type { JsonValue } from "@codex-ts/protocol";

/**
 * JSON without losses: what `JSON.parse` forgets and summaries need. Objects keep their key order (also of keys that
 * look like integers; a repeated key keeps its first position and its last value), numbers keep their digits.
 */
export type JsonNode = string | boolean | null | JsonNumber | JsonNode[] | Map<string, JsonNode>;

/** A number as it was written, in the form in which it is printed again: `1e3` becomes `1e+3`, `-0` becomes `0`, nothing else changes. */
export class JsonNumber {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/**
 * The nodes of an already parsed value; order and number text are as far as `JSON.parse` kept them. What lies deeper than
 * `levels` becomes null, so that nothing that walks the nodes can run out of stack.
 */
export function toJsonNode(value: JsonValue, levels: number): JsonNode {
  if (typeof value === "number") return new JsonNumber(String(value));
  if (typeof value !== "object" || value === null) return value;
  if (levels === 0) return null;
  if (Array.isArray(value))
    return (value as readonly JsonValue[]).map((element) => toJsonNode(element, levels - 1));
  return new Map(
    Object.entries(value).flatMap(([key, member]) =>
      member === undefined ? [] : [[key, toJsonNode(member, levels - 1)] as const],
    ),
  );
}
