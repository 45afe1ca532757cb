import type { JsonObject } from "@codex-ts/protocol";
import type { ReplyHeaders } from "./exchange.ts";
import type { PauseStep } from "./step.ts";

/** Response to one WebSocket upgrade. */
export interface Handshake {
  /** Path below the base path, or the whole path of the request. Default `"/responses"`. */
  readonly path?: string;
  /** 101 accepts; any other status refuses. Default 101. */
  readonly status?: number;
  /** Headers of the response. */
  readonly headers?: ReplyHeaders;
  /**
   * Value of the `x-request-id` header of the response; `null` sends none. Default: `req_c` and 31 digits, the number of
   * the connection, unless `headers` has one.
   */
  readonly requestId?: string | null;
  /** Body of a refusal. Default: a JSON error that names the status. */
  readonly body?: JsonObject | string;
  /** Played before the response: a delay, a gate, a hang, a reset. */
  readonly beforeStatus?: readonly PauseStep[];
  /** Whether to accept compression when the client offers it. Default `"decline"`. */
  readonly permessageDeflate?: "accept" | "decline";
  /** How many upgrades get this response; `Infinity` for all. Default 1. */
  readonly repeat?: number;
}
