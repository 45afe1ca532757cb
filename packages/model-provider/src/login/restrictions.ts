import type { AuthSnapshot } from "../auth/auth-snapshot.ts";
import { ProviderConfigError } from "../errors.ts";
import { type CredentialContext, lockDirectory } from "../auth/credential-context.ts";
import { withCredentialsLock } from "../auth/refresh-coordinator.ts";
import { LoginError } from "./login-error.ts";
import { removeAllCredentials } from "./logout.ts";

/** Values of `forced_login_method`. */
export type ForcedLoginMethod = "chatgpt" | "api";

/** Reads `forced_login_method`. Throws `ProviderConfigError`. */
export function parseForcedLoginMethod(value: unknown): ForcedLoginMethod | undefined {
  if (value === undefined || value === "chatgpt" || value === "api") return value;
  throw new ProviderConfigError("forced_login_method", "expected `chatgpt` or `api`");
}

/**
 * Reads `forced_chatgpt_workspace_id`: one id or a list; blanks are dropped, and nothing left means no restriction. A
 * text with a comma is refused, because it was meant to be a list.
 */
export function parseForcedWorkspaceIds(value: unknown): readonly string[] {
  const key = "forced_chatgpt_workspace_id";
  if (value === undefined) return [];
  if (typeof value === "string" && value.includes(",")) {
    throw new ProviderConfigError(key, 'write several ids as a list, e.g. ["a", "b"]');
  }
  const ids = typeof value === "string" ? [value] : value;
  if (!Array.isArray(ids) || !ids.every((id) => typeof id === "string")) {
    throw new ProviderConfigError(key, "expected a workspace id or a list of them");
  }
  return ids.map((id) => id.trim()).filter((id) => id !== "");
}

/** Refuses a login command whose method is not the prescribed one. */
export function checkLoginMethod(
  method: ForcedLoginMethod,
  forced: ForcedLoginMethod | undefined,
): void {
  if (forced === undefined || forced === method) return;
  throw new LoginError(
    "method_not_allowed",
    forced === "api"
      ? "ChatGPT login is disabled here; log in with an API key"
      : "API key login is disabled here; log in with ChatGPT",
  );
}

/**
 * Checks the credentials in use against `forced_login_method` and the forced workspaces of the context. A violation
 * removes every stored login and rejects with `LoginError`. Call it at start, before any request.
 */
export async function enforceLoginRestrictions(
  context: CredentialContext,
  options: {
    /** Credentials in use by the auth manager; `undefined` when nobody is logged in, which violates nothing. */
    readonly snapshot: AuthSnapshot | undefined;
    readonly forcedLoginMethod?: ForcedLoginMethod | undefined;
  },
): Promise<void> {
  const violation = findViolation(context, options);
  if (violation === undefined) return;
  // Under the lock: a refresh in another process must not write the login back.
  await withCredentialsLock(lockDirectory(context), undefined, () => removeAllCredentials(context));
  throw violation;
}

function findViolation(
  { forcedWorkspaceIds = [] }: CredentialContext,
  {
    snapshot,
    forcedLoginMethod,
  }: {
    readonly snapshot: AuthSnapshot | undefined;
    readonly forcedLoginMethod?: ForcedLoginMethod | undefined;
  },
): LoginError | undefined {
  if (snapshot === undefined) return undefined;
  const isApiKey = snapshot.mode === "apikey";
  if (forcedLoginMethod === "api" && !isApiKey) {
    return new LoginError(
      "method_not_allowed",
      "API key login is required, but ChatGPT was in use: logged out",
    );
  }
  if (forcedLoginMethod === "chatgpt" && isApiKey) {
    return new LoginError(
      "method_not_allowed",
      "ChatGPT login is required, but an API key was in use: logged out",
    );
  }
  if (isApiKey || forcedWorkspaceIds.length === 0) return undefined;
  const workspaceId = snapshot.account?.workspaceId;
  if (workspaceId !== undefined && forcedWorkspaceIds.includes(workspaceId)) return undefined;
  const found =
    workspaceId === undefined
      ? "the credentials in use name no workspace"
      : `the credentials in use belong to ${workspaceId}`;
  return new LoginError(
    "workspace_not_allowed",
    `login is restricted to workspace ${forcedWorkspaceIds.join(", ")}, but ${found}: logged out`,
  );
}
