// Every line here is public API: adding one needs a changeset.
export type {
  InferenceIdentity,
  InferenceSummary,
  TurnEvent,
  TurnFailure,
  TurnItem,
} from "./turn-event.ts";
