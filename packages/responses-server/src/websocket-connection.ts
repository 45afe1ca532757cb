import type { JsonObject } from "@codex-ts/protocol";
import type { ServerEvent } from "./events/server-event.ts";
import type { HeaderPair } from "./received-request.ts";

/** A frame as received. */
export interface ReceivedFrame {
  readonly kind: "text" | "binary" | "ping" | "pong";
  /** Payload as received. */
  readonly bytes: Uint8Array;
  /** Payload read as UTF-8. */
  readonly text: string;
  readonly receivedAtUnixMs: number;
}

/** One WebSocket upgrade and the connection it led to, refused ones included. */
export interface WebSocketConnection {
  /** Place in `server.connections`, from 0. */
  readonly index: number;
  /** Path and query of the handshake. */
  readonly path: string;
  /** Handshake headers as received. */
  readonly headers: readonly HeaderPair[];
  /** The first handshake header of that name, in any spelling. */
  header(name: string): string | undefined;
  /** Status of the response: 101 when accepted; `undefined` while there is none. */
  readonly status: number | undefined;
  /** Extensions agreed on, e.g. `permessage-deflate`; empty when none. */
  readonly extensions: string;
  readonly state: "connecting" | "open" | "closed";
  /** Everything the client sent, pings and pongs included. */
  readonly frames: readonly ReceivedFrame[];
  /** Close code seen by the server: 1005 for a frame without code, 1006 for a drop; `undefined` before that. */
  readonly closeCode: number | undefined;
  readonly closeReason: string | undefined;
  /** Sends an event outside of any exchange. */
  send(event: ServerEvent | JsonObject): void;
  /** Sends a ping outside of any exchange. */
  ping(payload?: string): void;
  /** Sends a close frame. Default code 1000. */
  close(code?: number, reason?: string): void;
  /** Breaks the connection with a TCP reset. */
  reset(): void;
}
