import type { JsonValue, ResponseEvent } from "@codex-ts/protocol";
import { isJsonObject, readResponseUsage } from "@codex-ts/protocol";

type Completed = Extract<ResponseEvent, { type: "completed" }>;

/**
 * The `completed` event of a `response.completed`, or why its `response` does not fit. Only a missing id makes it
 * unfit: unlike in Codex, unreadable token counts do not make a whole response fail.
 * Source: docs/behavior/api.md 7.3.
 */
export function readCompleted(
  response: JsonValue,
): { readonly event: Completed } | { readonly problem: string } {
  if (!isJsonObject(response)) return { problem: "response is not an object" };
  const { id, usage, end_turn: endTurn } = response;
  if (typeof id !== "string") {
    return { problem: id === undefined ? "missing field id" : "id is not a string" };
  }
  return {
    event: {
      type: "completed",
      responseId: id,
      tokenUsage: readResponseUsage(usage) ?? null,
      endTurn: typeof endTurn === "boolean" ? endTurn : null,
    },
  };
}
