import { ApiError } from "@codex-ts/api";
import type { ModelProvider } from "@codex-ts/model-provider";
import type { SwitchCause, TransportListeners, TransportSwitch } from "./transport-listeners.ts";

/** Settings of the choice, and the listener that is notified when it changes. */
interface FallbackOptions extends Pick<TransportListeners, "onTransportSwitched"> {
  readonly provider: Pick<ModelProvider, "info">;
  readonly httpOnly?: boolean | undefined;
}

type OfRequest = Pick<TransportSwitch, "turnId" | "requestKind">;

/**
 * Where WebSocket falls back to HTTP. Requests of a thread go over WebSocket while its provider supports that, until a
 * server refuses WebSockets (426) or the turn has exhausted its retries; from then on the rest of the thread goes over
 * HTTP. Source: docs/behavior/core.md 1.5, 1.8.
 */
export class TransportFallback {
  readonly #options: FallbackOptions;
  #hasSwitched: boolean;
  #isSettingKnown = false;

  constructor(options: FallbackOptions) {
    this.#options = options;
    this.#hasSwitched = options.httpOnly === true;
  }

  /** True while requests go over WebSocket. */
  get websocketsEnabled(): boolean {
    return this.#options.provider.info.supportsWebsockets && !this.#hasSwitched;
  }

  /** Whether a failed request is to be sent again at once, over HTTP: the server refuses WebSockets. */
  afterFailure(error: unknown, request: OfRequest): boolean {
    return isWebSocketRefused(error) && this.switchToHttp("upgrade_426", request);
  }

  /** True for the call that switches, false when requests went over HTTP already. */
  switchToHttp(cause: SwitchCause, request: OfRequest): boolean {
    if (!this.websocketsEnabled) return false;
    this.#hasSwitched = true;
    this.#announce(cause, request);
    return true;
  }

  /** A request is about to be sent: says once that a setting keeps it from a WebSocket. */
  noteRequest(request: OfRequest): void {
    const { httpOnly, provider } = this.#options;
    if (httpOnly !== true || this.#isSettingKnown || !provider.info.supportsWebsockets) return;
    this.#isSettingKnown = true;
    this.#announce("setting", request);
  }

  #announce(cause: SwitchCause, { turnId, requestKind }: OfRequest): void {
    try {
      const change = { turnId, requestKind, from: "websocket", to: "http", cause } as const;
      this.#options.onTransportSwitched?.(change);
    } catch {
      // A listener must not be able to break a request.
    }
  }
}

function isWebSocketRefused(error: unknown): boolean {
  return ApiError.is(error) && error.code === "http_status" && error.status === 426;
}
