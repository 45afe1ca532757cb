import type { ReceivedRequest } from "./received-request.ts";

/**
 * How an exchange ended. `playing`: not yet. `ended`: as written, the response is complete. `reset` and
 * `disconnected`: the script broke the connection. `closed`: the script sent a close frame. `client-gone`: the client
 * left first. `server-closed`: the server was closed first. `failed`: a step could not be played.
 */
export type PlayedExchangeState =
  | "playing"
  | "ended"
  | "reset"
  | "disconnected"
  | "closed"
  | "client-gone"
  | "server-closed"
  | "failed";

/** One request and its response: live while the exchange is played, final afterwards. */
export interface PlayedExchange {
  readonly request: ReceivedRequest;
  /** Status sent; `undefined` before it is on the wire and for frames. */
  readonly status: number | undefined;
  readonly state: PlayedExchangeState;
  /** Events and frames written so far. */
  readonly eventsSent: number;
  /** Body bytes given to the socket so far. */
  readonly bytesWritten: number;
  /** True while a write waits for the client to read. */
  readonly blocked: boolean;
  /** True when the client left before the response was complete. */
  readonly clientGone: boolean;
}
