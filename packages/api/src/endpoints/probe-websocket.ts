import type { ConnectOptions, ResponsesWebSocketClient } from "./responses-websocket-client.ts";
import type { WebSocketClose } from "../websocket/connection.ts";
import type { WebSocketHandshake } from "../websocket/handshake.ts";

/** Options of `probeWebSocket`. */
export interface ProbeOptions extends ConnectOptions {
  /** How long to wait for a server that accepts and closes at once, in milliseconds. */
  readonly waitMs: number;
}

/** Result of a probe: the handshake, and whether the server closed at once. */
export interface WebSocketProbe {
  readonly handshake: WebSocketHandshake;
  /** The close frame that came within the wait; `undefined` when the connection stayed open. */
  readonly immediateClose: WebSocketClose | undefined;
}

/** Tries out whether WebSockets work: connects, waits for an immediate close, sends nothing. Rejects like `connect`. */
export async function probeWebSocket(
  client: ResponsesWebSocketClient,
  { waitMs, ...options }: ProbeOptions,
): Promise<WebSocketProbe> {
  const connection = await client.connect(options);
  const waited = Promise.withResolvers<undefined>();
  const timer = setTimeout(() => waited.resolve(undefined), waitMs);
  try {
    const immediateClose = await Promise.race([connection.whenClosed, waited.promise]);
    return { handshake: connection.handshake, immediateClose };
  } finally {
    clearTimeout(timer);
    connection.terminate();
  }
}
