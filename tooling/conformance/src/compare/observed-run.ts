import type { JsonObject, JsonValue } from "@codex-ts/protocol";

/** Header names and values in the order they were sent. */
export type HeaderPairs = readonly (readonly [name: string, value: string])[];

/** One message a client sent: an HTTP request, a WebSocket upgrade, or a frame. */
export interface ObservedRequest {
  /** `POST /v1/responses`, `upgrade /v1/responses`, `frame response.create`. */
  readonly target: string;
  /** Empty for frames. */
  readonly headers: HeaderPairs;
  /** Decoded; `undefined` when there is none. */
  readonly body: JsonValue | undefined;
  /** Of a frame: the place of its connection among the upgrades, from 0. */
  readonly connection?: number | undefined;
}

/** What one client did in one scenario, as its server and whoever started it saw it. */
export interface ObservedRun {
  /** `undefined` where no process ran. */
  readonly exitCode?: number | null;
  /** HTTP requests and frames in order of arrival. */
  readonly requests: readonly ObservedRequest[];
  /** WebSocket upgrades in order of arrival. */
  readonly handshakes: readonly ObservedRequest[];
  /** The JSON lines the client printed. */
  readonly events: readonly JsonObject[];
}

/** Texts that differ from run to run and are known to whoever started it. */
export interface RunPlaces {
  /** Working directory of the agent. */
  readonly workspace: string;
  /** `host:port` of the server. */
  readonly host: string;
}
