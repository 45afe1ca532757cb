import type { RootCommand } from "@bomb.sh/tab";
import type { Argument, Command } from "commander";
import type { CliProcess } from "../cli-process.ts";

type Words = (complete: (value: string, description: string) => void) => void;

/** `codex-ts completion SHELL`: prints the script. Exit code 0. */
export async function runCompletion(
  shell: string,
  program: Command,
  cliProcess: CliProcess,
): Promise<number> {
  const name = program.name();
  const completions = await completionsOf(program);
  printed(cliProcess, () => completions.setup(name, name, shell));
  return 0;
}

/** The command the script calls: prints the words that may stand at the end of a command line. Exit code 0. */
export async function runComplete(
  words: readonly string[],
  program: Command,
  cliProcess: CliProcess,
): Promise<number> {
  const completions = await completionsOf(program);
  printed(cliProcess, () => completions.parse([...words]));
  return 0;
}

/** The library prints by itself. */
function printed({ stdout }: Pick<CliProcess, "stdout">, print: () => void): void {
  const { log } = console;
  console.log = (text: string) => void stdout.write(`${text}\n`);
  try {
    print();
  } finally {
    console.log = log;
  }
}

/** The command tree in the form of the library. */
async function completionsOf(program: Command): Promise<RootCommand> {
  const library = await import("@bomb.sh/tab");
  const root = new library.RootCommand();
  addOptions(root, program);
  addCommands(root, program, []);
  return root;
}

function addCommands(root: RootCommand, parent: Command, path: readonly string[]): void {
  for (const command of parent.createHelp().visibleCommands(parent)) {
    const words = [...path, command.name()];
    const target = root.command(words.join(" "), command.description());
    addOptions(target, command);
    addOptions(target, parent);
    for (const argument of command.registeredArguments) {
      target.argument(argument.name(), choicesOf(argument.argChoices), argument.variadic);
    }
    addCommands(root, command, words);
  }
}

/** Options a command takes from the one above are its own, too. */
function addOptions(target: ReturnType<RootCommand["command"]>, command: Command): void {
  for (const option of command.createHelp().visibleOptions(command)) {
    const name = option.long?.slice("--".length);
    if (name === undefined || target.options.has(name)) continue;
    const alias = option.short?.slice("-".length);
    if (!option.required && !option.optional) target.option(name, option.description, alias);
    else target.option(name, option.description, choicesOf(option.argChoices), alias);
  }
}

function choicesOf(choices: Argument["argChoices"]): Words {
  return (complete) => {
    for (const choice of choices ?? []) complete(choice, "");
  };
}
