import type { TurnState } from "@codex-ts/api";
import type { AttemptTelemetry } from "./attempt-telemetry.ts";
import type { ModelTransport } from "./model-transport.ts";

/** Shared by the requests of one turn, however they travel. */
export interface TurnScope {
  readonly transport: ModelTransport;
  readonly turnState: TurnState;
  readonly telemetry: AttemptTelemetry;
}
