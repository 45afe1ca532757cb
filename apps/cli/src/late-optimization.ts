import { statSync } from "node:fs";
import { join } from "node:path";
import { setFlagsFromString } from "node:v8";
import { EVENT_LOG_FILE } from "@codex-ts/rollout-trace";

/** Calls after which V8 optimizes a function by default. */
const USUAL_CALLS = 400;
const LATE_CALLS = 4000;

/** Those with Maglev, V8's middle compiler, and this flag: of one that it does not know V8 complains on stderr. */
const KNOWN_V8 = /^1[34]\./;

/** Some seventy requests. Of less, loading `node:v8` takes as long as this saves. */
const LARGE_LOG_BYTES = 256 * 1024;

/**
 * Runs what reads a whole bundle, with functions optimized after ten times as many calls as usual. Reading calls two hundred
 * functions a few hundred times each, and to optimize them all takes longer than they then save: see docs/decisions/0029.
 */
export async function optimizedLate<T>(bundlePath: string, run: () => Promise<T>): Promise<T> {
  if (!KNOWN_V8.test(process.versions.v8) || !hasLargeLog(bundlePath)) return run();
  optimizeAfter(LATE_CALLS);
  try {
    return await run();
  } finally {
    // Compiled code is kept with the flags of the moment, and refused under others.
    optimizeAfter(USUAL_CALLS);
  }
}

function hasLargeLog(bundlePath: string): boolean {
  try {
    return statSync(join(bundlePath, EVENT_LOG_FILE)).size >= LARGE_LOG_BYTES;
  } catch {
    // Whoever reads the bundle reports what is wrong with it.
    return false;
  }
}

function optimizeAfter(calls: number): void {
  setFlagsFromString(`--invocation-count-for-maglev=${calls}`);
}
