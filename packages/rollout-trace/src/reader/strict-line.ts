import { isJsonObject } from "@codex-ts/protocol";
import type { JsonObject, JsonValue } from "@codex-ts/protocol";
import { JsonNumber } from "../json/node.ts";
import type { JsonNode } from "../json/node.ts";
import { parseExactJson } from "../json/parse-exact.ts";
import type { SchemaRules } from "../schema/schema-rules.ts";
import { ShapeError } from "./event-shape.ts";
import { ENVELOPE_MEMBER_NAMES, isReadMember } from "./parse-event.ts";
import { isWrittenInteger, requireIntegers } from "./written-integer.ts";

const INTEGERS = { schema_version: "u32", seq: "u64", wall_time_unix_ms: "i64" } as const;

/**
 * Checks a line for faults that Codex refuses and `JSON.parse` does not show: a member it reads twice, and a whole number
 * that is written as a fraction or does not fit. Throws {@link ShapeError}. Recorders write none of these, so nearly every
 * line is recognized by printing it again.
 */
export function checkLineText(text: string, value: JsonValue, rules: SchemaRules): void {
  if (!isJsonObject(value) || isPlain(value, text)) return;
  const payload = value["payload"];
  const type = isJsonObject(payload) ? payload["type"] : undefined;
  const node = parseExactJson(text, {
    isPassedOver: (name) => !ENVELOPE_MEMBER_NAMES.has(name),
    onRepeatedName(name, path) {
      if (isReadMember(name, path, typeof type === "string" ? type : "", rules))
        throw new ShapeError(`member ${name} comes twice`);
    },
  });
  requireIntegers(node, value, INTEGERS);
  if (rules.container === "shards" && node instanceof Map) requireCounts(node.get("payload"));
}

const COUNTS: ReadonlySet<string> = new Set(["shard", "original_bytes", "retained_bytes"]);

/** The same for the numbers of payload references, and for the positions in {@link STRIPPED}. */
function requireCounts(node: JsonNode | undefined, name = ""): void {
  if (Array.isArray(node)) for (const element of node) requireCounts(element, name);
  if (node instanceof Map) for (const [member, value] of node) requireCounts(value, member);
  if (!(node instanceof JsonNumber) || !(COUNTS.has(name) || name === STRIPPED)) return;
  if (!isWrittenInteger(node.text, "u64"))
    throw new ShapeError(`member ${name} is not written as an integer that fits`);
}

const STRIPPED = "stripped_tool_output_ids";

function isPlain(value: JsonObject, text: string): boolean {
  return (
    Object.keys(value).every((name) => ENVELOPE_MEMBER_NAMES.has(name)) &&
    Object.keys(INTEGERS).every((name) => Number.isSafeInteger(value[name])) &&
    JSON.stringify(value) === text.trim()
  );
}
