import type { Command } from "commander";
import { type ProgramContext, examples } from "./command-help.ts";
import type { Continuation } from "./commands/exec.ts";
import { UsageError } from "./errors.ts";
import { addExecOptions } from "./exec-options.ts";

/** Adds `exec`, whose options are those of its commands, too. */
export function addExec(program: Command, context: ProgramContext): void {
  const exec = program
    .command("exec")
    .usage("[options] [prompt]")
    .description("Run one turn with a prompt and stop.")
    .argument(
      "[prompt]",
      'what to do; "-" or nothing reads standard input, piped text is added to it',
    );
  addExecOptions(exec)
    .addHelpText("after", examples(EXEC_EXAMPLES))
    .action((prompt: string | undefined, _options: unknown, command: Command) =>
      runPrompt(prompt, command, context),
    );
  addResume(exec, context);
  addFork(exec, context);
  addReview(exec, context);
}

interface ResumeOptions {
  readonly last?: boolean;
  readonly all?: boolean;
}

function addResume(exec: Command, context: ProgramContext): void {
  const resume = exec
    .command("resume")
    .usage("[options] [session id] [prompt]")
    .description("Go on with a session that this program or Codex has kept.")
    .argument("[session id]", "id of the session; leave it out with --last")
    .argument("[prompt]", 'what to do; "-" or nothing reads standard input')
    .option("--last", "the session of this directory that was used last")
    .option("--all", "with --last: of any directory")
    .addHelpText("after", examples(RESUME_EXAMPLES))
    .action((first: string | undefined, second: string | undefined) => {
      if (first === undefined && isBehindDashes(exec, "resume")) {
        return runPrompt("resume", exec, context);
      }
      const { last, all } = resume.opts<ResumeOptions>();
      if (last !== true) {
        if (first === undefined) {
          throw new UsageError("exec resume needs the id of a session, or --last");
        }
        return runPrompt(second, resume, context, { type: "resume", threadId: first });
      }
      if (second !== undefined) {
        throw new UsageError("exec resume takes the id of a session or --last, not both");
      }
      return runPrompt(first, resume, context, {
        type: "resume_last",
        isAnyDirectory: all === true,
      });
    });
}

function addFork(exec: Command, context: ProgramContext): void {
  const fork = exec
    .command("fork")
    .usage("[options] <session id> [prompt]")
    .description("Start a session with the history of another one, which stays as it is.")
    .argument("[session id]", "id of the session to begin with")
    .argument("[prompt]", 'what to do; "-" or nothing reads standard input')
    .addHelpText("after", examples(FORK_EXAMPLES))
    .action((threadId: string | undefined, prompt: string | undefined) => {
      if (threadId !== undefined) {
        return runPrompt(prompt, fork, context, { type: "fork", threadId });
      }
      if (isBehindDashes(exec, "fork")) return runPrompt("fork", exec, context);
      throw new UsageError("exec fork needs the id of a session");
    });
}

function addReview(exec: Command, context: ProgramContext): void {
  const review = exec
    .command("review")
    .usage("[options] [instructions]")
    .description("Have a thread of its own review changes, and print what it found.")
    .argument("[instructions]", 'what to review and how; "-" reads standard input')
    .option("--uncommitted", "changes that are staged or not, and files git does not know")
    .option("--base <branch>", "changes of the current branch since it left this one")
    .option("--commit <sha>", "changes of one commit")
    .option("--title <title>", "with --commit: its subject")
    .addHelpText("after", examples(REVIEW_EXAMPLES))
    .action(async (instructions: string | undefined) => {
      const { cliProcess, setExitCode } = context;
      const isWord = instructions === undefined && Object.keys(review.opts()).length === 0;
      if (isWord && isBehindDashes(exec, "review")) return await runPrompt("review", exec, context);
      const { runExecReview } = await import("./commands/exec-review.ts");
      setExitCode(await runExecReview(instructions, review.optsWithGlobals(), cliProcess));
    });
}

/** Behind `--` every word is a prompt. */
function isBehindDashes(exec: Command, word: string): boolean {
  const { rawArgs = [] } = exec.parent as Command & { readonly rawArgs?: readonly string[] };
  return rawArgs.slice(0, rawArgs.lastIndexOf(word)).includes("--");
}

async function runPrompt(
  prompt: string | undefined,
  command: Command,
  { cliProcess, setExitCode }: ProgramContext,
  continuation?: Continuation,
): Promise<void> {
  const { runExec } = await import("./commands/exec.ts");
  setExitCode(await runExec(prompt, command.optsWithGlobals(), cliProcess, continuation));
}

const RESUME_EXAMPLES = [
  'codex-ts exec resume --last "And the tests?"',
  'codex-ts exec resume 01a22ad2-cddc-7562-9144-35efa19faf9f "Go on"',
];

const FORK_EXAMPLES = [
  'codex-ts exec fork 01a22ad2-cddc-7562-9144-35efa19faf9f "Try it another way"',
];

const REVIEW_EXAMPLES = [
  "codex-ts exec review --uncommitted",
  "codex-ts exec review --base main -o review.md",
  'codex-ts exec review "Look for races in the last two commits"',
];

const EXEC_EXAMPLES = [
  'codex-ts exec "What does this repository do?"',
  "git diff | codex-ts exec --json -m gpt-5 -",
  'codex-ts exec -s workspace-write --trace traces "Fix the failing test"',
];
