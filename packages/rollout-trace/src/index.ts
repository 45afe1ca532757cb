// Every line here is public API: adding one needs a changeset.
export { EVENT_LOG_FILE, MANIFEST_FILE, PAYLOADS_DIRECTORY, REDUCED_STATE_FILE } from "./bundle.ts";

export type { TraceManifest } from "./bundle.ts";
export type { PayloadKind, PayloadReference } from "./payload.ts";
export type {
  CellStatus,
  ExecutionStatus,
  RawRequester,
  RawTraceEvent,
  RawTraceEventPayload,
  RolloutStatus,
  ToolCallKind,
  ToolCallSummary,
  TraceSchemaVersion,
} from "./raw-event.ts";
