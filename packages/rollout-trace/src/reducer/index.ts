// The part of the package that runs anywhere: nothing here imports from Node. Every line is public API.
export { memoryBundle } from "../reader/memory-source.ts";
export { TraceReadError } from "../reader/problem.ts";
export { reduceBundle } from "./reduce-with.ts";
export { TraceReducer } from "./trace-reducer.ts";

export type {
  AgentMessageAddress,
  ConversationChannel,
  ConversationItem,
  ConversationItemKind,
  ConversationPart,
  ConversationProducer,
  ConversationRole,
} from "../model/conversation.ts";
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
} from "../model/runtime.ts";
export type { AgentOrigin, AgentThread, CodexTurn, ExecutionWindow } from "../model/session.ts";
export type { ReducedTrace } from "../model/trace.ts";
export type { BundleFiles } from "../reader/memory-source.ts";
export type { TraceDiagnostic, TraceProblemCode, TraceProblemFacts } from "../reader/problem.ts";
export type { ZstdDecoder, ZstdFrameDecoder } from "../reader/shards/zstd-decoder.ts";
export type { BundleSource } from "../reader/source.ts";
export type {
  ContentObserver,
  JsonText,
  ObservedRequest,
  ObservedResponse,
} from "./content-observer.ts";
export type { TraceReadMode } from "./context.ts";
export type { ReducedBundle } from "./reduce-with.ts";
export type { ReduceBundleOptions } from "./replay/replay-bundle.ts";
export type { PayloadReader, RecordReference, TraceReducerOptions } from "./trace-reducer.ts";
