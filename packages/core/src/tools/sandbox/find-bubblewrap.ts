import { execFile } from "node:child_process";
import { randomUUID } from "node:crypto";
import { openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, isAbsolute, join } from "node:path";
import { isExecutable } from "../exec/is-executable.ts";
import { CONFINING_ARGUMENTS, confined } from "./confined-command.ts";
import { socketFilter } from "./seccomp-filter.ts";

/** The program that confines commands, or why there is none. */
export type Bubblewrap =
  | { readonly path: string; readonly filterPath: string; readonly problem?: undefined }
  | { readonly path?: undefined; readonly problem: string };

const TRY_TIMEOUT_MS = 10_000;

const tried = new Map<string, Promise<Bubblewrap>>();

/** Finds the system's `bwrap` and tries it, once per process and search path. Never rejects. */
export function findBubblewrap(searchPath: string | undefined): Promise<Bubblewrap> {
  const key = searchPath ?? "";
  const found = tried.get(key) ?? find(key);
  tried.set(key, found);
  return found;
}

async function find(searchPath: string): Promise<Bubblewrap> {
  if (process.platform !== "linux")
    return { problem: `there is no sandbox for ${process.platform}` };
  const filterPath = filterFile();
  if (filterPath === undefined) return { problem: `there is no sandbox for ${process.arch}` };
  const folders = searchPath.split(delimiter).filter(isAbsolute);
  const path = folders.map((folder) => join(folder, "bwrap")).find(isExecutable);
  if (path === undefined) {
    return {
      problem: "the program `bwrap` is not installed; it is the package bubblewrap of most systems",
    };
  }
  const problem = await tryOut({ path, filterPath });
  return problem === undefined ? { path, filterPath } : { problem };
}

/** Runs nothing in the narrowest sandbox. Resolves with what is wrong. */
function tryOut(bubblewrap: {
  readonly path: string;
  readonly filterPath: string;
}): Promise<string | undefined> {
  const [program = "", ...args] = confined(["/bin/sh", "-c", ":"], {
    ...bubblewrap,
    arguments: CONFINING_ARGUMENTS,
    hasNetwork: false,
  });
  return new Promise((resolve) => {
    execFile(program, args, { timeout: TRY_TIMEOUT_MS, env: {} }, (error, _stdout, stderr) => {
      if (error === null) return resolve(undefined);
      const reason = stderr.trim().split("\n")[0]?.slice(0, 200) || error.message.split("\n")[0];
      resolve(`\`${bubblewrap.path}\` does not work here: ${reason}`);
    });
  });
}

let filter: string | undefined;

/**
 * Path by which children of this process open the filter. The file has no name any more: what is confined to the temporary
 * directory must not be able to change the filter of the next command.
 */
function filterFile(): string | undefined {
  if (filter !== undefined) return filter;
  const bytes = socketFilter();
  if (bytes === undefined) return undefined;
  const path = join(tmpdir(), `codex-ts-filter-${randomUUID()}`);
  try {
    writeFileSync(path, bytes, { mode: 0o600, flag: "wx" });
    filter = `/proc/${process.pid}/fd/${openSync(path, "r")}`;
  } finally {
    rmSync(path, { force: true });
  }
  return readFileSync(filter).equals(bytes) ? filter : undefined;
}
