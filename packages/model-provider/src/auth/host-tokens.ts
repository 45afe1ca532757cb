import { abortable } from "@codex-ts/api/internal";
import { Secret } from "../secret.ts";
import { readTokenClaims } from "./jwt.ts";
import { RefreshTokenError } from "./refresh-error.ts";
import { StoredCredentials } from "./stored-credentials.ts";

/** Longest wait for a host application's response. */
const HOST_ANSWER_TIMEOUT_MS = 10_000;

/** ChatGPT tokens a host application hands over. */
export interface HostTokens {
  readonly accessToken: Secret;
  /** Workspace the token is for. */
  readonly accountId?: string | undefined;
  readonly planType?: string | undefined;
}

/** The host application, asked for new tokens after a 401. */
export interface HostTokenSource {
  refresh(request: {
    readonly reason: "unauthorized";
    readonly previousAccountId: string | undefined;
    readonly signal: AbortSignal;
  }): Promise<HostTokens>;
}

/** Host tokens as credentials for the ephemeral store; facts come from the access token. */
export function credentialsFromHostTokens(tokens: HostTokens, nowMs: number): StoredCredentials {
  return StoredCredentials.fromTokens({
    mode: "chatgptAuthTokens",
    idToken: tokens.accessToken,
    accessToken: tokens.accessToken,
    refreshToken: new Secret(""),
    accountId: tokens.accountId,
    planType: tokens.planType,
    nowMs,
  });
}

/** Asks the host; every way to fail is transient, because the host may supply better ones next time. */
export async function askHost(
  source: HostTokenSource,
  options: {
    readonly previousAccountId: string | undefined;
    readonly forcedWorkspaceIds: readonly string[];
    readonly signal?: AbortSignal | undefined;
  },
): Promise<HostTokens> {
  const timeout = AbortSignal.timeout(HOST_ANSWER_TIMEOUT_MS);
  const signal =
    options.signal === undefined ? timeout : AbortSignal.any([timeout, options.signal]);
  const tokens = await abortable(
    source.refresh({
      reason: "unauthorized",
      previousAccountId: options.previousAccountId,
      signal,
    }),
    signal,
  ).catch(() => {
    options.signal?.throwIfAborted();
    // The host's own error stays out: nobody knows what it holds.
    const problem = timeout.aborted ? "gave no new tokens in time" : "could not supply new tokens";
    throw RefreshTokenError.transient(`the host application ${problem}`);
  });
  checkHostTokens(tokens, options.forcedWorkspaceIds);
  return tokens;
}

function checkHostTokens(tokens: HostTokens, forcedWorkspaceIds: readonly string[]): void {
  if (
    tokens.accountId === undefined ||
    readTokenClaims(tokens.accessToken.expose()) === undefined
  ) {
    throw RefreshTokenError.transient("the host application's response names no usable account");
  }
  if (forcedWorkspaceIds.length > 0 && !forcedWorkspaceIds.includes(tokens.accountId)) {
    throw RefreshTokenError.transient("the host application's response is for another workspace");
  }
}
