import { isJsonObject } from "@codex-ts/protocol";
import type { JsonObject } from "@codex-ts/protocol";
import type { EventPayload } from "../format/raw-event.ts";
import type { ReducerContext } from "./context.ts";

/**
 * Notifies an observer of why a turn failed, which no state keeps. The event at the end of a turn names the turn and, since
 * Codex 0.169, the failure; before that the failure is only in an event of its own just ahead of it.
 */
export function observeTurnFailure(
  context: ReducerContext,
  { event_type: type, event_payload: reference }: EventPayload<"protocol_event_observed">,
): void {
  const observer = context.observer?.contents;
  if (observer?.turnFailure === undefined) return;
  if (type !== "error" && type !== "turn_complete") return;
  const event = context.payload(reference).peek();
  if (event === undefined || !isJsonObject(event)) return;
  if (type === "error") {
    context.lastError = messageOf(event);
    return;
  }
  const { turn_id: turnId, error, last_agent_message: answer } = event;
  const earlier = answer === null ? context.lastError : undefined;
  context.lastError = undefined;
  const message = isJsonObject(error) ? messageOf(error) : earlier;
  if (typeof turnId === "string" && message !== undefined)
    observer.turnFailure({ turnId, message });
}

function messageOf({ message }: JsonObject): string | undefined {
  return typeof message === "string" && message !== "" ? message : undefined;
}
