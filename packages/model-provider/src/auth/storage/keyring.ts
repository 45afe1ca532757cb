import { CredentialsError } from "../../errors.ts";

/** The operating system's secret service. Implementations throw when there is none. */
export interface Keyring {
  get(service: string, account: string): Promise<string | undefined>;
  set(service: string, account: string, value: string): Promise<void>;
  /** Whether there was an entry. */
  delete(service: string, account: string): Promise<boolean>;
}

/** The part of `@napi-rs/keyring` used here. */
interface KeyringModule {
  readonly AsyncEntry: new (
    service: string,
    account: string,
    options: { readonly linux: { readonly store: "secret-service" } },
  ) => KeyringEntry;
}

interface KeyringEntry {
  getPassword(): Promise<string | null | undefined>;
  setPassword(value: string): Promise<void>;
  deleteCredential(): Promise<boolean>;
}

/**
 * The system keyring through the optional package `@napi-rs/keyring`, loaded at first use. Every failure becomes a
 * `CredentialsError` with code `keyring_unavailable`; messages never hold the value.
 */
export function systemKeyring(): Keyring {
  return {
    get: (service, account) =>
      attempt("read from", async () => {
        const value = await (await entry(service, account)).getPassword();
        return value ?? undefined;
      }),
    set: (service, account, value) =>
      attempt("write to", async () => (await entry(service, account)).setPassword(value)),
    delete: (service, account) =>
      attempt("delete from", async () => (await entry(service, account)).deleteCredential()),
  };
}

async function entry(service: string, account: string): Promise<KeyringEntry> {
  const module: KeyringModule = await import("@napi-rs/keyring");
  // Without a secret service the package would fall back to the kernel's keyring, which forgets at the next boot: `auto`
  // would move a login there and remove the file. No keyring is better than that one.
  return new module.AsyncEntry(service, account, { linux: { store: "secret-service" } });
}

async function attempt<T>(action: string, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    // Platform errors name the service and the bus, not the value; only their first line is kept.
    const reason = (error as Error).message.split("\n")[0];
    throw new CredentialsError(
      "keyring_unavailable",
      `${action} the system keyring: ${reason}; set cli_auth_credentials_store = "file" to do without`,
    );
  }
}
