import type { InferenceObserver } from "../attempt/inference-observer.ts";
import type { Emit } from "../events/thread-event.ts";
import type { InferenceIdentity, InferenceSummary } from "../events/turn-event.ts";

/** Holds the summary of a request back until its events are out: the request is read ahead of its consumer. */
export class HeldSummary implements InferenceObserver {
  readonly #emit: Emit;
  #summary: InferenceSummary | undefined;

  constructor(emit: Emit) {
    this.#emit = emit;
  }

  inferenceStarted(inference: InferenceIdentity): void {
    // One request can take several attempts; the one before has failed without a stream.
    this.release();
    this.#emit({ type: "inference_started", inference });
  }

  inferenceFinished(inference: InferenceSummary): void {
    this.#summary = inference;
  }

  release(): void {
    if (this.#summary === undefined) return;
    this.#emit({ type: "inference_finished", inference: this.#summary });
    this.#summary = undefined;
  }
}
