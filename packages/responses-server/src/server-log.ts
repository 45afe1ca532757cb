import type { JsonValue } from "@codex-ts/protocol";
import type { PlayedExchangeState } from "./played-exchange.ts";
import type { HeaderPair } from "./received-request.ts";

/** Everything a server received and sent, as plain JSON. Secret headers are redacted; bodies are not. */
export interface ServerLog {
  readonly requests: readonly LoggedRequest[];
  readonly connections: readonly LoggedConnection[];
  readonly unexpected: readonly string[];
}

/** One request and its response. */
export interface LoggedRequest {
  readonly index: number;
  readonly transport: "http" | "websocket";
  readonly connectionIndex: number | null;
  readonly method: string;
  readonly path: string;
  readonly headers: readonly HeaderPair[];
  /** JSON where the body is JSON, else its text. */
  readonly body: JsonValue;
  readonly receivedAtUnixMs: number;
  readonly response: LoggedResponse | null;
}

/** The response to a request. */
export interface LoggedResponse {
  readonly status: number | null;
  readonly headers: readonly HeaderPair[];
  readonly state: PlayedExchangeState;
  readonly eventsSent: number;
  readonly bytesWritten: number;
}

/** One WebSocket upgrade. */
export interface LoggedConnection {
  readonly index: number;
  readonly path: string;
  readonly headers: readonly HeaderPair[];
  readonly status: number | null;
  /** Headers of the response that the script set. */
  readonly responseHeaders: readonly HeaderPair[];
  /** Frames received, pings and pongs included. */
  readonly framesReceived: number;
  readonly closeCode: number | null;
}
