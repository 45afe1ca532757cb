import type { CompactionItem, ResponseItem } from "@codex-ts/protocol";
import type { InferenceObserver } from "../attempt/inference-observer.ts";
import type { Prompt } from "../client/request-builder.ts";
import type { SamplingRequest } from "../client/sampling-request.ts";
import type {
  CodexResponsesMetadata,
  CompactionImplementation,
  CompactionKind,
} from "../metadata/metadata-snapshot.ts";

/** Records the requests of one compaction, as a `CompactionTraceContext` does. */
export interface CompactionRecorder {
  startAttempt(request: object): CompactionEndRecorder;
}

/** Records how a request of a compaction ended. */
export interface CompactionEndRecorder {
  /** Id of the request in the trace. */
  readonly compactionRequestId?: string | undefined;
  recordCompleted(end: { readonly outputItems: readonly ResponseItem[] }): void;
  recordFailed(end: { readonly error: string }): void;
}

/** One compaction: what is compacted, under which metadata, and where it is recorded. */
export interface CompactionRequestOptions<
  Implementation extends CompactionImplementation = CompactionImplementation,
> {
  readonly prompt: Prompt;
  /** It says of itself how the compaction is made. */
  readonly metadata: CodexResponsesMetadata<CompactionKind<Implementation>>;
  /** Overrides of the client's settings. */
  readonly settings?: SamplingRequest["settings"];
  /** Of remote compaction v2. Default: none is notified. */
  readonly observer?: InferenceObserver | undefined;
  /** Default: not recorded. */
  readonly trace?: CompactionRecorder | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Which response a compaction came with. */
interface CompactionSource {
  /** `x-request-id` of the response; `undefined` when it had none, as over WebSocket. */
  readonly upstreamRequestId: string | undefined;
}

/** Result of remote compaction v1. */
export interface CompactedHistory extends CompactionSource {
  /** Items that replace the input. */
  readonly items: readonly ResponseItem[];
}

/** Result of remote compaction v2. */
export interface CompactionResponse extends CompactionSource {
  /** The item that replaces the history. */
  readonly item: CompactionItem;
  /** The Responses API's `response.id`; never the upstream request id. */
  readonly responseId: string;
}
