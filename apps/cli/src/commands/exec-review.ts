import { ThreadError, describeReviewTarget } from "@codex-ts/core";
import type { ReviewTarget } from "@codex-ts/core";
import type { CliProcess } from "../cli-process.ts";
import { CommandError, UsageError } from "../errors.ts";
import { type ExecFlags, type ExecOptions, readExecFlags } from "../exec-flags.ts";
import { isInsideGitWorkTree } from "../git-work-tree.ts";
import { readPrompt } from "../prompt.ts";
import { agentDirectory } from "../thread-settings.ts";
import { runExecTask } from "./exec.ts";

/** Options of `exec review` as they stand on the command line. */
export interface ExecReviewOptions extends ExecOptions {
  readonly uncommitted?: boolean;
  readonly base?: string;
  readonly commit?: string;
  readonly title?: string;
}

/** `codex-ts exec review`: a review as the only turn of a new thread. Exit codes are those of `exec`. */
export async function runExecReview(
  instructions: string | undefined,
  options: ExecReviewOptions,
  cliProcess: CliProcess,
): Promise<number> {
  const flags = readExecFlags(options, cliProcess.env);
  refuseTwoTargets(instructions, options);
  refuseUnused(flags);
  const known = targetOf(instructions, options);
  // What `-` stands for is not known yet.
  if (instructions !== "-") describe(known);
  refuseNoBranches(known, flags, cliProcess);
  return await runExecTask(flags, cliProcess, {
    promptArgument: instructions,
    read: async ({ outputSchema }, warn) => {
      if (outputSchema !== undefined) {
        warn("--output-schema has no effect: the message of a review has a form of its own");
      }
      const target: ReviewTarget =
        instructions === "-"
          ? { type: "custom", instructions: (await readPrompt("-", cliProcess)).trim() }
          : known;
      const review = describe(target);
      return {
        input: [{ type: "text", text: review }],
        review,
        start: (thread, signal) => thread.review(target, { signal }),
      };
    },
  });
}

function refuseTwoTargets(
  instructions: string | undefined,
  { uncommitted, base, commit }: ExecReviewOptions,
): void {
  const given = [
    ...(uncommitted === true ? ["--uncommitted"] : []),
    ...(base === undefined ? [] : ["--base"]),
    ...(commit === undefined ? [] : ["--commit"]),
    ...(instructions === undefined ? [] : ["instructions"]),
  ];
  if (given.length < 2) return;
  throw new UsageError(`exec review takes one of ${given.join(" and ")}, not both`);
}

/** Options of `exec` that would be without effect. */
function refuseUnused({ images, cyberAccessProgram }: ExecFlags): void {
  if (images.length > 0) throw new UsageError("exec review takes no images");
  if (cyberAccessProgram === undefined) return;
  throw new CommandError("--cyber-access-program is of no use with exec review, leave it out");
}

function targetOf(
  instructions: string | undefined,
  { uncommitted, base, commit, title }: ExecReviewOptions,
): ReviewTarget {
  if (uncommitted === true) return { type: "uncommittedChanges" };
  if (base !== undefined) return { type: "baseBranch", branch: base };
  if (commit !== undefined) {
    return { type: "commit", sha: commit, ...(title !== undefined && { title }) };
  }
  if (instructions !== undefined) return { type: "custom", instructions };
  if (title !== undefined) throw new UsageError("--title is that of a commit: add --commit SHA");
  throw new CommandError(
    'nothing to review: pass --uncommitted, --base BRANCH or --commit SHA, or write instructions; if "review" is the prompt, write exec -- review',
  );
}

function describe(target: ReviewTarget): string {
  try {
    return describeReviewTarget(target);
  } catch (error) {
    if (!ThreadError.is(error)) throw error;
    throw new CommandError(`exec review: ${error.message}`, { cause: error });
  }
}

/** The model could compare nothing there, and Codex 0.171 waits for ever. */
function refuseNoBranches(target: ReviewTarget, flags: ExecFlags, cliProcess: CliProcess): void {
  if (target.type !== "baseBranch") return;
  const directory = agentDirectory(flags, cliProcess);
  if (isInsideGitWorkTree(directory)) return;
  throw new CommandError(
    `${directory} is not inside a git work tree: there is no branch to compare with`,
  );
}
