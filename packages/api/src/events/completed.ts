import type { JsonValue, ResponseEvent, TokenUsage } from "@codex-ts/protocol";
import { isJsonObject } from "@codex-ts/protocol";

type Completed = Extract<ResponseEvent, { type: "completed" }>;

/** The `completed` event of a `response.completed`, or why its `response` does not fit. Source: api.md 7.3. */
export function readCompleted(
  response: JsonValue,
): { readonly event: Completed } | { readonly problem: string } {
  if (!isJsonObject(response)) return { problem: "response is not an object" };
  const { id, usage, end_turn: endTurn } = response;
  if (typeof id !== "string") return { problem: memberProblem("id", id, "a string") };
  if (endTurn !== undefined && endTurn !== null && typeof endTurn !== "boolean") {
    return { problem: memberProblem("end_turn", endTurn, "a boolean") };
  }
  const tokenUsage = readUsage(usage);
  if (typeof tokenUsage === "string") return { problem: tokenUsage };
  return { event: { type: "completed", responseId: id, tokenUsage, endTurn: endTurn ?? null } };
}

/** The usage, `null` when there is none, or the text of what is wrong with it. */
function readUsage(usage: JsonValue | undefined): TokenUsage | null | string {
  if (usage === undefined || usage === null) return null;
  if (!isJsonObject(usage)) return "usage is not an object";
  const { input_tokens: input, output_tokens: output, total_tokens: total } = usage;
  if (!isCount(input)) return memberProblem("usage.input_tokens", input, "an integer");
  if (!isCount(output)) return memberProblem("usage.output_tokens", output, "an integer");
  if (!isCount(total)) return memberProblem("usage.total_tokens", total, "an integer");
  const cached = readDetail(usage["input_tokens_details"], "cached_tokens");
  if (typeof cached === "string") return cached;
  const cacheWrite = readDetail(usage["input_tokens_details"], "cache_write_tokens");
  if (typeof cacheWrite === "string") return cacheWrite;
  const reasoning = readDetail(usage["output_tokens_details"], "reasoning_tokens");
  if (typeof reasoning === "string") return reasoning;
  return {
    input_tokens: input,
    cached_input_tokens: cached ?? 0,
    ...(cacheWrite === undefined ? {} : { cache_write_input_tokens: cacheWrite }),
    output_tokens: output,
    reasoning_output_tokens: reasoning ?? 0,
    total_tokens: total,
  };
}

/** A count inside a details object, `undefined` when there is none, or the text of what is wrong with it. */
function readDetail(details: JsonValue | undefined, member: string): number | undefined | string {
  if (details === undefined || details === null) return undefined;
  if (!isJsonObject(details)) return "usage details are not an object";
  const value = details[member];
  if (isCount(value)) return value;
  if (value === undefined || value === null) return undefined;
  return memberProblem(`usage details ${member}`, value, "an integer");
}

function isCount(value: JsonValue | undefined): value is number {
  return Number.isInteger(value);
}

function memberProblem(name: string, value: JsonValue | undefined, expected: string): string {
  return value === undefined ? `missing field ${name}` : `${name} is not ${expected}`;
}
