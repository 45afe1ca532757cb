// Every line here is public API: adding one needs a changeset.
export { createThread } from "./thread.ts";
export {
  MAX_METADATA_HEADER_BYTES,
  compactRequestHeaders,
  compatibilityHeaders,
  flatClientMetadata,
  httpRequestHeaders,
  turnMetadataBlob,
  webSocketClientMetadata,
  webSocketHandshakeHeaders,
} from "./metadata/projections.ts";
export { isReservedMetadataKey } from "./metadata/reserved-keys.ts";
export { createResponsesMetadata } from "./metadata/responses-metadata.ts";
export { subagentHeaders } from "./metadata/subagent.ts";

export type { HeaderList, RequestHeaderFacts } from "./metadata/projections.ts";
export type {
  CodexResponsesMetadata,
  CompactionDetails,
  RequestKind,
  ResponsesMetadataInit,
  WorkspaceFacts,
} from "./metadata/responses-metadata.ts";
export type {
  ApprovalPolicy,
  CodexThread,
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
