import { realpathSync, statSync } from "node:fs";
import module from "node:module";
import { homedir } from "node:os";
import { dirname, isAbsolute, join } from "node:path";
import { makeDirectory } from "./make-directory.ts";

/** Facts that decide where compiled code may be kept. */
export interface CompileCacheFacts {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly platform: NodeJS.Platform;
  /** Throws for a user who has none. */
  readonly homeDirectory: () => string;
  /** Number of the user; `undefined` where the system has none. */
  readonly userId: number | undefined;
}

/** Those of this process. */
export function processFacts(): CompileCacheFacts {
  const { env, platform } = process;
  return { env, platform, homeDirectory: homedir, userId: process.getuid?.() };
}

/**
 * Keeps what Node compiles of sources between runs, which saves most of their start-up time; what is built keeps more,
 * in the same directory (`createScriptLoader`). Modules imported before this are not kept. Without a safe directory
 * everything works as before, only slower.
 */
export function useCompileCache(): void {
  const folder = compileCacheFolder(processFacts());
  // Node 22.8 has it; other programs that offer Node's API may not.
  if (folder !== undefined) module.enableCompileCache?.(folder);
}

/**
 * Makes the directory if need be. `undefined` when there is no safe one: Node runs what it finds there without looking
 * at it, so nobody but this user may be able to write there, or to put another directory in its place.
 */
export function compileCacheFolder(facts: CompileCacheFacts): string | undefined {
  const { env, userId } = facts;
  // Node has been told already: both are its own, the first names another directory, the second one switches it off.
  if (env["NODE_COMPILE_CACHE"] || env["NODE_DISABLE_COMPILE_CACHE"]) return undefined;
  try {
    const folder = join(cacheHome(facts), "codex-ts", "compile-cache");
    if (!isAbsolute(folder)) return undefined;
    // With `sudo` the home is another user's: a directory of root's in there would be in his way for ever.
    if (userId !== undefined && statSync(nearestExisting(folder)).uid !== userId) return undefined;
    makeDirectory(folder);
    return userId === undefined || isPrivate(folder, userId) ? folder : undefined;
  } catch {
    return undefined;
  }
}

function cacheHome({ env, platform, homeDirectory }: CompileCacheFacts): string {
  const named = env["XDG_CACHE_HOME"] ?? "";
  if (isAbsolute(named)) return named;
  if (platform === "win32" && env["LOCALAPPDATA"]) return env["LOCALAPPDATA"];
  return platform === "darwin"
    ? join(homeDirectory(), "Library", "Caches")
    : join(homeDirectory(), ".cache");
}

function nearestExisting(path: string): string {
  return statSync(path, { throwIfNoEntry: false }) === undefined && dirname(path) !== path
    ? nearestExisting(dirname(path))
    : path;
}

const OTHERS_WRITE = 0o022;
/** In such a directory only the owner of an entry may rename or remove it. */
const STICKY = 0o1000;

/** Whether the directory is this user's alone, and everything above it his or root's and not for others to change. */
function isPrivate(folder: string, userId: number): boolean {
  const real = realpathSync(folder);
  const own = statSync(real);
  if (!own.isDirectory() || own.uid !== userId || (own.mode & OTHERS_WRITE) !== 0) return false;
  for (let above = dirname(real); ; above = dirname(above)) {
    const { uid, mode } = statSync(above);
    const isTheirs = uid !== userId && uid !== 0;
    if (isTheirs || ((mode & OTHERS_WRITE) !== 0 && (mode & STICKY) === 0)) return false;
    if (above === dirname(above)) return true;
  }
}
