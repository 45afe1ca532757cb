import type { AccountFacts } from "../auth/auth-snapshot.ts";
import { type CredentialContext, openStore } from "../auth/credential-context.ts";

const SHOWN_START = 8;
const SHOWN_END = 5;

/** The stored login; no network is used. */
export type LoginStatus =
  | { readonly kind: "none" }
  /** `maskedKey`: e.g. `sk-proj-***ABCDE`. */
  | { readonly kind: "apikey"; readonly maskedKey: string }
  | { readonly kind: "chatgpt"; readonly account: AccountFacts }
  | { readonly kind: "personalAccessToken" }
  | { readonly kind: "agentIdentity" }
  /** Stored by another program for a use of its own. */
  | { readonly kind: "other"; readonly mode: string };

/** Reads the stored login; environment variables do not count. Rejects with `CredentialsError` when it is unreadable. */
export async function loginStatus(context: CredentialContext): Promise<LoginStatus> {
  const stored = await openStore(context).load();
  if (stored === undefined) return { kind: "none" };
  const { mode, apiKey, tokens } = stored;
  if (mode === "apikey") {
    if (apiKey === undefined) return { kind: "none" };
    return { kind: "apikey", maskedKey: maskKey(apiKey.expose()) };
  }
  if (mode === "personalAccessToken" || mode === "agentIdentity") return { kind: mode };
  if (tokens === undefined) return mode === "chatgpt" ? { kind: "none" } : { kind: "other", mode };
  const { claims } = tokens;
  return {
    kind: "chatgpt",
    account: {
      email: claims.email,
      planType: claims.planType,
      userId: claims.userId,
      workspaceId: claims.accountId,
      isFedrampAccount: claims.isFedrampAccount,
    },
  };
}

/** The first 8 and the last 5 characters; nothing of a key too short to hide the rest. */
function maskKey(key: string): string {
  if (key.length <= SHOWN_START + SHOWN_END) return "***";
  return `${key.slice(0, SHOWN_START)}***${key.slice(-SHOWN_END)}`;
}
