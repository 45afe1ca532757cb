import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import type { JsonObject } from "@codex-ts/protocol";
import type { WebSocket } from "ws";
import { ResponsesServerError } from "../errors.ts";
import type { ServerEvent } from "../events/server-event.ts";
import type { HeaderPair } from "../received-request.ts";
import type { ReceivedFrame, WebSocketConnection } from "../websocket-connection.ts";
import { breakSocket } from "./socket-faults.ts";
import { findHeader, headerPairs } from "./received.ts";

/** The changing side of a `WebSocketConnection`. */
export class ConnectionRecord implements WebSocketConnection {
  readonly index: number;
  readonly method: string;
  readonly path: string;
  readonly headers: readonly HeaderPair[];
  readonly frames: ReceivedFrame[] = [];
  readonly #socket: Socket;
  #webSocket: WebSocket | undefined;
  status: number | undefined;
  responseHeaders: readonly HeaderPair[] = [];
  extensions = "";
  state: "connecting" | "open" | "closed" = "connecting";
  closeCode: number | undefined;
  closeReason: string | undefined;

  constructor(index: number, request: IncomingMessage, socket: Socket) {
    this.index = index;
    this.method = request.method ?? "";
    this.path = request.url ?? "";
    this.headers = headerPairs(request.rawHeaders);
    this.#socket = socket;
  }

  opened(webSocket: WebSocket): void {
    this.#webSocket = webSocket;
    this.state = "open";
    this.status = 101;
    this.extensions = webSocket.extensions;
  }

  header(name: string): string | undefined {
    return findHeader(this.headers, name);
  }

  send(event: ServerEvent | JsonObject): void {
    this.#open().send(JSON.stringify(event));
  }

  ping(payload = ""): void {
    this.#open().ping(payload);
  }

  close(code = 1000, reason = ""): void {
    this.#open().close(code, reason);
  }

  reset(): void {
    breakSocket(this.#socket);
  }

  #open(): WebSocket {
    if (this.state === "open" && this.#webSocket) return this.#webSocket;
    throw new ResponsesServerError(
      `connection ${this.index + 1} is ${this.state}: wait until its state is open`,
      { code: "connection_not_open" },
    );
  }
}
