import type { Dispatcher } from "undici";
import type { ConnectionWait } from "../network/connection-attempts.ts";
import { waitForConnection } from "../network/connection-attempts.ts";
import type { ResponseHeaders } from "../headers/response-headers.ts";

/** How long the end of a response that is complete already may take, in milliseconds. */
const GRACE_MS = 100;

/** One HTTP request with its bytes, ready to be sent. */
export interface HttpRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: readonly (readonly [string, string])[];
  readonly body: Uint8Array | undefined;
}

/** Receives a response. Every exchange ends with exactly one `onEnd` or `onError`, unless it is aborted. */
export interface ExchangeHandler {
  /** A connection is there and the request is being written. */
  onConnected(isReused: boolean | undefined): void;
  onHead(status: number, headers: ResponseHeaders): void;
  onData(chunk: Buffer): void;
  onEnd(): void;
  onError(error: Error): void;
}

/**
 * One request on the wire, from queueing to the end of the body. Built on undici's dispatch interface, which calls back
 * with the bytes: no stream object between the socket and the decoder, and pausing reaches the socket.
 */
export class Exchange {
  readonly #handler: ExchangeHandler;
  #controller: Dispatcher.DispatchController | undefined;
  #over = false;
  #paused = false;
  #wait: ConnectionWait | undefined;
  #graceTimer: NodeJS.Timeout | undefined;

  constructor(handler: ExchangeHandler) {
    this.#handler = handler;
  }

  /** Queues the request. May call back before it returns; throws when the request cannot be sent at all. */
  start(dispatcher: Dispatcher, request: HttpRequest): void {
    this.#wait = waitForConnection(dispatcher, request.url.origin);
    try {
      dispatcher.dispatch(dispatchOptions(request), this.#dispatchHandler());
    } catch (error) {
      this.#wait.done();
      throw error;
    }
  }

  pause(): void {
    this.#paused = true;
    this.#controller?.pause();
  }

  resume(): void {
    this.#paused = false;
    if (!this.#over) this.#controller?.resume();
  }

  /**
   * The rest of the body is of no interest. Reads on for a moment without calling back, because the end is usually there
   * already and the connection can then be used again; otherwise destroys it.
   */
  release(): void {
    if (this.#over) return;
    this.#over = true;
    this.#controller?.resume();
    this.#graceTimer = setTimeout(() => this.#controller?.abort(new Error("aborted")), GRACE_MS);
    this.#graceTimer.unref();
  }

  /** Destroys the connection. Nothing is called afterwards. Without effect when the exchange is over. */
  abort(): void {
    if (this.#over) return;
    this.#over = true;
    // Before there is a controller the request waits for a connection; it is dropped when its turn comes.
    if (this.#controller === undefined) this.#wait?.abandon();
    else this.#controller.abort(new Error("aborted"));
  }

  #dispatchHandler(): Dispatcher.DispatchHandler {
    return {
      onRequestStart: (controller) => {
        this.#controller = controller;
        const isReused = this.#wait?.done();
        if (this.#over) controller.abort(new Error("aborted"));
        else this.#handler.onConnected(isReused);
      },
      onResponseStart: (_controller, status, headers) => {
        // Informational answers come before the real one.
        if (this.#over || status < 200) return;
        this.#handler.onHead(status, headers);
        if (this.#paused) this.#controller?.pause();
      },
      onResponseData: (_controller, chunk) => {
        if (!this.#over) this.#handler.onData(chunk);
      },
      onResponseEnd: () => {
        clearTimeout(this.#graceTimer);
        if (this.#over) return;
        this.#over = true;
        this.#handler.onEnd();
      },
      onResponseError: (_controller, error) => {
        this.#wait?.done();
        clearTimeout(this.#graceTimer);
        if (this.#over) return;
        this.#over = true;
        this.#handler.onError(error);
      },
    };
  }
}

function dispatchOptions(request: HttpRequest): Dispatcher.DispatchOptions {
  const { url } = request;
  return {
    origin: url.origin,
    path: `${url.pathname}${url.search}`,
    method: request.method,
    // An object, because undici's proxy for plain HTTP spreads it.
    headers: Object.fromEntries(request.headers),
    body: request.body === undefined ? null : request.body,
    // The package has timers of its own: first response, and gap between events.
    headersTimeout: 0,
    bodyTimeout: 0,
  };
}
