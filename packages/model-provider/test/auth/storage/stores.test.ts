import {
  chmod,
  lstat,
  mkdir,
  readFile,
  readdir,
  realpath,
  stat,
  symlink,
  writeFile,
} from "node:fs/promises";
import { createHash } from "node:crypto";
import { join } from "node:path";
import { afterEach, expect, test, vi } from "vitest";
import { temporaryDirectory } from "@codex-ts/test-support";
import {
  CredentialsError,
  Secret,
  StoredCredentials,
  createCredentialStore,
  parseCredentialStoreMode,
} from "@codex-ts/model-provider";
import type { Keyring } from "@codex-ts/model-provider";

afterEach(() => {
  vi.unstubAllEnvs();
});

const login = (key = "sk-1") => StoredCredentials.fromApiKey(new Secret(key));

function memoryKeyring(): Keyring & { readonly entries: Map<string, string> } {
  const entries = new Map<string, string>();
  return {
    entries,
    get: async (service, account) => entries.get(`${service}/${account}`),
    set: async (service, account, value) => void entries.set(`${service}/${account}`, value),
    delete: async (service, account) => entries.delete(`${service}/${account}`),
  };
}

const brokenKeyring: Keyring = {
  get: () => Promise.reject(unavailable()),
  set: () => Promise.reject(unavailable()),
  delete: () => Promise.reject(unavailable()),
};

function unavailable(): CredentialsError {
  return new CredentialsError("keyring_unavailable", "no secret service");
}

const modeOf = async (path: string) => (await stat(path)).mode & 0o777;

test("[provider/20] a write over a 0644 file ends at 0600, in a folder of 0700", async () => {
  await using base = await temporaryDirectory();
  const home = join(base.path, "new", "home");
  const store = createCredentialStore({ codexHome: home });
  await store.save(login());
  expect(await modeOf(home)).toBe(0o700);
  await chmod(join(home, "auth.json"), 0o644);
  await store.save(login("sk-2"));
  expect(await modeOf(join(home, "auth.json"))).toBe(0o600);
  expect(await readdir(home)).toEqual(["auth.json"]);
  expect((await store.load())?.apiKey?.expose()).toBe("sk-2");
});

test("a linked auth.json keeps its link and its target is replaced", async () => {
  await using base = await temporaryDirectory();
  const home = join(base.path, "home");
  await mkdir(home);
  await writeFile(join(base.path, "real.json"), "{}");
  await symlink(join(base.path, "real.json"), join(home, "auth.json"));
  await createCredentialStore({ codexHome: home }).save(login());
  expect((await lstat(join(home, "auth.json"))).isSymbolicLink()).toBe(true);
  expect(await readFile(join(base.path, "real.json"), "utf8")).toBe(login().serialize("pretty"));
});

test("removing tells whether there was something", async () => {
  await using home = await temporaryDirectory();
  const store = createCredentialStore({ codexHome: home.path });
  expect(await store.remove()).toBe(false);
  await store.save(login());
  expect(await store.remove()).toBe(true);
  expect(await store.load()).toBeUndefined();
});

test("[provider/21] the keyring entry is named by the folder, a save there removes the file", async () => {
  await using home = await temporaryDirectory();
  const keyring = memoryKeyring();
  await createCredentialStore({ codexHome: home.path }).save(login("in file"));
  const store = createCredentialStore({ codexHome: home.path, mode: "keyring", keyring });
  expect(await store.load()).toBeUndefined();
  await store.save(login("in keyring"));
  const hash = createHash("sha256")
    .update(await realpath(home.path))
    .digest("hex");
  expect([...keyring.entries]).toEqual([
    [`Codex Auth/cli|${hash.slice(0, 16)}`, '{"auth_mode":"apikey","OPENAI_API_KEY":"in keyring"}'],
  ]);
  expect(await readdir(home.path)).toEqual([]);
  expect(await store.remove()).toBe(true);
  expect(keyring.entries.size).toBe(0);
});

test("[provider/21b] without a secret service keyring fails, auto uses the file and says so", async () => {
  await using home = await temporaryDirectory();
  const strict = createCredentialStore({
    codexHome: home.path,
    mode: "keyring",
    keyring: brokenKeyring,
  });
  await expect(strict.load()).rejects.toMatchObject({ code: "keyring_unavailable" });
  await expect(strict.save(login())).rejects.toMatchObject({ code: "keyring_unavailable" });

  const warnings: string[] = [];
  const auto = createCredentialStore({
    codexHome: home.path,
    mode: "auto",
    keyring: brokenKeyring,
    warn: (message) => warnings.push(message),
  });
  expect(await auto.load()).toBeUndefined();
  await auto.save(login());
  expect(warnings).toEqual(["no secret service (using auth.json instead)"]);
  expect((await auto.load())?.apiKey?.expose()).toBe("sk-1");
  expect(await auto.remove()).toBe(true);
});

test("[provider/21c] auto prefers the keyring and reads a file that is there", async () => {
  await using home = await temporaryDirectory();
  const keyring = memoryKeyring();
  await createCredentialStore({ codexHome: home.path }).save(login("in file"));
  const auto = createCredentialStore({ codexHome: home.path, mode: "auto", keyring });
  expect((await auto.load())?.apiKey?.expose()).toBe("in file");
  await auto.save(login("in keyring"));
  expect((await auto.load())?.apiKey?.expose()).toBe("in keyring");
});

test("[provider/21d] ephemeral credentials never touch the disk and are shared within the map", async () => {
  await using home = await temporaryDirectory();
  const ephemeral = new Map();
  const open = () => createCredentialStore({ codexHome: home.path, mode: "ephemeral", ephemeral });
  await open().save(login());
  expect((await open().load())?.apiKey?.expose()).toBe("sk-1");
  expect(await readdir(home.path)).toEqual([]);
  expect(await open().remove()).toBe(true);
  expect(await open().load()).toBeUndefined();
});

test.skipIf(process.platform !== "linux")(
  "[provider/21e] on Linux only a secret service counts as a keyring, not the kernel's, which forgets at the next boot",
  async () => {
    await using home = await temporaryDirectory();
    vi.stubEnv("DBUS_SESSION_BUS_ADDRESS", `unix:path=${join(home.path, "nobody")}`);
    const strict = createCredentialStore({ codexHome: home.path, mode: "keyring" });
    await expect(strict.save(login())).rejects.toMatchObject({ code: "keyring_unavailable" });
    await expect(strict.load()).rejects.toMatchObject({ code: "keyring_unavailable" });
    const auto = createCredentialStore({ codexHome: home.path, mode: "auto" });
    await auto.save(login());
    expect(await readdir(home.path)).toEqual(["auth.json"]);
    expect((await auto.load())?.apiKey?.expose()).toBe("sk-1");
  },
);

test("[provider/store-mode] another store name is an error naming the four", () => {
  expect(parseCredentialStoreMode(undefined)).toBe("file");
  expect(parseCredentialStoreMode("auto")).toBe("auto");
  expect(() => parseCredentialStoreMode("cloud")).toThrow(
    "cli_auth_credentials_store: expected one of `file`, `keyring`, `auto`, `ephemeral`",
  );
});
