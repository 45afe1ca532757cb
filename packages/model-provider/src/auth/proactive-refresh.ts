import type { StoredCredentials } from "./stored-credentials.ts";
import { readTokenClaims } from "./jwt.ts";

const EXPIRY_MARGIN_MS = 5 * 60_000;
const OPAQUE_TOKEN_MAX_AGE_MS = 8 * 24 * 3_600_000;

/**
 * Whether a managed login should be refreshed before its next use: the access token ends within five minutes, or, where
 * it does not say when it ends, the last refresh is more than eight days ago.
 * Source: docs/behavior/model-provider.md 9.
 */
export function isRefreshDue(credentials: StoredCredentials, nowMs: number): boolean {
  const { mode, tokens, lastRefreshAtMs } = credentials;
  if (mode !== "chatgpt" || tokens === undefined) return false;
  const expiresAtSeconds = readTokenClaims(tokens.accessToken.expose())?.expiresAtSeconds;
  if (expiresAtSeconds !== undefined) return expiresAtSeconds * 1000 <= nowMs + EXPIRY_MARGIN_MS;
  return lastRefreshAtMs !== undefined && lastRefreshAtMs < nowMs - OPAQUE_TOKEN_MAX_AGE_MS;
}
