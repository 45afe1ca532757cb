import type { CompactionDetails } from "../metadata/metadata-snapshot.ts";
import type { ModelInfo, ResponseItem } from "@codex-ts/protocol";
import type { ContentKind } from "../history/content-provenance.ts";

/** How a thread compacts its history. */
export interface CompactionFacts {
  /** Of providers that compact a history themselves; the others get a prompt. */
  readonly remote: "v1" | "v2";
  /** The text a model reads where the server does not help. */
  readonly prompt: string;
}

/** One compaction that is due, and why. */
export interface DueCompaction extends Omit<CompactionDetails, "implementation" | "strategy"> {
  /** Who makes it: the model of the turn, or that of the turn before where this one cannot read its history. */
  readonly model: ModelInfo;
  readonly reasoningEffort: string | undefined;
}

/** The result of a compaction, to be put in the place of the past. */
export interface CompactedPast {
  readonly items: readonly CompactedItem[];
  /** Prefix and summary of a local compaction, `""` of a remote one. */
  readonly message: string;
  /** Of the response that compacted. */
  readonly responseId: string | undefined;
}

/** An item of the new history. */
export interface CompactedItem {
  readonly item: ResponseItem;
  /** Of a message that is made here and has no identity yet: what its parts are. */
  readonly contentKinds?: readonly ContentKind[];
}
