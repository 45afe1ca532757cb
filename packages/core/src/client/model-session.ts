import type { MappedResponseStream } from "../attempt/stream-mapper.ts";
import type {
  CompactionRequestOptions,
  CompactionResponse,
} from "../compaction/compaction-request.ts";
import type { CodexResponsesMetadata } from "../metadata/metadata-snapshot.ts";
import type { SamplingRequest } from "./sampling-request.ts";
import type { SwitchCause, TransportSwitch } from "./transport-listeners.ts";

/** Facts a switch to HTTP is reported with. */
export interface SwitchOptions extends Partial<Pick<TransportSwitch, "turnId" | "requestKind">> {
  /** Default `retries_used_up`. */
  readonly cause?: SwitchCause | undefined;
}

/**
 * Sends the requests of one turn: its retries and follow-ups share the routing state the server sent first, and the
 * WebSocket connection of the thread while the turn lasts. Made by `ModelClient.newSession`.
 *
 * Source: docs/behavior/core.md 1.1, 1.3, 1.5-1.7.
 */
export interface ModelClientSession {
  /** `x-codex-turn-state` of the turn, once a server has sent one. */
  readonly turnState: string | undefined;

  /**
   * Sends one request; resolves when the response has begun. A 401 triggers the provider's auth recovery; each try is
   * an attempt of its own in the trace. A server that refuses WebSockets (426) gets the request over HTTP at once.
   *
   * Rejects with the error of the request, after it was recorded, or with the signal's reason.
   */
  stream(request: SamplingRequest): Promise<MappedResponseStream>;

  /**
   * Remote compaction v2: an ordinary request that ends with a compaction trigger. Resolves with the one compaction
   * item that replaces the history; rejects with `CompactionError` when the server sends none or several, else with the
   * error of the request. Source: docs/behavior/core.md 1.11.
   */
  streamCompaction(
    options: CompactionRequestOptions<"responses_compaction_v2">,
  ): Promise<CompactionResponse>;

  /**
   * Opens the connection of the next request, without a request. Does nothing over HTTP or when it is open. Rejects
   * with the error of the handshake.
   */
  preconnectWebSocket(metadata: CodexResponsesMetadata, signal: AbortSignal): Promise<void>;

  /**
   * Sends a request that generates nothing, so that the first real one can continue from it. Never recorded. Does
   * nothing over HTTP or when a request was sent already. Rejects with the error of the request.
   */
  prewarmWebSocket(request: SamplingRequest): Promise<void>;

  /**
   * Switches to HTTP for the rest of the thread, to be called when retries are exhausted. True for the call that
   * switches, false when that was done before or WebSockets were never in use.
   */
  trySwitchFallbackTransport(options?: SwitchOptions): Promise<boolean>;

  /** Ends the turn's use of the client: the connection goes back for the next turn. */
  close(): void;
}
