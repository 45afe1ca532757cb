import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, expect, test, vi } from "vitest";
import { temporaryDirectory } from "@codex-ts/test-support";
import { StoredCredentials, createCredentialStore } from "@codex-ts/model-provider";
import { chatgptLogin, writeAuthFile } from "../../support/logins.ts";

afterEach(() => {
  vi.restoreAllMocks();
});

const KEY = '"OPENAI_API_KEY":"sk-canary-0123456789"';

test.concurrent.each<[string, string]>([
  ["nothing", ""],
  ["two byte order marks", `\uFEFF\uFEFF{${KEY}}`],
  ["zero bytes", "\0\0\0"],
  ["a list", `[{${KEY}}]`],
  ["a wrong type", `{${KEY},"tokens":["canary"]}`],
  ["a mode that is a method", `{${KEY},"auth_mode":"constructor"}`],
  ["endless nesting", `{${KEY},"x":${"[".repeat(200_000)}${"]".repeat(200_000)}}`],
  ["more than a mebibyte", `{${KEY},"x":"${"a".repeat(1_048_576)}"}`],
])(
  "[provider/hostile-file] a file with %s is a clean error without its content",
  async (_, text) => {
    await using home = await temporaryDirectory();
    await writeAuthFile(home.path, text);
    const loading = createCredentialStore({ codexHome: home.path }).load();
    const error = await loading.catch((reason: unknown) => reason as Error);
    expect(error).toMatchObject({ code: "credentials_unreadable" });
    expect((error as Error).message).not.toContain("canary");
    expect((error as Error).message.length).toBeLessThan(300);
  },
);

test("[provider/hostile-file] keys named like parts of the language are kept and change nothing", async () => {
  const text = `{"__proto__":{"auth_mode":"chatgpt"},${KEY},"constructor":1}`;
  const credentials = StoredCredentials.parse(text);
  expect(credentials.mode).toBe("apikey");
  expect(JSON.parse(credentials.serialize("compact"))).toEqual(JSON.parse(text));
  expect(({} as Record<string, unknown>)["auth_mode"]).toBeUndefined();
});

test("[provider/hostile-file] a folder in place of the file is a clean error", async () => {
  await using home = await temporaryDirectory();
  await mkdir(join(home.path, "auth.json"));
  await expect(createCredentialStore({ codexHome: home.path }).load()).rejects.toMatchObject({
    code: "credentials_unreadable",
  });
});

test.skipIf(process.platform === "win32")(
  "[provider/hostile-file] a pipe in place of the file is not waited for",
  async () => {
    await using home = await temporaryDirectory();
    execFileSync("mkfifo", [join(home.path, "auth.json")]);
    await expect(createCredentialStore({ codexHome: home.path }).load()).rejects.toMatchObject({
      code: "credentials_unreadable",
    });
  },
);

test("[provider/half-written] a file that another program is just writing is read again", async () => {
  await using home = await temporaryDirectory();
  const whole = JSON.stringify(chatgptLogin(), null, 2);
  await writeAuthFile(home.path, whole.slice(0, 100));
  const parse = StoredCredentials.parse.bind(StoredCredentials);
  const looks = vi.spyOn(StoredCredentials, "parse").mockImplementation((text) => {
    // Whoever writes in place is done by the second look.
    writeFileSync(join(home.path, "auth.json"), whole);
    return parse(text);
  });
  const stored = await createCredentialStore({ codexHome: home.path }).load();
  expect(stored?.tokens?.refreshToken.expose()).toBe("refresh-1");
  expect(looks).toHaveBeenCalledTimes(2);
});
