import { ApiError } from "@codex-ts/api";
import type { ModelProvider } from "@codex-ts/model-provider";

/**
 * Where WebSocket falls back to HTTP. Requests of a thread go over WebSocket while its provider supports that, until a
 * server refuses WebSockets (426) or the turn has exhausted its retries; from then on the rest of the thread goes over
 * HTTP. Source: docs/behavior/core.md 1.5, 1.8.
 */
export class TransportFallback {
  readonly #provider: Pick<ModelProvider, "info">;
  #hasSwitched = false;

  constructor(provider: Pick<ModelProvider, "info">) {
    this.#provider = provider;
  }

  /** True while requests go over WebSocket. */
  get websocketsEnabled(): boolean {
    return this.#provider.info.supportsWebsockets && !this.#hasSwitched;
  }

  /** Whether a failed request is to be sent again at once, over HTTP: the server refuses WebSockets. */
  afterFailure(error: unknown): boolean {
    return isWebSocketRefused(error) && this.switchToHttp();
  }

  /** True for the call that switches, false when requests went over HTTP already. */
  switchToHttp(): boolean {
    if (!this.websocketsEnabled) return false;
    this.#hasSwitched = true;
    return true;
  }
}

function isWebSocketRefused(error: unknown): boolean {
  return ApiError.is(error) && error.code === "http_status" && error.status === 426;
}
