import type { EventMsg, JsonObject, OtherEvent } from "@codex-ts/protocol";

/** A session event of a known kind. Members are recorded as they are, in their order. */
export type TraceProtocolEvent = Exclude<EventMsg, OtherEvent>;

/** Wire names of two events by the names the trace has for them; the payload keeps the wire's. */
const WIRE_NAMES: ReadonlyMap<string, string> = new Map([
  ["turn_started", "task_started"],
  ["turn_complete", "task_complete"],
]);

const TRACE_NAMES: ReadonlyMap<string, string> = new Map(
  [...WIRE_NAMES].map(([trace, wire]) => [wire, trace]),
);

/** Events that are worth a record; deltas and items are in the inference payloads. */
const RECORDED: ReadonlySet<string> = new Set([
  "session_configured",
  "turn_started",
  "turn_complete",
  "turn_aborted",
  "thread_rolled_back",
  "error",
  "warning",
  "shutdown_complete",
]);

/** Name and body of the record of an event; `undefined` for events that are not recorded. */
export function toProtocolRecord(
  event: TraceProtocolEvent,
): { readonly eventType: string; readonly body: JsonObject } | undefined {
  const eventType = TRACE_NAMES.get(event.type) ?? event.type;
  if (!RECORDED.has(eventType)) return undefined;
  return {
    eventType,
    body: {
      ...(event as unknown as JsonObject),
      type: WIRE_NAMES.get(eventType) ?? eventType,
    },
  };
}
