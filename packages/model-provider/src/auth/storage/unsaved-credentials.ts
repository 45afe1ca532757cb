import type { StoredCredentials } from "../stored-credentials.ts";
import type { CredentialStore } from "./credential-store.ts";

/**
 * The store, and what it could not save: a refreshed login that did not reach the disk is used by this process as long as
 * the store still has what it replaces.
 */
export function withUnsavedCredentials(store: CredentialStore): CredentialStore {
  let unsaved: { readonly replaced: string; readonly credentials: StoredCredentials } | undefined;
  return {
    location: store.location,
    async load() {
      const stored = await store.load();
      if (unsaved !== undefined && textOf(stored) === unsaved.replaced) return unsaved.credentials;
      unsaved = undefined;
      return stored;
    },
    async save(credentials) {
      try {
        await store.save(credentials);
        unsaved = undefined;
      } catch (error) {
        const stored = await store.load().catch(() => undefined);
        unsaved = { replaced: textOf(stored), credentials };
        throw error;
      }
    },
    async remove() {
      unsaved = undefined;
      return store.remove();
    },
  };
}

function textOf(credentials: StoredCredentials | undefined): string {
  return credentials?.serialize("compact") ?? "";
}
