import type { JsonValue, ResponseEvent, TokenUsage } from "@codex-ts/protocol";
import { isJsonObject, readResponseUsage } from "@codex-ts/protocol";

type Completed = Extract<ResponseEvent, { type: "completed" }>;

/**
 * The `completed` event of a `response.completed`, or why its `response` does not fit.
 * Source: docs/behavior/api.md 7.3.
 */
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
  return readResponseUsage(usage) ?? usageProblem(usage);
}

function usageProblem(usage: JsonValue): string {
  if (!isJsonObject(usage)) return "usage is not an object";
  for (const name of ["input_tokens", "output_tokens", "total_tokens"]) {
    const value = usage[name];
    if (!Number.isInteger(value)) return memberProblem(`usage.${name}`, value, "an integer");
  }
  return "the details of usage are not integers";
}

function memberProblem(name: string, value: JsonValue | undefined, expected: string): string {
  return value === undefined ? `missing field ${name}` : `${name} is not ${expected}`;
}
