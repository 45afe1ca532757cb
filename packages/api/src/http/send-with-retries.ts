import type { RetryDecision } from "@codex-ts/protocol";
import type { AnyApiError } from "../errors.ts";
import { backoffDelayMs, retryReason } from "./retry-policy.ts";
import type { HttpCall } from "./http-call.ts";
import { sendOnce } from "./send-once.ts";
import type { TransportContext } from "./transport-context.ts";

/**
 * Sends a call, and sends it again while the provider's retry policy allows it. Rejects with the last attempt's
 * `ApiError`, or with the signal's reason. Source: docs/behavior/api.md 4.1.
 */
export async function sendWithRetries<T>(context: TransportContext, call: HttpCall<T>): Promise<T> {
  for (let attempt = 0; ; attempt += 1) {
    call.signal?.throwIfAborted();
    const result = await sendOnce(context, call, attempt);
    if ("value" in result) return result.value;
    const decision = decide(context, result.error, attempt);
    result.reporter.ended("failed", decision, result.error);
    if (!decision.willRetry) throw result.error;
    await sleepOrAbort(context, decision.delayMs, call.signal);
  }
}

function decide(context: TransportContext, error: AnyApiError, attempt: number): RetryDecision {
  const { retry } = context.provider;
  const reason = retryReason(error, retry);
  if (reason === undefined) return { willRetry: false, reason: "not_retryable" };
  if (attempt >= retry.maxRetries) return { willRetry: false, reason: "retries_used_up" };
  const requestedDelayMs = context.errorPolicy === "0.169" ? error.retryDelayMs : undefined;
  const count = { number: attempt + 1, maxRetries: retry.maxRetries };
  return requestedDelayMs === undefined
    ? {
        willRetry: true,
        delayMs: backoffDelayMs(retry.baseDelayMs, attempt + 1, context.random),
        reason,
        delaySource: "backoff",
        ...count,
      }
    : {
        willRetry: true,
        delayMs: requestedDelayMs,
        reason,
        delaySource: "retry_after",
        ...count,
      };
}

/** Waits; rejects with the signal's own reason when it aborts, not with the error of the sleep. */
export async function sleepOrAbort(
  context: Pick<TransportContext, "sleep">,
  delayMs: number,
  signal: AbortSignal | undefined,
): Promise<void> {
  try {
    await context.sleep(delayMs, signal);
  } finally {
    signal?.throwIfAborted();
  }
}
