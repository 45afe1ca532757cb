import { type CredentialContext, lockDirectory, openStore } from "../auth/credential-context.ts";
import { removeRecordedFailure, withCredentialsLock } from "../auth/refresh-coordinator.ts";
import type { StoredCredentials } from "../auth/stored-credentials.ts";
import { LoginError } from "./login-error.ts";
import { revokeTokens } from "./revoke.ts";

/** Stores a new login in place of the old one, then withdraws the tokens of the old one. */
export async function saveLogin(
  context: CredentialContext,
  credentials: StoredCredentials,
): Promise<void> {
  const store = openStore(context);
  const previous = await withCredentialsLock(lockDirectory(context), undefined, async () => {
    // A store that cannot be read is about to be replaced; that is how it is repaired.
    const stored = await store.load().catch(() => undefined);
    await store.save(credentials);
    if (context.storeMode !== "ephemeral") await removeRecordedFailure(context.codexHome);
    return stored;
  });
  const isSuperseded =
    previous?.tokens !== undefined &&
    !previous.tokens.refreshToken.equals(credentials.tokens?.refreshToken);
  if (isSuperseded) await revokeTokens(context, previous);
}

/** Refuses a login for another workspace than the prescribed ones. */
export function checkWorkspace(context: CredentialContext, workspaceId: string | undefined): void {
  const { forcedWorkspaceIds = [] } = context;
  if (forcedWorkspaceIds.length === 0) return;
  if (workspaceId !== undefined && forcedWorkspaceIds.includes(workspaceId)) return;
  throw new LoginError(
    "workspace_not_allowed",
    `this login is for another workspace; only ${forcedWorkspaceIds.join(", ")} may be used here`,
  );
}
