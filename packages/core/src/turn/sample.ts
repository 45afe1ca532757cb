import { ApiError } from "@codex-ts/api";
import { contentFilterGuidance } from "../context/context-messages.ts";
import type { RequestFailure } from "../attempt/request-failure.ts";
import { toRequestFailure } from "../attempt/request-failure.ts";
import { announceRetry, fallBack } from "./retry.ts";
import { STEERED, sampleOnce } from "./sample-once.ts";
import type { SamplingResult } from "./sample-once.ts";
import { SteerSignal } from "./steer-signal.ts";
import type { TurnContext } from "./turn-context.ts";

/** One response as the turn gets it: taken in, or failed for good. Rejects only with the reason of an abort. */
export type SampledResponse =
  | ({ readonly type: "completed" } & SamplingResult)
  | { readonly type: "failed"; readonly failure: RequestFailure };

/**
 * Gets one response, trying again as long as the failure and the provider's budget allow. Each try is built from the
 * history of that moment. Source: docs/behavior/core.md 1.8.
 */
export async function sample(turn: TurnContext): Promise<SampledResponse> {
  const { streamMaxRetries, errorPolicy, profile, sleep } = turn.thread.facts;
  for (let retries = 0; ;) {
    let failure: RequestFailure;
    let isUnsendable: boolean;
    try {
      const result = await sampleOnce(turn);
      turn.thread.hasConnected = true;
      return { type: "completed", ...result };
    } catch (error) {
      turn.signal.throwIfAborted();
      failure = toRequestFailure(error, errorPolicy);
      isUnsendable = ApiError.is(error) && error.code === "request_build";
      if (profile.tellsOfContentFilter && wasFiltered(error)) turn.record(contentFilterGuidance());
    }
    noteCounts(turn, failure);
    // Where nobody was ever reached, an address is wrong more often than a server is down, and waiting mends neither.
    const isMistaken = failure.unreachable !== undefined && !turn.thread.hasConnected;
    turn.thread.hasConnected ||= failure.status !== undefined && failure.unreachable === undefined;
    if (!failure.retryable && !isUnsendable) return { type: "failed", failure };
    // What cannot be sent one way may still go the other: unusable certificates stop WebSockets only.
    if (isUnsendable || isMistaken || retries >= streamMaxRetries) {
      const cause = isUnsendable ? "not_sendable" : isMistaken ? "unreachable" : "retries_used_up";
      if (!(await fallBack(turn, turn.session, failure, { cause, requestKind: "turn" }))) {
        return { type: "failed", failure: isUnsendable ? advised(turn, failure) : failure };
      }
      retries = 0;
      continue;
    }
    retries += 1;
    const delayMs = announceRetry(turn, failure, {
      retries,
      maxRetries: streamMaxRetries,
      requestKind: "turn",
    });
    const steering = new SteerSignal(turn);
    try {
      await sleep(delayMs, AbortSignal.any([turn.signal, steering.signal]));
    } catch (error) {
      if (steering.hasEnded(turn)) return { type: "completed", ...STEERED };
      throw error;
    } finally {
      steering.stop();
    }
  }
}

function wasFiltered(error: unknown): boolean {
  return (
    ApiError.is(error) && error.code === "stream" && error.incompleteReason === "content_filter"
  );
}

/** Usage and limits that a failure reports are emitted before the failure. */
function noteCounts(turn: TurnContext, failure: RequestFailure): void {
  const { tokenCount } = turn.thread;
  if (failure.code === "context_window_exceeded") tokenCount.fill();
  else if (failure.rateLimits !== undefined) tokenCount.noteRateLimits(failure.rateLimits);
  else return;
  turn.emitTokenCount();
}

/** Says where to look: what cannot be sent comes from how the provider is configured. */
function advised(turn: TurnContext, failure: RequestFailure): RequestFailure {
  const { id } = turn.thread.facts.client.options.provider;
  const advice = `check the configuration of model provider \`${id}\``;
  return { ...failure, message: `${failure.message}; ${advice}` };
}
