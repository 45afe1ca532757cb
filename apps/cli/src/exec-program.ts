import type { Command } from "commander";
import { type ProgramContext, examples } from "./command-help.ts";
import { CommandError } from "./errors.ts";

/** Adds `exec`. */
export function addExec(program: Command, context: ProgramContext): void {
  const exec = program
    .command("exec")
    .usage("[options] [prompt]")
    .description("Run one turn with a prompt and stop.")
    .argument(
      "[prompt]",
      'what to do; "-" or nothing reads standard input, piped text is added to it',
    )
    .option("--json", "print events as JSON lines on stdout, as Codex does")
    .option("-C, --cd <dir>", "working directory of the agent")
    .option("-m, --model <model>", "model to use")
    .option("--skip-git-repo-check", "run outside a git work tree too")
    .option(
      "--dangerously-bypass-approvals-and-sandbox",
      "run every command the model asks for, unasked and without a sandbox",
    )
    .option(
      "--trace <dir>",
      "record a trace bundle in this directory (wins over CODEX_ROLLOUT_TRACE_ROOT)",
    )
    .option(
      "--trace-schema <version>",
      "schema of the bundle: 3, which today's Codex reads, 2 (Codex 0.169) or 1 (up to 0.140)",
    )
    .addHelpText("after", examples(EXEC_EXAMPLES))
    .action((prompt: string | undefined, _options: unknown, command: Command) =>
      runPrompt(prompt, command, context),
    );
  for (const name of CODEX_ONLY_COMMANDS) addCodexOnly(exec, name, context);
}

/** Commands of Codex's `exec`. What they do is not what a prompt of these words would do. */
const CODEX_ONLY_COMMANDS = ["resume", "review", "fork"];

function addCodexOnly(exec: Command, name: string, context: ProgramContext): void {
  exec
    .command(name, { hidden: true })
    .argument("[words...]")
    .helpOption(false)
    .allowUnknownOption()
    .action(async (words: readonly string[]) => {
      if (words.length === 0 && isBehindDashes(exec, name)) return runPrompt(name, exec, context);
      throw new CommandError(
        `exec ${name} is not there yet: each run starts a thread of its own; if "${name}" is the prompt, write exec -- ${name}`,
      );
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
): Promise<void> {
  const { runExec } = await import("./commands/exec.ts");
  setExitCode(await runExec(prompt, command.optsWithGlobals(), cliProcess));
}

const EXEC_EXAMPLES = [
  'codex-ts exec "What does this repository do?"',
  "git diff | codex-ts exec --json -m gpt-5 -",
  `codex-ts exec -c 'sandbox_mode="danger-full-access"' --trace traces "Fix the failing test"`,
];
