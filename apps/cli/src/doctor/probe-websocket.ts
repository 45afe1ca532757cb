import { ApiError, type Network, ResponsesWebSocketClient, probeWebSocket } from "@codex-ts/api";
import type { Credential } from "./credential.ts";
import { PROBE_TIMEOUT_MS } from "./probe-http.ts";

/** How long a server may take to close a connection it has just accepted. */
const CLOSE_WAIT_MS = 500;

/** Outcome of a handshake at `responses`. */
export interface WebSocketOutcome {
  /** Of a refusal; 101 when the connection was made. */
  readonly status: number | undefined;
  /** `undefined`: the connection was made and stayed open. */
  readonly problem: string | undefined;
}

/** Opens a WebSocket and closes it, without a request. Rejects with the reason of `signal` only. */
export async function tryWebSocket(
  { apiProvider, auth, provider }: Credential,
  { network, signal }: { readonly network: Network; readonly signal: AbortSignal },
): Promise<WebSocketOutcome> {
  const { websocketConnectTimeoutMs } = provider.info;
  const client = new ResponsesWebSocketClient({
    provider: apiProvider,
    auth,
    network,
    connectTimeoutMs: Math.min(PROBE_TIMEOUT_MS, websocketConnectTimeoutMs),
  });
  try {
    const { immediateClose } = await probeWebSocket(client, {
      waitMs: CLOSE_WAIT_MS,
      // Source: docs/behavior/api.md 10.1.
      headers: [["openai-beta", "responses_websockets=2026-02-06"]],
      signal,
    });
    if (immediateClose === undefined) return { status: 101, problem: undefined };
    const { code } = immediateClose;
    return { status: 101, problem: `the server closes the connection at once (code ${code})` };
  } catch (error) {
    signal.throwIfAborted();
    if (!ApiError.is(error)) throw error;
    if (error.code === "http_status") {
      return { status: error.status, problem: `the server refuses it with status ${error.status}` };
    }
    return { status: undefined, problem: error.code === "network" ? error.detail : error.message };
  }
}
