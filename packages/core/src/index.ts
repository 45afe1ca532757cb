// Every line here is public API: adding one needs a changeset.
export { createThread } from "./thread.ts";

export type {
  ApprovalPolicy,
  CodexThread,
  ErrorPolicy,
  SandboxMode,
  ThreadOptions,
  ThreadTraceOptions,
  TurnOptions,
  TurnStream,
} from "./thread-options.ts";
export type {
  InferenceIdentity,
  InferenceSummary,
  TurnEvent,
  TurnFailure,
  TurnItem,
} from "./turn-event.ts";
