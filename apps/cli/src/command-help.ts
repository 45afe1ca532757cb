import type { Command } from "commander";
import type { CliProcess } from "./cli-process.ts";
import { UsageError } from "./errors.ts";
import { nearestWords } from "./nearest.ts";

/** Context of every command. */
export interface ProgramContext {
  readonly cliProcess: CliProcess;
  /** Called by a command that ran without an error of its own. */
  readonly setExitCode: (exitCode: number) => void;
}

/** The last part of a help text. */
export function examples(lines: readonly string[]): string {
  return `\nExamples:\n${lines.map((line) => `  $ ${line}`).join("\n")}`;
}

/** A word where a command of `group` should stand. */
export function unknownCommand(group: Command, word: string): UsageError {
  const names = commandNames(group);
  const nearest = nearestWords(word, names);
  const hint =
    nearest.length > 0 ? `did you mean ${nearest.join(" or ")}?` : `try ${names.join(", ")}`;
  const words = [...pathOf(group).split(" ").slice(1), word].join(" ");
  return new UsageError(`unknown command "${words}": ${hint}`);
}

/** Makes a group that does nothing by itself say which commands it has. */
export function refusesOtherCommands(group: Command): void {
  group
    .argument("[command]")
    .usage("[options] [command]")
    .allowExcessArguments()
    .action((word: string | undefined) => {
      if (word !== undefined) throw unknownCommand(group, word);
      throw new UsageError(`${pathOf(group)} needs a command: ${commandNames(group).join(", ")}`);
    });
}

/** Those that are offered: not the ones that programs call, nor the help. */
function commandNames(group: Command): string[] {
  const visible = new Set(group.createHelp().visibleCommands(group));
  return group.commands.filter((command) => visible.has(command)).map((command) => command.name());
}

function pathOf(command: Command): string {
  return command.parent === null ? command.name() : `${pathOf(command.parent)} ${command.name()}`;
}
