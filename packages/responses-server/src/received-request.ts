import type { JsonValue } from "@codex-ts/protocol";

/** One header as received: name in the sender's spelling, and value. */
export type HeaderPair = readonly [name: string, value: string];

/** One request as it arrived: an HTTP request, or a text frame on a WebSocket connection. */
export interface ReceivedRequest {
  /** Place in `server.requests`, from 0. */
  readonly index: number;
  readonly transport: "http" | "websocket";
  /** HTTP method; for a frame, the one of its handshake (`GET`). */
  readonly method: string;
  /** Path and query as on the wire; for a frame, those of its handshake. */
  readonly path: string;
  /** In order of arrival, repeated headers included; for a frame, those of its handshake. */
  readonly headers: readonly HeaderPair[];
  /** The first header of that name, in any spelling. */
  header(name: string): string | undefined;
  /** The decoded body read as JSON; `undefined` when it is empty or no JSON. */
  readonly body: JsonValue | undefined;
  /** The body as text, after `content-encoding` was undone. */
  readonly bodyText: string;
  /** The body exactly as received. */
  readonly bodyBytes: Uint8Array;
  /** When the request was complete. Unix milliseconds. */
  readonly receivedAtUnixMs: number;
  /** For a frame, the place of its connection in `server.connections`. */
  readonly connectionIndex: number | undefined;
}

/** A request that no exchange could serve as written, and why. */
export interface UnexpectedRequest {
  /** `undefined` when the request never became complete. */
  readonly request: ReceivedRequest | undefined;
  /** One line: what arrived, and why it could not be served. */
  readonly reason: string;
}
