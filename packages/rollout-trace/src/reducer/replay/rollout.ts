import type { ReducerContext } from "../context.ts";
import type { EventPayload } from "../../format/event-payload.ts";

/** A second start wins, as in the original. */
export function startRollout(
  context: ReducerContext,
  payload: EventPayload<"rollout_started">,
): void {
  context.header.trace_id = payload.trace_id;
  context.header.root_thread_id = payload.root_thread_id;
}

export function endRollout(context: ReducerContext, payload: EventPayload<"rollout_ended">): void {
  context.header.status = payload.status;
  context.header.ended_at_unix_ms = context.event.wall_time_unix_ms;
}
