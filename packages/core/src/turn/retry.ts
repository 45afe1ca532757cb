import type { RequestFailure } from "../attempt/request-failure.ts";
import type { ModelClientSession } from "../client/model-session.ts";
import type { TurnContext } from "./turn-context.ts";

const RETRY_BASE_MS = 200;

/** Goes on over HTTP where a session can, and warns of it; false where it cannot. */
export async function fallBack(
  turn: TurnContext,
  session: ModelClientSession,
  failure: RequestFailure,
): Promise<boolean> {
  if (!(await session.trySwitchFallbackTransport())) return false;
  turn.warn(`Falling back from WebSockets to HTTPS transport. ${failure.message}`);
  return true;
}

/** Announces the next try of a request, and returns for how many milliseconds to wait before it. */
export function announceRetry(
  turn: TurnContext,
  failure: RequestFailure,
  { retries, maxRetries }: { readonly retries: number; readonly maxRetries: number },
): number {
  const { client, random } = turn.thread.facts;
  const delayMs = failure.retryDelayMs ?? backoffMs(retries, random);
  // Connections end now and then; over WebSocket the first new one is no news.
  if (retries > 1 || !client.websocketsEnabled) {
    turn.emit(
      {
        type: "stream_error",
        message: `Reconnecting... ${retries}/${maxRetries}`,
        codex_error_info: failure.info,
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
