import { findBubblewrap } from "./find-bubblewrap.ts";

/**
 * Why commands cannot be confined on this machine, in a sentence for the user; `undefined` when they can. Finds `bwrap` in
 * `searchPath` (the value of `PATH`) and tries it, once per process. Never rejects.
 */
export async function sandboxProblem(searchPath: string | undefined): Promise<string | undefined> {
  return (await findBubblewrap(searchPath)).problem;
}
