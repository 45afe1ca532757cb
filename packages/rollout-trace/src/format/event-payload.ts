import type { RawTraceEventPayload } from "./raw-event.ts";

/** The body of one event type. */
export type EventPayload<Type extends RawTraceEventPayload["type"]> = Extract<
  RawTraceEventPayload,
  { readonly type: Type }
>;
