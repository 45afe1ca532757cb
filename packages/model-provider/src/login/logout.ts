import { removeRecordedFailure, withCredentialsLock } from "../auth/refresh-coordinator.ts";
import { ephemeralCredentialStore } from "../auth/storage/ephemeral-store.ts";
import { fileCredentialStore } from "../auth/storage/file-store.ts";
import { type CredentialContext, lockFolder, openStore } from "../auth/credential-context.ts";
import { revokeTokens } from "./revoke.ts";

/**
 * Withdraws the login at the server as far as possible and removes it here in any case. Returns whether there was one.
 */
export async function logout(context: CredentialContext): Promise<boolean> {
  return withCredentialsLock(lockFolder(context), undefined, async () => {
    // What cannot be read cannot be revoked, but it can be removed.
    const stored = await openStore(context)
      .load()
      .catch(() => undefined);
    if (stored !== undefined) await revokeTokens(context, stored);
    return removeAllCredentials(context);
  });
}

/** Removes the login from every store there is, without asking anybody. */
export async function removeAllCredentials(context: CredentialContext): Promise<boolean> {
  const wasInMemory = await ephemeralCredentialStore(context.codexHome, context.ephemeral).remove();
  if (context.storeMode === "ephemeral") return wasInMemory;
  const wasStored = await openStore(context).remove();
  const wasInFile = await fileCredentialStore(context.codexHome).remove();
  await removeRecordedFailure(context.codexHome);
  return wasInMemory || wasStored || wasInFile;
}
