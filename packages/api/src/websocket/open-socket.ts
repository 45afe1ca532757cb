import type { ClientRequest, IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import { WebSocket } from "ws";
import type { AnyApiError } from "../errors.ts";
import { RequestBuildError, TimeoutError } from "../errors.ts";
import { requestError, sendError } from "../http/request-error.ts";
import type { HeaderBag } from "../headers/header-bag.ts";
import type { ResponseHeaders } from "../headers/response-headers.ts";
import { openSecureTunnel, openTunnel } from "../network/proxy-tunnel.ts";
import { parseProxyUrl } from "../network/proxy-url.ts";

export interface OpenSocketOptions {
  readonly url: URL;
  readonly headers: HeaderBag;
  readonly timeoutMs: number;
  readonly maxMessageBytes: number;
  readonly proxy: string | undefined;
  readonly certificateAuthorities: readonly string[] | undefined;
  readonly signal: AbortSignal | undefined;
  readonly watcher: HandshakeWatcher;
}

/** Is notified how far a handshake got. */
interface HandshakeWatcher {
  /** The connection is there, TLS included, and the request is being written. */
  onConnected(): void;
  onResponded(status: number, headers: ResponseHeaders): void;
  /** Bytes of the page of a refusal. */
  onReceived(bytes: number): void;
}

/** How a handshake went. */
export type OpenSocketResult =
  | {
      readonly socket: WebSocket;
      readonly headers: ResponseHeaders;
      /** The error below the WebSocket, which `ws` keeps to itself. */
      readonly connectionError: { current: Error | undefined };
    }
  | {
      readonly refusal: {
        readonly status: number;
        readonly headers: ResponseHeaders;
        readonly body: Buffer;
      };
    }
  | { readonly error: AnyApiError };

/** How long the end of the connection may take after the frame that announces it, which already says everything. */
const CLOSE_TIMEOUT_MS = 1000;

/** The page of a refusal is cut here. */
const MAX_REFUSAL_BYTES = 1024 * 1024;

/** Opens a WebSocket. Rejects with the signal's reason only; everything else is a value. */
export async function openSocket(options: OpenSocketOptions): Promise<OpenSocketResult> {
  options.signal?.throwIfAborted();
  const giveUp = new AbortController();
  const outcome = Promise.withResolvers<OpenSocketResult>();
  let socket: WebSocket;
  try {
    socket = new WebSocket(options.url, socketOptions(options, giveUp.signal));
  } catch (error) {
    return { error: requestError(error) };
  }
  let headers: ResponseHeaders = {};
  const connectionError: { current: Error | undefined } = { current: undefined };
  let refusal: RefusalReader | undefined;
  const timer = setTimeout(
    () => {
      // A refusal whose page does not end is still a refusal.
      if (refusal !== undefined) refusal.finish();
      else outcome.resolve({ error: new TimeoutError() });
    },
    Math.min(options.timeoutMs, 2_147_483_647),
  );
  const onAbort = (): void => outcome.reject(options.signal?.reason);
  options.signal?.addEventListener("abort", onAbort, { once: true });
  socket.on("upgrade", (response) => {
    headers = response.headers;
    options.watcher.onResponded(101, headers);
    response.socket.on("error", (error) => {
      connectionError.current ??= error;
    });
  });
  socket.on("open", () => {
    outcome.resolve({ socket, headers, connectionError });
  });
  socket.on("unexpected-response", (_request, response) => {
    options.watcher.onResponded(response.statusCode ?? 0, response.headers);
    response.on("data", (chunk: Buffer) => options.watcher.onReceived(chunk.length));
    refusal = new RefusalReader(response, (read) => outcome.resolve({ refusal: read }));
  });
  socket.on("error", (error) => {
    outcome.resolve({ error: sendError(error) });
  });
  let opened = false;
  try {
    const result = await outcome.promise;
    opened = "socket" in result;
    return result;
  } finally {
    clearTimeout(timer);
    options.signal?.removeEventListener("abort", onAbort);
    if (!opened) {
      giveUp.abort();
      socket.terminate();
    }
  }
}

/** Reads the response that refused an upgrade. */
class RefusalReader {
  readonly #response: IncomingMessage;
  readonly #chunks: Buffer[] = [];
  #size = 0;
  readonly #done: (refusal: { status: number; headers: ResponseHeaders; body: Buffer }) => void;

  constructor(
    response: IncomingMessage,
    done: (refusal: { status: number; headers: ResponseHeaders; body: Buffer }) => void,
  ) {
    this.#response = response;
    this.#done = done;
    response.on("data", (chunk: Buffer) => {
      this.#chunks.push(chunk);
      this.#size += chunk.length;
      if (this.#size > MAX_REFUSAL_BYTES) this.finish();
    });
    response.on("end", () => this.finish());
    response.on("error", () => this.finish());
  }

  /** Hands over what has been read; the connection is closed for it. */
  finish(): void {
    this.#done({
      status: this.#response.statusCode ?? 0,
      headers: this.#response.headers,
      body: Buffer.concat(this.#chunks).subarray(0, MAX_REFUSAL_BYTES),
    });
  }
}

function socketOptions(
  options: OpenSocketOptions,
  giveUp: AbortSignal,
): ConstructorParameters<typeof WebSocket>[2] {
  const { proxy, certificateAuthorities: ca } = options;
  return {
    headers: Object.fromEntries(options.headers),
    perMessageDeflate: true,
    followRedirects: false,
    finishRequest: (request: ClientRequest) => {
      notifyWhenConnected(request, options);
      request.end();
    },
    maxPayload: options.maxMessageBytes,
    closeTimeout: CLOSE_TIMEOUT_MS,
    ...(ca === undefined ? {} : { ca: [...ca] }),
    ...(proxy === undefined
      ? {}
      : { createConnection: tunnelThrough(parseProxyUrl(proxy), options, giveUp) }),
  } as ConstructorParameters<typeof WebSocket>[2];
}

function notifyWhenConnected(
  request: ClientRequest,
  { url, proxy, watcher }: OpenSocketOptions,
): void {
  request.once("socket", (socket: Socket) => {
    // A tunnel is handed over when it is open.
    if (proxy !== undefined) watcher.onConnected();
    else {
      const ready = url.protocol === "wss:" ? "secureConnect" : "connect";
      socket.once(ready, () => watcher.onConnected());
    }
  });
}

/** Node takes the socket through the callback when the function returns none. */
function tunnelThrough(
  proxy: URL,
  { url, certificateAuthorities }: OpenSocketOptions,
  giveUp: AbortSignal,
) {
  if (proxy.protocol !== "http:" && proxy.protocol !== "https:") {
    throw new RequestBuildError(
      `a ${proxy.protocol} proxy cannot carry a WebSocket: use an http or https one`,
    );
  }
  const secure = url.protocol === "wss:";
  return (_options: unknown, connected: (error: Error | null, socket?: Socket) => void): void => {
    (secure ? openSecureTunnel : openTunnel)({
      proxy,
      host: url.hostname,
      port: Number(url.port) || (secure ? 443 : 80),
      certificateAuthorities,
      signal: giveUp,
    }).then(
      (socket) => (giveUp.aborted ? socket.destroy() : connected(null, socket)),
      (error: unknown) => connected(error as Error),
    );
  };
}
