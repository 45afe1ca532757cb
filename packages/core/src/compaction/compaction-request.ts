import type { CompactionTraceContext } from "@codex-ts/rollout-trace/recorder";
import type { Prompt } from "../client/request-builder.ts";
import type { CodexResponsesMetadata } from "../metadata/metadata-snapshot.ts";

/** One compaction: what is compacted, under which metadata, and where it is recorded. */
export interface CompactionRequestOptions {
  readonly prompt: Prompt;
  /** Of kind `compaction`. */
  readonly metadata: CodexResponsesMetadata;
  /** Default: not recorded. */
  readonly trace?: CompactionTraceContext | undefined;
  readonly signal?: AbortSignal | undefined;
}
