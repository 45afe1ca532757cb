import type { JsonValue } from "@codex-ts/protocol";
import { JsonNumber } from "../json/node.ts";
import type { JsonNode } from "../json/node.ts";
import { parseExactJson } from "../json/parse-exact.ts";
import { ShapeError } from "./event-shape.ts";
import { EVENT_MEMBER_NAMES } from "./parse-event.ts";

const INTEGERS = ["schema_version", "seq", "wall_time_unix_ms"] as const;

/**
 * What the original refuses in a line and `JSON.parse` does not show: a known member twice, and a whole number written
 * as a fraction. Throws {@link ShapeError}. Recorders write neither, so nearly every line is told by printing it again.
 */
export function checkLineText(text: string, value: JsonValue): void {
  if (JSON.stringify(value) !== text.trim()) checkExactly(text);
}

function checkExactly(text: string): void {
  const node = parseExactJson(text, {
    onRepeatedName(name) {
      if (EVENT_MEMBER_NAMES.has(name)) throw new ShapeError(`member ${name} comes twice`);
    },
  });
  for (const name of INTEGERS) {
    const number = memberOf(node, name);
    if (number instanceof JsonNumber && !/^-?\d+$/.test(number.text))
      throw new ShapeError(`member ${name} is not written as an integer`);
  }
}

function memberOf(node: JsonNode, name: string): JsonNode | undefined {
  return node instanceof Map ? node.get(name) : undefined;
}
