import type { Server } from "node:http";
import { isIPv6 } from "node:net";
import type { Socket } from "node:net";
import { ResponsesServerError } from "../errors.ts";
import type { PlayedExchange } from "../played-exchange.ts";
import type { ReceivedRequest, UnexpectedRequest } from "../received-request.ts";
import type {
  ResponsesServer,
  ResponsesServerOptions,
  WaitForRequestOptions,
  WaitOptions,
} from "../responses-server.ts";
import type { Exchange } from "../script/exchange.ts";
import type { ServerLog } from "../server-log.ts";
import type { WebSocketConnection } from "../websocket-connection.ts";
import { Gates } from "./gates.ts";
import { HandshakeBook } from "./handshake-book.ts";
import { handleHttp } from "./http-handler.ts";
import { ScriptBook } from "./script-book.ts";
import { recordUnexpected } from "./server-context.ts";
import type { ServerContext } from "./server-context.ts";
import { serverLog } from "./server-log.ts";
import { serveConnection } from "./websocket-handler.ts";
import { WebSocketUpgrader } from "./websocket-upgrader.ts";
import { Watch } from "./watch.ts";

const DEFAULT_MAX_REQUEST_BYTES = 64 * 1024 * 1024;

/** A listening server: owns the records, the sockets and everything that is being played. */
export class RunningServer implements ResponsesServer {
  readonly host: string;
  readonly port: number;
  readonly origin: string;
  readonly url: string;
  readonly #server: Server;
  readonly #context: ServerContext;
  readonly #closing = new AbortController();
  readonly #sockets = new Set<Socket>();
  readonly #playing = new Set<Promise<void>>();
  #closed: Promise<void> | undefined;

  constructor(server: Server, host: string, port: number, options: ResponsesServerOptions) {
    const basePath = `/${(options.basePath ?? "/v1").replace(/^\/+|\/+$/g, "")}`.replace(
      /^\/$/,
      "",
    );
    this.host = host;
    this.port = port;
    this.origin = `http${options.tls ? "s" : ""}://${isIPv6(host) ? `[${host}]` : host}:${port}`;
    this.url = this.origin + basePath;
    this.#server = server;
    const watch = new Watch();
    this.#context = {
      book: new ScriptBook(options.script, basePath),
      gates: new Gates(watch),
      watch,
      requests: [],
      exchanges: [],
      connections: [],
      unexpected: [],
      basePath,
      models: options.models ?? ["scripted-model"],
      maxRequestBytes: options.maxRequestBytes ?? DEFAULT_MAX_REQUEST_BYTES,
      warmUps: options.warmUps ?? "answer",
      now: options.now ?? Date.now,
      closing: this.#closing.signal,
    };
    this.#listenToServer();
    this.#listenToUpgrades(new HandshakeBook(options.handshakes ?? [], basePath));
  }

  get requests(): readonly ReceivedRequest[] {
    return this.#context.requests;
  }

  get exchanges(): readonly PlayedExchange[] {
    return this.#context.exchanges;
  }

  get connections(): readonly WebSocketConnection[] {
    return this.#context.connections;
  }

  get unexpectedRequests(): readonly UnexpectedRequest[] {
    return this.#context.unexpected;
  }

  get unusedExchanges(): readonly Exchange[] {
    return this.#context.book.unused();
  }

  enqueue(...exchanges: readonly Exchange[]): void {
    this.#context.book.add(exchanges);
  }

  release(gate: string): void {
    this.#context.gates.release(gate);
  }

  async waitForGate(gate: string, options: WaitOptions = {}): Promise<void> {
    await this.waitFor(() => this.#context.gates.hasReached(gate), options);
  }

  waitForRequest(count: number, options: WaitForRequestOptions = {}): Promise<ReceivedRequest> {
    const { where = () => true, signal } = options;
    return this.waitFor(() => this.requests.filter(where)[count - 1], { signal });
  }

  waitFor<T>(read: () => T | undefined | false, options: WaitOptions = {}): Promise<T> {
    return this.#context.watch.waitFor(read, options);
  }

  log(): ServerLog {
    return serverLog(this.#context);
  }

  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #close(): Promise<void> {
    this.#closing.abort("server-closed");
    const freed = new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
    });
    for (const socket of this.#sockets) socket.destroy();
    await Promise.all([freed, ...this.#playing]);
    const message = "the server was closed while waiting";
    this.#context.watch.close(new ResponsesServerError(message, { code: "server_closed" }));
  }

  #listenToServer(): void {
    this.#server.on("connection", (socket) => {
      this.#sockets.add(socket);
      socket.once("close", () => this.#sockets.delete(socket));
    });
    this.#server.on("request", (request, response) => {
      this.#track(handleHttp(request, response, this.#context));
    });
    this.#server.on("clientError", (error: NodeJS.ErrnoException, socket) => {
      // Connections that break are the clients' business; bytes that are no HTTP are worth knowing.
      if (error.code?.startsWith("HPE_") && error.code !== "HPE_INVALID_EOF_STATE") {
        recordUnexpected(this.#context, undefined, `bytes that are no HTTP: ${error.message}`);
        if (socket.writable) socket.end("HTTP/1.1 400 Bad Request\r\nconnection: close\r\n\r\n");
      } else {
        socket.destroy();
      }
    });
  }

  #listenToUpgrades(book: HandshakeBook): void {
    const track = (playing: Promise<void>): void => this.#track(playing);
    const upgrader = new WebSocketUpgrader(this.#context, book, (connection, webSocket, socket) => {
      serveConnection(connection, webSocket, socket, this.#context, track);
    });
    this.#server.on("upgrade", (request, socket, head) => {
      track(upgrader.upgrade(request, socket as Socket, head));
    });
  }

  #track(playing: Promise<void>): void {
    this.#playing.add(playing);
    void playing.finally(() => this.#playing.delete(playing));
  }
}
