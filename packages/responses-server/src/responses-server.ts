import type { PlayedExchange } from "./played-exchange.ts";
import type { ReceivedRequest, UnexpectedRequest } from "./received-request.ts";
import type { Exchange, Script } from "./script/exchange.ts";
import type { Handshake } from "./script/handshake.ts";
import type { ServerLog } from "./server-log.ts";
import type { WebSocketConnection } from "./websocket-connection.ts";

/** A server certificate, in PEM. */
export interface TlsOptions {
  readonly key: string;
  readonly cert: string;
}

/** Script and address of a server. */
export interface ResponsesServerOptions {
  readonly script: Script;
  /**
   * Responses to WebSocket upgrades, in order. Default, and after the last one: accept `/responses`, refuse other
   * paths with status 404 and record them as unexpected.
   */
  readonly handshakes?: readonly Handshake[];
  /** 0 takes a free port. Default 0. */
  readonly port?: number;
  /** Default `"127.0.0.1"`. */
  readonly host?: string;
  /** `"any"` allows a host that other machines can reach; the server has no access control. Default `"loopback"`. */
  readonly reachableFrom?: "loopback" | "any";
  /** Serves `https` and `wss` with this certificate. Default: cleartext. */
  readonly tls?: TlsOptions;
  /** Path prefix of the API. Default `"/v1"`. */
  readonly basePath?: string;
  /**
   * `"answer"`: WebSocket warm-ups (`generate: false`) that no exchange selects by `when` get an empty
   * response `resp_warm_up_<n>` and use up no exchange. `"script"`: they are requests like any other. Default
   * `"answer"`.
   */
  readonly warmUps?: "answer" | "script";
  /** Ids that `GET /models` lists in the standard shape when no exchange matches it. Default `["scripted-model"]`. */
  readonly models?: readonly string[];
  /** Larger request bodies, before and after decompression, get status 413. Default 64 MiB. */
  readonly maxRequestBytes?: number;
  /** Clock of the records. Default `Date.now`. */
  readonly now?: () => number;
}

/** How to wait. */
export interface WaitOptions {
  /** Rejects with the signal's reason. Default: wait until the server closes. */
  readonly signal?: AbortSignal | undefined;
}

/** Which requests `waitForRequest` counts. */
export interface WaitForRequestOptions extends WaitOptions {
  /** Default: all. */
  readonly where?: (request: ReceivedRequest) => boolean;
}

/** A running scripted server. All lists grow in place while it runs and stay readable after `close`. */
export interface ResponsesServer extends AsyncDisposable {
  /** Base URL for clients, e.g. `http://127.0.0.1:40123/v1`. */
  readonly url: string;
  /** Scheme, host and port only. */
  readonly origin: string;
  readonly host: string;
  readonly port: number;
  /** Every complete HTTP request and every WebSocket text frame, in order of arrival. Handshakes are in `connections`. */
  readonly requests: readonly ReceivedRequest[];
  /** One record per request that got a response, in order. */
  readonly exchanges: readonly PlayedExchange[];
  /** One record per WebSocket upgrade, in order. */
  readonly connections: readonly WebSocketConnection[];
  /** Requests that the script did not foresee. A finished test usually expects it to be empty. */
  readonly unexpectedRequests: readonly UnexpectedRequest[];
  /** Exchanges of the script that were not used at all yet. */
  readonly unusedExchanges: readonly Exchange[];
  /** Adds exchanges to the end of the script. */
  enqueue(...exchanges: readonly Exchange[]): void;
  /** Opens a gate for every stream that waits at it or will come to it. */
  release(gate: string): void;
  /** Resolves when a stream has come to that gate. */
  waitForGate(gate: string, options?: WaitOptions): Promise<void>;
  /** Resolves with the `count`-th request (1 is the first) once it is there. */
  waitForRequest(count: number, options?: WaitForRequestOptions): Promise<ReceivedRequest>;
  /** Calls `read` now and after every change of the records until it returns something other than `undefined` or `false`. */
  waitFor<T>(read: () => T | undefined | false, options?: WaitOptions): Promise<T>;
  /** Everything that happened so far as plain JSON, without secrets. */
  log(): ServerLog;
  /** Breaks all connections, rejects waits, frees the port. Safe to call twice. */
  close(): Promise<void>;
}
