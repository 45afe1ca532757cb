import { chmod, readFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import { temporaryDirectory } from "@codex-ts/test-support";
import { expect, test } from "vitest";
import { attached } from "../support/headers.ts";
import {
  accessToken,
  chatgptLogin,
  idToken,
  manager,
  refreshEnv,
  writeAuthFile,
} from "../support/logins.ts";
import { startLoopback } from "../support/loopback.ts";

/** Runs something in a folder that can be read and not written; to root everything can be written. */
async function readOnly(home: string, run: () => Promise<void>): Promise<void> {
  const isRoot = process.geteuid?.() === 0;
  await chmod(join(home, "auth.json"), 0o644);
  await chmod(home, 0o555);
  if (isRoot) process.seteuid?.(65_534);
  try {
    await run();
  } finally {
    if (isRoot) process.seteuid?.(0);
    await chmod(home, 0o700);
  }
}

test.skipIf(process.geteuid === undefined)(
  "[provider/read-only-home] a valid token is used without a word",
  async () => {
    await using home = await temporaryDirectory();
    const login = chatgptLogin();
    await writeAuthFile(home.path, login);
    const warnings: string[] = [];
    await readOnly(home.path, async () => {
      const snapshot = await manager(home.path, { warn: (text) => warnings.push(text) }).auth();
      expect(attached(snapshot?.authProvider).authorization).toBe(
        `Bearer ${login.tokens.access_token}`,
      );
    });
    expect(warnings).toEqual([]);
  },
);

test.skipIf(process.geteuid === undefined)(
  "[provider/read-only-home] an expired one is refreshed for this process, with one warning",
  async () => {
    const second = accessToken({ marker: "second" });
    let count = 1;
    await using server = await startLoopback(() => {
      count += 1;
      return {
        body: { id_token: idToken(), access_token: second, refresh_token: `refresh-${count}` },
      };
    });
    await using home = await temporaryDirectory();
    await writeAuthFile(home.path, chatgptLogin({ expiresInMs: -1000 }));
    const before = await readFile(join(home.path, "auth.json"), "utf8");
    const warnings: string[] = [];
    await readOnly(home.path, async () => {
      const subject = manager(home.path, {
        env: refreshEnv(server.url),
        warn: (text) => warnings.push(text),
      });
      const authorization = async () => attached((await subject.auth())?.authProvider);
      expect((await authorization()).authorization).toBe(`Bearer ${second}`);
      // Looking at the folder again does not bring back the token that is spent.
      await subject.reload();
      expect((await authorization()).authorization).toBe(`Bearer ${second}`);
      await subject.refreshTokenFromAuthority();
      expect((await authorization()).authorization).toBe(`Bearer ${second}`);
    });
    expect(server.requests.map(({ json }) => json)).toMatchObject([
      { refresh_token: "refresh-1" },
      { refresh_token: "refresh-2" },
    ]);
    expect(warnings.filter((text) => !text.includes("OVERRIDE"))).toEqual([
      expect.stringMatching(/^refreshed credentials could not be stored/),
    ]);
    expect(await readFile(join(home.path, "auth.json"), "utf8")).toBe(before);
    expect(await readdir(home.path)).toEqual(["auth.json"]);
  },
);
