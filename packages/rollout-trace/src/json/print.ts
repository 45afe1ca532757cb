import { compareUtf8 } from "./compare-utf8.ts";
import type { JsonNode } from "./node.ts";
import { JsonNumber } from "./node.ts";

/** Compact JSON in the order of the nodes; only `"`, `\` and control characters are escaped. */
export function printCompact(node: JsonNode): string {
  return print(node, false);
}

/** The same with the keys of every object sorted by their UTF-8 bytes. */
export function printSorted(node: JsonNode): string {
  return print(node, true);
}

function print(node: JsonNode, sorted: boolean): string {
  if (node instanceof JsonNumber) return node.text;
  if (Array.isArray(node)) return `[${node.map((element) => print(element, sorted)).join(",")}]`;
  if (!(node instanceof Map)) return JSON.stringify(node);
  const members = [...node];
  if (sorted) members.sort(([left], [right]) => compareUtf8(left, right));
  return `{${members.map(([key, value]) => `${JSON.stringify(key)}:${print(value, sorted)}`).join(",")}}`;
}
