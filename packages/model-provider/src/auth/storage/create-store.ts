import { ProviderConfigError } from "../../errors.ts";
import type { CredentialStore, CredentialStoreMode } from "./credential-store.ts";
import { type EphemeralCredentials, ephemeralCredentialStore } from "./ephemeral-store.ts";
import { fileCredentialStore } from "./file-store.ts";
import { type Keyring, systemKeyring } from "./keyring.ts";
import { autoCredentialStore, keyringCredentialStore } from "./keyring-store.ts";

/** Options of {@link createCredentialStore}. */
export interface CredentialStoreOptions {
  /** Directory shared with Codex, e.g. `~/.codex`. */
  readonly codexHome: string;
  /** Default `file`. */
  readonly mode?: CredentialStoreMode | undefined;
  /** Default: the operating system's, through the optional package `@napi-rs/keyring`. */
  readonly keyring?: Keyring | undefined;
  /** In-memory entries. Default: those of the whole process. */
  readonly ephemeral?: EphemeralCredentials | undefined;
  /** Told when `auto` falls back to the file. Default: nobody is. */
  readonly warn?: ((message: string) => void) | undefined;
}

/** Opens the store `cli_auth_credentials_store` names. Nothing is read or written before its first use. */
export function createCredentialStore(options: CredentialStoreOptions): CredentialStore {
  const { codexHome } = options;
  const file = fileCredentialStore(codexHome);
  const keyring = options.keyring ?? systemKeyring();
  const withKeyring = { codexHome, keyring, file, warn: options.warn ?? (() => {}) };
  const open: Record<CredentialStoreMode, () => CredentialStore> = {
    file: () => file,
    keyring: () => keyringCredentialStore(withKeyring),
    auto: () => autoCredentialStore(withKeyring),
    ephemeral: () => ephemeralCredentialStore(codexHome, options.ephemeral),
  };
  return open[options.mode ?? "file"]();
}

const MODES: readonly string[] = ["file", "keyring", "auto", "ephemeral"];

/** Reads `cli_auth_credentials_store`; absent means `file`. Throws `ProviderConfigError` naming the four values. */
export function parseCredentialStoreMode(value: unknown): CredentialStoreMode {
  if (value === undefined) return "file";
  if (typeof value === "string" && MODES.includes(value)) return value as CredentialStoreMode;
  throw new ProviderConfigError(
    "cli_auth_credentials_store",
    `expected one of ${MODES.map((mode) => `\`${mode}\``).join(", ")}`,
  );
}
