import type { CliProcess } from "./cli-process.ts";
import { CommandError, UsageError } from "./errors.ts";
import { readStdin } from "./stdin.ts";

/**
 * The prompt of one run. `-`, or no argument, means standard input; with both, what is piped is added to the argument
 * in a `<stdin>` block, as Codex does. Throws when there is no prompt.
 */
export async function readPrompt(
  argument: string | undefined,
  cliProcess: CliProcess,
): Promise<string> {
  const { stdin } = cliProcess;
  if (argument !== undefined && argument !== "-") {
    const piped = stdin.isTTY === true ? "" : await readStdin(cliProcess, "more input");
    return piped.trim() === "" ? argument : withStdinBlock(argument, piped);
  }
  refuseNoPrompt(argument, cliProcess);
  const text = await readStdin(cliProcess, "the prompt");
  if (text.trim() === "") {
    throw new CommandError("no prompt: standard input is empty; give the prompt as an argument");
  }
  return text;
}

/** Nobody is asked for a prompt at a terminal. */
export function refuseNoPrompt(
  argument: string | undefined,
  { stdin }: Pick<CliProcess, "stdin">,
): void {
  if (argument !== undefined || stdin.isTTY !== true) return;
  throw new UsageError("no prompt: give it as an argument or pipe it in");
}

function withStdinBlock(prompt: string, piped: string): string {
  const lines = piped.endsWith("\n") ? piped : `${piped}\n`;
  return `${prompt}\n\n<stdin>\n${lines}</stdin>`;
}
