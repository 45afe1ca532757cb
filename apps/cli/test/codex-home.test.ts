import { mkdir, readFile, readdir, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { temporaryDirectory } from "@codex-ts/test-support";
import { describe, expect, test } from "vitest";
import { codexHome, readInstallationId } from "../src/codex-home.ts";

const UUID_V4 = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const refuseWarnings = (message: string): never => {
  throw new Error(message);
};

describe("the configuration folder", () => {
  test("is $CODEX_HOME where set, else .codex in the home directory", async () => {
    await using directory = await temporaryDirectory();
    const base = { cwd: directory.path, homeDirectory: "/home/user" };
    await mkdir(join(directory.path, "named"));
    expect(codexHome({ ...base, env: {} })).toBe("/home/user/.codex");
    expect(codexHome({ ...base, env: { CODEX_HOME: "" } })).toBe("/home/user/.codex");
    expect(codexHome({ ...base, env: { CODEX_HOME: "named" } })).toBe(
      join(directory.path, "named"),
    );
    expect(() => codexHome({ ...base, env: { CODEX_HOME: "absent" } })).toThrow(/CODEX_HOME/);
    expect(() => codexHome({ ...base, homeDirectory: undefined, env: {} })).toThrow(/set HOME/);
  });
});

describe("the installation id", () => {
  test("[cli/installation-id] is made once, kept with mode 0600, and read again", async () => {
    await using directory = await temporaryDirectory();
    const home = join(directory.path, "new", "home");
    const id = readInstallationId(home, refuseWarnings);
    expect(id).toMatch(UUID_V4);
    expect(await readFile(join(home, "installation_id"), "utf8")).toBe(id);
    expect((await stat(join(home, "installation_id"))).mode & 0o777).toBe(0o600);
    expect((await stat(home)).mode & 0o777).toBe(0o700);
    expect(readInstallationId(home, refuseWarnings)).toBe(id);
    expect(await readdir(home)).toEqual(["installation_id"]);
  });

  test.each(["", "not a uuid", "11111111-1111-1111-1111-111111111111"])(
    "a damaged one (%j) is replaced",
    async (text) => {
      await using directory = await temporaryDirectory();
      await writeFile(join(directory.path, "installation_id"), text);
      const id = readInstallationId(directory.path, refuseWarnings);
      expect(id).toMatch(UUID_V4);
      expect(await readFile(join(directory.path, "installation_id"), "utf8")).toBe(id);
    },
  );

  test("where it cannot be kept, a fresh one is used with a warning", async () => {
    await using directory = await temporaryDirectory();
    const file = join(directory.path, "file");
    await writeFile(file, "");
    const warnings: string[] = [];
    expect(readInstallationId(join(file, "home"), (message) => warnings.push(message))).toMatch(
      UUID_V4,
    );
    expect(warnings).toHaveLength(1);
  });
});
