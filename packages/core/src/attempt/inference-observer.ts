import type { InferenceIdentity, InferenceSummary } from "../events/turn-event.ts";

/** Is notified of every attempt to get a response, retries included. */
export interface InferenceObserver {
  inferenceStarted(inference: InferenceIdentity): void;
  inferenceFinished(inference: InferenceSummary): void;
}
