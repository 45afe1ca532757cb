import type { JsonObject } from "@codex-ts/protocol";
import { JsonNumber } from "../../json/node.ts";
import type { JsonNode } from "../../json/node.ts";
import type { TokenUsageCounters } from "../../model/runtime.ts";
import { isWrittenInteger } from "../../reader/written-integer.ts";
import type { SchemaRules } from "../../schema/schema-rules.ts";

const USAGE_NAME = '"token_usage"';
/**
 * The usage object of a response, when it is written plainly: no fraction, no exponent, no number that may not fit. Few
 * members, too: a million would overflow the stack of the search.
 */
const PLAIN_USAGE =
  /"token_usage"\s*:\s*\{\s*(?:"\w+"\s*:\s*(?:-?\d{1,15}|null)\s*(?:,\s*|(?=\}))){0,64}\}/y;

/** Whether some counter may be written in another way; text elsewhere that looks like it is no matter. */
function mayHoldOddNumbers(payloadText: string): boolean {
  const at = payloadText.indexOf(USAGE_NAME);
  if (at === -1 || payloadText.includes(USAGE_NAME, at + 1)) return true;
  PLAIN_USAGE.lastIndex = at;
  return !PLAIN_USAGE.test(payloadText);
}

/**
 * The counters of a response, or `null` unless all four old ones are written as integers. Negative ones become 0.
 */
export function readUsage(
  usage: JsonObject,
  exactPayload: () => JsonNode,
  payloadText: string,
  rules: SchemaRules["inference"],
): TokenUsageCounters | null {
  // `1.0` is no integer to Codex; JSON.parse can not tell, so look at the text when it may matter.
  const exact = mayHoldOddNumbers(payloadText) ? exactUsage(exactPayload()) : undefined;
  const counter = (name: string): number | undefined => {
    const value = usage[name];
    if (typeof value !== "number" || !Number.isInteger(value)) return undefined;
    const written = exact?.get(name);
    if (written instanceof JsonNumber && !isWrittenInteger(written.text, "i64")) return undefined;
    return Math.max(value, 0);
  };
  const input = counter("input_tokens");
  const cached = counter("cached_input_tokens");
  const output = counter("output_tokens");
  const reasoning = counter("reasoning_output_tokens");
  if (input === undefined || cached === undefined) return null;
  if (output === undefined || reasoning === undefined) return null;
  const inputs = { input_tokens: input, cached_input_tokens: cached };
  const counted = rules.countsCacheWrites
    ? { ...inputs, cache_write_input_tokens: counter("cache_write_input_tokens") ?? 0 }
    : inputs;
  return { ...counted, output_tokens: output, reasoning_output_tokens: reasoning };
}

function exactUsage(payload: JsonNode): Map<string, JsonNode> | undefined {
  const usage = payload instanceof Map ? payload.get("token_usage") : undefined;
  return usage instanceof Map ? usage : undefined;
}
