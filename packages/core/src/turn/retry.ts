import type { RequestFailure } from "../attempt/request-failure.ts";
import type { ModelClientSession, SwitchOptions } from "../client/model-session.ts";
import type { TurnRetry } from "../client/transport-listeners.ts";
import type { TurnContext } from "./turn-context.ts";

const RETRY_BASE_MS = 200;

/** Goes on over HTTP where a session can, and warns of it; false where it cannot. */
export async function fallBack(
  turn: TurnContext,
  session: ModelClientSession,
  failure: RequestFailure,
  facts: Pick<SwitchOptions, "cause" | "requestKind">,
): Promise<boolean> {
  const { turnId } = turn;
  if (!(await session.trySwitchFallbackTransport({ ...facts, turnId }))) return false;
  turn.warn(`Falling back from WebSockets to HTTPS transport. ${failure.message}`);
  return true;
}

/** Announces the next try of a request, and returns for how many milliseconds to wait before it. */
export function announceRetry(
  turn: TurnContext,
  failure: RequestFailure,
  {
    retries,
    maxRetries,
    requestKind,
  }: Pick<TurnRetry, "maxRetries" | "requestKind"> & { readonly retries: number },
): number {
  const { client, random, onRetry } = turn.thread.facts;
  const delayMs = failure.retryDelayMs ?? backoffMs(retries, random);
  onRetry({
    turnId: turn.turnId,
    requestKind,
    delayMs,
    delaySource: failure.retryDelayMs === undefined ? "backoff" : "retry_after",
    reason: failure.code,
    number: retries,
    maxRetries,
  });
  // Connections end now and then; over WebSocket the first new one is no news.
  if (retries > 1 || !client.websocketsEnabled) {
    turn.emit(
      {
        type: "stream_error",
        message: `Reconnecting... ${retries}/${maxRetries}`,
        // Whatever went wrong: it is what the client goes through.
        codex_error_info: {
          response_stream_disconnected: { http_status_code: failure.status ?? null },
        },
        additional_details: failure.message,
      },
      { delayMs },
    );
  }
  return delayMs;
}

/** `200 ms · 2^(n-1)`, ten percent either way. */
function backoffMs(retry: number, random: () => number): number {
  return RETRY_BASE_MS * 2 ** (retry - 1) * (0.9 + 0.2 * random());
}
