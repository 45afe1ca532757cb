import type { InferenceObserver } from "../attempt/inference-observer.ts";
import type { TurnContext } from "../turn/turn-context.ts";

/** Emits the attempts of a compaction's request like those of any other. */
export function compactionObserver({ emit }: TurnContext): InferenceObserver {
  return {
    inferenceStarted: (inference) => emit({ type: "inference_started", inference }),
    inferenceFinished: (inference) => emit({ type: "inference_finished", inference }),
  };
}
