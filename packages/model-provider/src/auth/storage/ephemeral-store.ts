import type { StoredCredentials } from "../stored-credentials.ts";
import type { CredentialStore } from "./credential-store.ts";
import { storeKey } from "./keyring-store.ts";

/** Credentials that end with the process, by store key; one map serves every manager of a process. */
export type EphemeralCredentials = Map<string, StoredCredentials>;

const processCredentials: EphemeralCredentials = new Map();

/** Credentials in memory only. `entries` defaults to the map shared by the whole process. */
export function ephemeralCredentialStore(
  codexHome: string,
  entries: EphemeralCredentials = processCredentials,
): CredentialStore {
  return {
    location: "the login of this process",
    async load() {
      return entries.get(await storeKey(codexHome));
    },
    async save(credentials) {
      entries.set(await storeKey(codexHome), credentials);
    },
    async remove() {
      return entries.delete(await storeKey(codexHome));
    },
  };
}
