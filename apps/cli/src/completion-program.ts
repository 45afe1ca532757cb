import { Argument, type Command } from "commander";
import { type ProgramContext, examples } from "./command-help.ts";

const SHELLS = ["bash", "zsh", "fish", "powershell"] as const;

/** Adds `completion`, and the hidden command its scripts call for every Tab. */
export function addCompletion(program: Command, { cliProcess, setExitCode }: ProgramContext): void {
  program
    .command("completion")
    .description("Print a script that completes commands and options in a shell.")
    .addArgument(new Argument("<shell>", "the shell").choices(SHELLS))
    .addHelpText("after", examples(COMPLETION_EXAMPLES))
    .action(async (shell: (typeof SHELLS)[number]) => {
      const { runCompletion } = await import("./commands/completion.ts");
      setExitCode(await runCompletion(shell, program, cliProcess));
    });
  program
    .command("complete", { hidden: true })
    .argument("[words...]")
    .helpOption(false)
    .allowUnknownOption()
    .action(async (words: readonly string[]) => {
      const { runComplete } = await import("./commands/completion.ts");
      setExitCode(await runComplete(words, program, cliProcess));
    });
}

const COMPLETION_EXAMPLES = [
  'eval "$(codex-ts completion bash)"',
  'codex-ts completion zsh > "${fpath[1]}/_codex-ts"',
  "codex-ts completion fish > ~/.config/fish/completions/codex-ts.fish",
  "codex-ts completion powershell | Out-String | Invoke-Expression",
];
