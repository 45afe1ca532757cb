import type { InferenceObserver } from "../attempt/inference-observer.ts";
import type { CompactionImplementation, CompactionKind } from "../metadata/metadata-snapshot.ts";
import { requestSettings } from "../turn/request-facts.ts";
import type { TurnContext } from "../turn/turn-context.ts";
import type { DueCompaction } from "./compaction-facts.ts";

/** The compaction a request serves, as its metadata names it. */
export function compactionKind<Implementation extends CompactionImplementation>(
  { trigger, reason, phase }: DueCompaction,
  implementation: Implementation,
): CompactionKind<Implementation> {
  return {
    type: "compaction",
    details: { trigger, reason, implementation, phase, strategy: "memento" },
  };
}

/** Settings of a compaction's request: those of its turn, by the model that makes it. */
export function compactionSettings(
  { settings }: TurnContext,
  { model, reasoningEffort }: DueCompaction,
): ReturnType<typeof requestSettings> {
  return {
    ...requestSettings(settings),
    model,
    ...(reasoningEffort !== undefined && { reasoningEffort }),
  };
}

/** Emits the attempts of a compaction's request like those of any other. */
export function compactionObserver({ emit }: TurnContext): InferenceObserver {
  return {
    inferenceStarted: (inference) => emit({ type: "inference_started", inference }),
    inferenceFinished: (inference) => emit({ type: "inference_finished", inference }),
  };
}
