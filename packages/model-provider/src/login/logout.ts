import { removeRecordedFailure, withCredentialsLock } from "../auth/refresh-coordinator.ts";
import { ephemeralCredentialStore } from "../auth/storage/ephemeral-store.ts";
import { fileCredentialStore } from "../auth/storage/file-store.ts";
import { type CredentialContext, lockDirectory, openStore } from "../auth/credential-context.ts";
import { revokeTokens } from "./revoke.ts";

/**
 * Withdraws the login at the server as far as possible and removes it here in any case. Returns whether there was one.
 */
export async function logout(context: CredentialContext): Promise<boolean> {
  return withCredentialsLock(lockDirectory(context), undefined, async () => {
    // What cannot be read cannot be revoked, but it can be removed.
    const stored = await openStore(context)
      .load()
      .catch(() => undefined);
    if (stored !== undefined) await revokeTokens(context, stored);
    return removeAllCredentials(context);
  });
}

/**
 * Removes the login from every store there is, without asking anybody. A store that cannot be emptied does not protect the
 * others; its error is thrown at the end.
 */
export async function removeAllCredentials(context: CredentialContext): Promise<boolean> {
  const { codexHome } = context;
  const stores = [ephemeralCredentialStore(codexHome, context.ephemeral)];
  if (context.storeMode !== "ephemeral") {
    stores.push(openStore(context), fileCredentialStore(codexHome));
  }
  const outcomes = await Promise.allSettled(stores.map((store) => store.remove()));
  if (context.storeMode !== "ephemeral") await removeRecordedFailure(codexHome);
  for (const outcome of outcomes) if (outcome.status === "rejected") throw outcome.reason;
  return outcomes.some((outcome) => outcome.status === "fulfilled" && outcome.value);
}
