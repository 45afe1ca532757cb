import { execFile, execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { temporaryDirectory } from "@codex-ts/test-support";
import { describe, expect, test } from "vitest";
import { unsupportedNodeMessage } from "../src/node-version.ts";

const run = promisify(execFile);
const oldNode = findOldNode();

describe("the Node version", { timeout: 60_000 }, () => {
  test.each(["22.19.0", "22.20.1", "23.0.0", "24.21.0", "100.0.0"])("accepts %s", (version) => {
    expect(unsupportedNodeMessage(version)).toBeUndefined();
  });

  test.each(["20.20.2", "22.18.9", "18.0.0", "8.17.0"])("refuses %s and names both", (version) => {
    expect(unsupportedNodeMessage(version)).toContain("22.19");
    expect(unsupportedNodeMessage(version)).toContain(version);
  });

  test.skipIf(oldNode === undefined)(
    "[cli/node-version] the built program tells an older Node what is wrong, on one line",
    async () => {
      await using directory = await temporaryDirectory();
      await buildEntry(directory.path);
      const failure = await run(oldNode ?? "", [join(directory.path, "main.js")]).then(
        () => undefined,
        (error: { code: number; stdout: string; stderr: string }) => error,
      );
      expect(failure?.code).toBe(1);
      expect(failure?.stdout).toBe("");
      expect(failure?.stderr).toMatch(/^error: codex-ts needs Node 22\.19 or newer[^\n]*\n$/);
    },
  );
});

/** What `tsc -b` makes of the two files an older Node has to load, without building the packages they lead to. */
async function buildEntry(outDir: string): Promise<void> {
  const compiler = fileURLToPath(import.meta.resolve("typescript/package.json"));
  const options =
    "--noResolve --noCheck --rewriteRelativeImportExtensions --ignoreConfig --target es2024 --module nodenext";
  const files = ["main", "node-version"].map((name) =>
    fileURLToPath(new URL(`../src/${name}.ts`, import.meta.url)),
  );
  const args = [...options.split(" "), "--outDir", outDir, ...files];
  await run(process.execPath, [join(compiler, "../bin/tsc"), ...args]);
  await writeFile(join(outDir, "package.json"), '{"type":"module"}');
}

/** A Node below 22 somewhere in PATH. */
function findOldNode(): string | undefined {
  return (process.env["PATH"] ?? "")
    .split(delimiter)
    .map((directory) => join(directory, "node"))
    .filter((file) => existsSync(file))
    .find(
      (file) => Number(/^v(\d+)/.exec(execFileSync(file, ["-v"], { encoding: "utf8" }))?.[1]) < 22,
    );
}
