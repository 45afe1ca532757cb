import { execFile } from "node:child_process";
import { copyFile, mkdir, realpath, symlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { temporaryDirectory } from "@codex-ts/test-support";
import type { TestProject } from "vitest/node";

declare module "vitest" {
  export interface ProvidedContext {
    /** The built program, in a directory that holds the files of the package and, as an installation, one optional package. */
    readonly builtMain: string;
  }
}

const PACKAGE = fileURLToPath(new URL("../..", import.meta.url));
/** Commands have a terminal with it. */
const OPTIONAL_PACKAGE = join("node_modules", "@lydell", "node-pty");

/** Builds the program once for all test files: what users start, and what starts faster than the sources. */
export default async function build(project: TestProject): Promise<() => Promise<void>> {
  const directory = await temporaryDirectory();
  const dist = join(directory.path, "dist");
  await copyFile(join(PACKAGE, "package.json"), join(directory.path, "package.json"));
  const link = join(directory.path, OPTIONAL_PACKAGE);
  await mkdir(dirname(link), { recursive: true });
  await symlink(await realpath(join(PACKAGE, OPTIONAL_PACKAGE)), link);
  await promisify(execFile)(process.execPath, [join(PACKAGE, "scripts", "bundle.ts"), dist]);
  project.provide("builtMain", join(dist, "main.js"));
  return async () => directory[Symbol.asyncDispose]();
}
