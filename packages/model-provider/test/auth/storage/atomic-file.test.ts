import { mkdir, readFile, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryDirectory } from "@codex-ts/test-support";
import { removeAbandonedTemporaries, replaceFile } from "../../../src/auth/storage/atomic-file.ts";
import { startChild } from "../../support/child-process.ts";

const REPLACE_FILE = new URL("../../support/children/replace-file.ts", import.meta.url);

test("[provider/20c] a writer killed at any moment leaves a whole file, and what it left is cleared away", async () => {
  await using home = await temporaryDirectory();
  const path = join(home.path, "auth.json");
  await using child = startChild(REPLACE_FILE, [path]);
  expect(await child.nextLine()).toBe("ready");
  const rounds = new Set<number>();
  while (rounds.size < 20) {
    rounds.add((JSON.parse(await readFile(path, "utf8")) as { round: number }).round);
  }
  await child.kill();
  expect(JSON.parse(await readFile(path, "utf8"))).toHaveProperty("filler");
  await writeFile(join(home.path, ".auth.json.codex-ts-killed"), "half");
  await removeAbandonedTemporaries(path);
  expect(await readdir(home.path)).toEqual(["auth.json"]);
});

test("[provider/20b] a replacement that fails leaves nothing beside what was there", async () => {
  await using home = await temporaryDirectory();
  const path = join(home.path, "auth.json");
  await mkdir(join(path, "not-a-file"), { recursive: true });
  await expect(replaceFile(path, "new")).rejects.toThrow(/EISDIR|ENOTEMPTY|EEXIST|EPERM/);
  expect(await readdir(home.path)).toEqual(["auth.json"]);
  expect(await readdir(path)).toEqual(["not-a-file"]);
});
