const HINT_PATTERN = /try again in\s*(\d+(?:\.\d+)?)\s*(ms|seconds?|s)/i;

/**
 * Milliseconds that a rate-limit message asks to wait: `... try again in 11.054s`, `28ms`, `35 seconds`. First match
 * only; milliseconds are truncated. Source: docs/behavior/api.md 7.4.1.
 */
export function parseRetryHint(message: string | undefined): number | undefined {
  const match = message === undefined ? null : HINT_PATTERN.exec(message);
  if (match === null) return undefined;
  const amount = Number(match[1]);
  return match[2]?.toLowerCase() === "ms" ? Math.trunc(amount) : Math.round(amount * 1000);
}
