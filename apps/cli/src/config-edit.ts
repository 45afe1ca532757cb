import { chmodSync, realpathSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { makeDirectory } from "@codex-ts/api/internal";
import { MAX_CONFIG_BYTES } from "./config-file.ts";
import { tomlProblem } from "./config-syntax.ts";
import { CommandError, fileProblem } from "./errors.ts";
import { readTextFile } from "./read-text-file.ts";
import { UneditableToml } from "./toml-edit.ts";

/**
 * Changes `config.toml` of a home directory: the text it has, or `""`, goes through `edit`. Written beside and moved, so that
 * nobody reads half a file; a link stays one. Throws `CommandError`, also that of `edit`.
 */
export function editConfig(home: string, edit: (text: string) => string): void {
  const named = join(home, "config.toml");
  const before = read(named);
  const after = edited(named, before ?? "", edit);
  if (after === before) return;
  const file = before === undefined ? named : realpathSync(named);
  const draft = `${file}.${process.pid}.tmp`;
  try {
    makeDirectory(home);
    // Tables of servers may hold credentials.
    const mode = before === undefined ? 0o600 : statSync(file).mode & 0o777;
    writeFileSync(draft, after, { mode: 0o600, flag: "wx" });
    chmodSync(draft, mode);
    renameSync(draft, file);
  } catch (error) {
    rmSync(draft, { force: true });
    throw new CommandError(`${file}: cannot be written: ${fileProblem(error)}`, { cause: error });
  }
}

function read(file: string): string | undefined {
  try {
    return readTextFile(file, { maxBytes: MAX_CONFIG_BYTES });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw new CommandError(`${file}: cannot be read: ${fileProblem(error)}`, { cause: error });
  }
}

function edited(file: string, text: string, edit: (text: string) => string): string {
  try {
    return edit(text);
  } catch (error) {
    if (error instanceof CommandError) throw error;
    if (error instanceof UneditableToml) {
      throw new CommandError(
        `${file}: the table is written in a form that cannot be changed without losing something; change it by hand`,
        { cause: error },
      );
    }
    throw tomlProblem(file, text, error);
  }
}
