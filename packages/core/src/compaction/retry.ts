import type { RequestFailure } from "../attempt/request-failure.ts";
import type { ModelClientSession } from "../client/model-session.ts";
import { announceRetry, fallBack } from "../turn/retry.ts";
import type { TurnContext } from "../turn/turn-context.ts";

/** A failed request of a compaction. */
interface FailedRequest {
  readonly error: unknown;
  readonly failure: RequestFailure;
  /** How often it has failed in a row. */
  readonly retries: number;
  readonly session: ModelClientSession;
  /** Default: that of the provider. */
  readonly maxRetries?: number;
}

/**
 * Waits until the request of a compaction is due again, and resolves with the number of failures that count from then on.
 * Rejects with its error when it is not to be repeated.
 */
export async function retryOrThrow(
  turn: TurnContext,
  { error, failure, retries, session, maxRetries }: FailedRequest,
): Promise<number> {
  const { streamMaxRetries, sleep } = turn.thread.facts;
  const requestKind = "compaction";
  const max = Math.min(maxRetries ?? Infinity, streamMaxRetries);
  if (!failure.retryable) throw error;
  if (retries > max) {
    if (!(await fallBack(turn, session, failure, { requestKind }))) throw error;
    return 0;
  }
  const delayMs = announceRetry(turn, failure, { retries, maxRetries: max, requestKind });
  await sleep(delayMs, turn.signal);
  return retries;
}
