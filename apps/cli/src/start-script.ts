import { createRequire } from "node:module";
import { join } from "node:path";
import { commandBucket } from "./command-bucket.ts";
import { compileCacheFolder, processFacts } from "./compile-cache.ts";
import type { runProcess } from "./run-process.ts";
import { createScriptLoader } from "./script-loader.ts";

/** Starts the built program, whose first script is `entry` in `folder`. The build has this in place of `start`. */
export async function startScript(folder: string, entry: string): Promise<void> {
  const load = scriptLoad(folder);
  const program = load(entry) as { readonly runProcess: typeof runProcess };
  await program.runProcess();
}

/**
 * Keeps compiled code between runs; without a safe directory, or when Node does that by itself, everything else is the
 * same.
 */
function scriptLoad(folder: string): (name: string) => unknown {
  const cacheFolder = compileCacheFolder(processFacts());
  if (cacheFolder === undefined) {
    const require = createRequire(join(folder, "main.js"));
    return (name) => require(`./${name}`) as unknown;
  }
  const bucket = commandBucket(process.argv.slice(2));
  const { load, keep } = createScriptLoader({ folder, cacheFolder, bucket });
  // By then it has used all it uses.
  process.on("exit", (exitCode) => keep({ hasSucceeded: exitCode === 0 }));
  return load;
}
