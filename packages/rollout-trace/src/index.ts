// Every line here is public API: adding one needs a changeset.
export {
  EVENT_LOG_FILE,
  MANIFEST_FILE,
  PAYLOADS_DIRECTORY,
  REDUCED_STATE_FILE,
} from "./format/bundle.ts";
export { StateWriteError, TraceError, TraceWriteError } from "./errors.ts";
export { followBundle } from "./follow-bundle.ts";
export { openBundle } from "./reader/file-source.ts";
export { memoryBundle } from "./reader/memory-source.ts";
export { TraceReadError } from "./reader/problem.ts";
export { CodeCellTrace } from "./recorder/code-cell.ts";
export { CompactionAttempt, CompactionTraceContext } from "./recorder/compaction.ts";
export {
  DROPPED_STREAM_REASON,
  INFERENCE_CALL_ID_HEADER,
  InferenceAttempt,
  InferenceTraceContext,
} from "./recorder/inference.ts";
export { MCP_CALL_ID_META_KEY, McpCallTrace } from "./recorder/mcp.ts";
export { ThreadTrace } from "./recorder/thread.ts";
export { ToolDispatchTrace } from "./recorder/tool-dispatch.ts";
export { WireRecorder } from "./wire/recorder/wire-recorder.ts";
export { readContents } from "./read-contents.ts";
export { reduceBundle } from "./reduce-bundle.ts";
export { reduceBundleFile } from "./reduce-bundle-file.ts";
export { TraceReducer } from "./reducer/trace-reducer.ts";
export { nodeFileSystem } from "./writer/node-file-system.ts";
export { writeReducedState } from "./state-file/write-reduced-state.ts";
export { TraceWriter } from "./writer/trace-writer.ts";

export type { TraceManifest } from "./format/bundle.ts";
export type { FollowBundleOptions, TraceUpdate } from "./follow-bundle.ts";
export type {
  AgentMessageAddress,
  ConversationChannel,
  ConversationItem,
  ConversationItemKind,
  ConversationPart,
  ConversationProducer,
  ConversationRole,
} from "./model/conversation.ts";
export type {
  CodeCell,
  Compaction,
  CompactionRequest,
  InferenceCall,
  InteractionAnchor,
  InteractionEdge,
  InteractionKind,
  TerminalObservation,
  TerminalOperation,
  TerminalRequest,
  TerminalResult,
  TerminalSession,
  TokenUsageCounters,
  ToolCall,
  ToolCallRequester,
} from "./model/runtime.ts";
export type {
  AgentOrigin,
  AgentThread,
  CodexTurn,
  ExecutionWindow,
  RecordingStatus,
} from "./model/session.ts";
export type { ReducedTrace } from "./model/trace.ts";
export type {
  PartialCapture,
  PayloadKind,
  PayloadReference,
  ShardedPayloadKind,
} from "./format/payload.ts";
export type {
  CellStatus,
  ExecutionStatus,
  RawRequester,
  RawTraceEvent,
  RawTraceEventPayload,
  RolloutStatus,
  StrippedOutputId,
  ToolCallKind,
  ToolCallSummary,
  TraceSchemaVersion,
} from "./format/raw-event.ts";
export type { BundleFiles } from "./reader/memory-source.ts";
export type { TraceDiagnostic, TraceProblemCode, TraceProblemFacts } from "./reader/problem.ts";
export type { ZstdDecoder, ZstdFrameDecoder } from "./reader/shards/zstd-decoder.ts";
export type { BundleSource } from "./reader/source.ts";
export type { AgentResult } from "./recorder/agent-result.ts";
export type { CodeCellResponse, CodeCellStart } from "./recorder/code-cell.ts";
export type { CollabToolEvent } from "./recorder/collab-event.ts";
export type { CompactionCheckpoint, CompactionTraceOptions } from "./recorder/compaction.ts";
export type { AcceptedHistoryItem } from "./recorder/history.ts";
export type {
  InferenceCancellation,
  InferenceCompletion,
  InferenceFailure,
  InferenceStartOptions,
  InferenceTraceOptions,
} from "./recorder/inference.ts";
export type { TraceProtocolEvent } from "./recorder/protocol-event.ts";
export type {
  PreparedPrompt,
  RecordedRequest,
  RequestDetails,
} from "./recorder/recorded-request.ts";
export type { ToolRuntimeEvent } from "./recorder/runtime-event.ts";
export type { StartRootTraceOptions } from "./recorder/thread.ts";
export type { ThreadTraceMetadata } from "./recorder/thread-metadata.ts";
export type { ToolDispatchResult } from "./recorder/tool-dispatch.ts";
export type { ToolInvocation, ToolInvocationPayload } from "./recorder/tool-invocation.ts";
export type { ReduceBundleFileOptions, ReducedBundleFile } from "./reduce-bundle-file.ts";
export type { TraceReadMode } from "./reducer/context.ts";
export type {
  ContentObserver,
  JsonText,
  ObservedRequest,
  ObservedResponse,
} from "./reducer/content-observer.ts";
export type { ReducedBundle } from "./reducer/reduce-with.ts";
export type { ReduceBundleOptions } from "./reducer/replay/replay-bundle.ts";
export type {
  PayloadReader,
  RecordReference,
  TraceReducerOptions,
} from "./reducer/trace-reducer.ts";
export type { InputList, RequestContents, TextId, TraceContents } from "./requests/contents.ts";
export type { TraceFileSystem, TraceLogFile } from "./writer/file-system.ts";
export type { AssembledText } from "./writer/payload-store.ts";
export type { TraceLimits } from "./writer/shards/shard-store.ts";
export type {
  TraceEventContext,
  TraceWriterOptions,
  TraceWriterState,
} from "./writer/trace-writer.ts";
export type {
  WireAuthRecovery,
  WireCall,
  WireObserver,
  WireRetry,
  WireSwitch,
} from "./wire/recorder/wire-recorder.ts";
