import { createHash } from "node:crypto";
import { realpath } from "node:fs/promises";
import { resolve } from "node:path";
import { CredentialsError } from "../../errors.ts";
import { StoredCredentials } from "../stored-credentials.ts";
import type { CredentialStore } from "./credential-store.ts";
import type { Keyring } from "./keyring.ts";

const SERVICE = "Codex Auth";
const LOCATION = "the keyring entry of Codex";

/** Options of the stores that use a keyring. */
export interface KeyringStoreOptions {
  readonly codexHome: string;
  readonly keyring: Keyring;
  /** The plain file, removed once the keyring holds the credentials. */
  readonly file: CredentialStore;
  readonly warn: (message: string) => void;
}

/** Credentials in one entry of the system keyring. */
export function keyringCredentialStore(options: KeyringStoreOptions): CredentialStore {
  const { codexHome, keyring, file, warn } = options;
  return {
    location: LOCATION,
    async load() {
      const text = await keyring.get(SERVICE, await storeKey(codexHome));
      return text === undefined ? undefined : parseEntry(text);
    },
    async save(credentials) {
      await keyring.set(SERVICE, await storeKey(codexHome), credentials.serialize("compact"));
      await file.remove().catch(() => {
        warn("the credentials are in the keyring now, but the old auth.json could not be removed");
      });
    },
    async remove() {
      const wasInKeyring = await keyring.delete(SERVICE, await storeKey(codexHome));
      const wasInFile = await file.remove();
      return wasInKeyring || wasInFile;
    },
  };
}

/** The keyring where it works, else the file. */
export function autoCredentialStore(options: KeyringStoreOptions): CredentialStore {
  const { file, warn } = options;
  const keyringStore = keyringCredentialStore(options);
  return {
    location: `${LOCATION} or ${file.location}`,
    async load() {
      // A keyring that fails is as good as an empty one: this mode promises to work everywhere.
      return (await keyringStore.load().catch(() => undefined)) ?? file.load();
    },
    async save(credentials) {
      try {
        await keyringStore.save(credentials);
      } catch (error) {
        warn(`${(error as Error).message} (using auth.json instead)`);
        await file.save(credentials);
      }
    },
    async remove() {
      return keyringStore.remove().catch(() => file.remove());
    },
  };
}

/** Name of the entry for one home directory: `cli|` and the first 16 hex digits of the directory's SHA-256. */
export async function storeKey(codexHome: string): Promise<string> {
  const canonical = await realpath(codexHome).catch(() => resolve(codexHome));
  return `cli|${createHash("sha256").update(canonical).digest("hex").slice(0, 16)}`;
}

function parseEntry(text: string): StoredCredentials {
  try {
    return StoredCredentials.parse(text);
  } catch (error) {
    const problem = CredentialsError.is(error) ? error.message : "unexpected content";
    throw new CredentialsError(
      "credentials_unreadable",
      `${LOCATION} cannot be used: ${problem}; log in again`,
    );
  }
}
