// The part of the package that writes bundles, for programs that record and never read. Every line is public API.
export { TraceError, TraceWriteError } from "../errors.ts";
export { nodeFileSystem } from "../writer/node-file-system.ts";
export { TraceWriter } from "../writer/trace-writer.ts";
export { CodeCellTrace } from "./code-cell.ts";
export { CompactionAttempt, CompactionTraceContext } from "./compaction.ts";
export {
  DROPPED_STREAM_REASON,
  INFERENCE_CALL_ID_HEADER,
  InferenceAttempt,
  InferenceTraceContext,
} from "./inference.ts";
export { MCP_CALL_ID_META_KEY, McpCallTrace } from "./mcp.ts";
export { ThreadTrace } from "./thread.ts";
export { ToolDispatchTrace } from "./tool-dispatch.ts";
export { WireRecorder } from "../wire/recorder/wire-recorder.ts";

export type { PayloadKind, PayloadReference } from "../format/payload.ts";
export type {
  CellStatus,
  ExecutionStatus,
  RawTraceEvent,
  RawTraceEventPayload,
  RolloutStatus,
  TraceSchemaVersion,
} from "../format/raw-event.ts";
export type { TraceFileSystem, TraceLogFile } from "../writer/file-system.ts";
export type { AssembledText } from "../writer/payload-store.ts";
export type { TraceLimits } from "../writer/shards/shard-store.ts";
export type {
  TraceEventContext,
  TraceWriterOptions,
  TraceWriterState,
} from "../writer/trace-writer.ts";
export type { AgentResult } from "./agent-result.ts";
export type { CodeCellResponse, CodeCellStart } from "./code-cell.ts";
export type { CollabToolEvent } from "./collab-event.ts";
export type { CompactionCheckpoint, CompactionTraceOptions } from "./compaction.ts";
export type { AcceptedHistoryItem } from "./history.ts";
export type {
  InferenceCancellation,
  InferenceCompletion,
  InferenceFailure,
  InferenceStartOptions,
  InferenceTraceOptions,
} from "./inference.ts";
export type { TraceProtocolEvent } from "./protocol-event.ts";
export type { PreparedPrompt, RecordedRequest, RequestDetails } from "./recorded-request.ts";
export type { ToolRuntimeEvent } from "./runtime-event.ts";
export type { StartRootTraceOptions } from "./thread.ts";
export type { ThreadTraceMetadata } from "./thread-metadata.ts";
export type { ToolDispatchResult } from "./tool-dispatch.ts";
export type { ToolInvocation, ToolInvocationPayload } from "./tool-invocation.ts";
export type {
  WireAuthRecovery,
  WireCall,
  WireObserver,
  WireRetry,
  WireSwitch,
} from "../wire/recorder/wire-recorder.ts";
