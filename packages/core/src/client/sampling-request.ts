import type { InferenceTraceContext } from "@codex-ts/rollout-trace/recorder";
import type { InferenceObserver } from "../attempt/inference-observer.ts";
import type { CodexResponsesMetadata } from "../metadata/metadata-snapshot.ts";
import type { Prompt, RequestSettings } from "./request-builder.ts";

/** One sampling request. */
export interface SamplingRequest {
  readonly prompt: Prompt;
  readonly metadata: CodexResponsesMetadata;
  /** Overrides of the client's settings. */
  readonly settings?:
    | Partial<
        Pick<RequestSettings, "model" | "reasoningEffort" | "reasoningSummary" | "serviceTier">
      >
    | undefined;
  /** Makes one attempt per concrete request. Default: the request is not recorded. */
  readonly trace?: InferenceTraceContext | undefined;
  /** Id in the trace, when it serves a compaction that is recorded. */
  readonly compactionRequestId?: string | undefined;
  /** Default: none is notified. */
  readonly observer?: InferenceObserver | undefined;
  readonly signal: AbortSignal;
}
