import { execFile } from "node:child_process";
import { fileProblem } from "../errors.ts";
import { stripControl } from "../render/strip-control.ts";

const MAX_BYTES = 16 * 1024 * 1024;
const TIMEOUT_MS = 20_000;

/**
 * The changes that are not committed in the work tree around `cwd`: the diff of files git knows, and the names of those it does not.
 * Resolves with a sentence where there is no such thing.
 */
export async function workTreeDiff(
  cwd: string,
  { env, signal }: { readonly env: NodeJS.ProcessEnv; readonly signal: AbortSignal },
): Promise<readonly string[]> {
  const git = (...args: readonly string[]): Promise<string> => runGit(args, { cwd, env, signal });
  // Programs that a repository names for showing differences are not run.
  const diff = (...args: readonly string[]): Promise<string> =>
    git("diff", "--no-ext-diff", "--no-textconv", "--no-color", ...args);
  try {
    await git("rev-parse", "--is-inside-work-tree");
    // Before the first commit there is no HEAD.
    const text = await diff("HEAD").catch(() => diff("--cached"));
    const untracked = await git("ls-files", "--others", "--exclude-standard");
    const names = linesOf(untracked).map((name) => `untracked ${name}`);
    const lines = [...linesOf(text), ...names];
    return lines.length > 0 ? lines : ["nothing has changed since the last commit"];
  } catch (error) {
    signal.throwIfAborted();
    return [`there is no diff: ${error instanceof GitError ? error.message : fileProblem(error)}`];
  }
}

/** Git's own words about what went wrong. */
class GitError extends Error {
  override readonly name = "GitError";
}

function runGit(
  args: readonly string[],
  surroundings: {
    readonly cwd: string;
    readonly env: NodeJS.ProcessEnv;
    readonly signal: AbortSignal;
  },
): Promise<string> {
  const options = { ...surroundings, timeout: TIMEOUT_MS, maxBuffer: MAX_BYTES };
  return new Promise((resolve, reject) => {
    execFile("git", ["--no-pager", ...args], options, (error, stdout, stderr) => {
      if (error === null) return resolve(stripControl(stdout));
      const [reason = ""] = stripControl(stderr).split("\n", 1);
      reject(reason === "" ? error : new GitError(reason, { cause: error }));
    });
  });
}

function linesOf(text: string): string[] {
  return text === "" ? [] : text.replace(/\n$/, "").split("\n");
}
