import { randomUUID } from "node:crypto";
import { renameSync, statSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import type { CliProcess } from "./cli-process.ts";
import { CommandError, fileProblem } from "./errors.ts";
import { makeDirectory } from "./make-directory.ts";
import { readTextFile } from "./read-text-file.ts";

const INSTALLATION_ID_FILE = "installation_id";
const MAX_ID_BYTES = 1024;
const UUID_V4 = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

/**
 * Directory of the configuration: `$CODEX_HOME`, else `~/.codex`. A directory that was named has to exist, since a
 * wrong name would otherwise mean running without any configuration.
 */
export function codexHome({
  env,
  cwd,
  homeDirectory,
}: Pick<CliProcess, "env" | "cwd" | "homeDirectory">): string {
  const named = env["CODEX_HOME"];
  if (named === undefined || named === "") {
    if (homeDirectory !== undefined) return join(homeDirectory, ".codex");
    throw new CommandError(
      "this user has no home directory: set HOME, or CODEX_HOME to a directory",
    );
  }
  const home = resolve(cwd, named);
  if (statSync(home, { throwIfNoEntry: false })?.isDirectory() === true) return home;
  throw new CommandError(
    `CODEX_HOME is ${named}, which is no directory: create it or correct the variable`,
  );
}

/**
 * The UUID of this installation, kept in the configuration directory (mode 0600). Made when it is missing or damaged.
 * Where it cannot be kept, a fresh one is used and `warn` is called.
 */
export function readInstallationId(home: string, warn: (message: string) => void): string {
  const file = join(home, INSTALLATION_ID_FILE);
  const stored = readStoredId(file);
  if (stored !== undefined) return stored;
  const id = randomUUID();
  try {
    makeDirectory(home);
    // Written beside and moved, so that a second process never reads half an id.
    const draft = `${file}.${process.pid}.tmp`;
    writeFileSync(draft, id, { mode: 0o600 });
    renameSync(draft, file);
  } catch (error) {
    warn(`installation id not kept in ${file}: ${fileProblem(error)}`);
  }
  return id;
}

function readStoredId(file: string): string | undefined {
  try {
    const text = readTextFile(file, { maxBytes: MAX_ID_BYTES }).trim().toLowerCase();
    return UUID_V4.test(text) ? text : undefined;
  } catch {
    return undefined;
  }
}
