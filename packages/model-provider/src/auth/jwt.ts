import type { JsonObject } from "@codex-ts/protocol";
import { isJsonObject, readPlanType } from "@codex-ts/protocol";

const PROFILE_CLAIM = "https://api.openai.com/profile";
const AUTH_CLAIM = "https://api.openai.com/auth";

/** Who a ChatGPT token belongs to. Every fact may be missing. Source: docs/behavior/model-provider.md 8.1. */
export interface TokenClaims {
  readonly email: string | undefined;
  /** Canonical plan name; an unknown one is kept as it came. */
  readonly planType: string | undefined;
  readonly userId: string | undefined;
  /** Workspace id as the token states it; used to enforce workspaces, never as a header. */
  readonly accountId: string | undefined;
  readonly isFedrampAccount: boolean;
  /** Unix seconds. */
  readonly expiresAtSeconds: number | undefined;
}

/**
 * The payload of a JWT without checking its signature: the token came from the issuer over TLS or from our own file.
 * `undefined` for anything that is not three or more non-empty parts with a JSON object in the second.
 */
function decodeJwtPayload(token: string): JsonObject | undefined {
  const [header, payload, signature] = token.split(".");
  if (!header || !payload || !signature || !/^[A-Za-z0-9_-]+$/.test(payload)) return undefined;
  try {
    const claims: unknown = JSON.parse(Buffer.from(payload, "base64url").toString("utf8"));
    return isJsonObject(claims) ? claims : undefined;
  } catch {
    return undefined;
  }
}

/** The facts of a token; `undefined` when it is not a JWT. */
export function readTokenClaims(token: string): TokenClaims | undefined {
  const claims = decodeJwtPayload(token);
  if (claims === undefined) return undefined;
  const auth = objectAt(claims, AUTH_CLAIM);
  return {
    email: textAt(claims, "email") ?? textAt(objectAt(claims, PROFILE_CLAIM), "email"),
    planType: readPlanType(auth["chatgpt_plan_type"]),
    userId: textAt(auth, "chatgpt_user_id") ?? textAt(auth, "user_id"),
    accountId: textAt(auth, "chatgpt_account_id"),
    isFedrampAccount: auth["chatgpt_account_is_fedramp"] === true,
    expiresAtSeconds: numberAt(claims, "exp"),
  };
}

function objectAt(value: JsonObject, key: string): JsonObject {
  const member = value[key];
  return isJsonObject(member) ? member : {};
}

function textAt(value: JsonObject, key: string): string | undefined {
  const member = value[key];
  return typeof member === "string" ? member : undefined;
}

function numberAt(value: JsonObject, key: string): number | undefined {
  const member = value[key];
  return typeof member === "number" && Number.isFinite(member) ? member : undefined;
}
