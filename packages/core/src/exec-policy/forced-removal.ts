import { basename } from "node:path";
import type { CommandUnderstanding } from "../compatibility/compatibility-profile.ts";
import type { ShellReader } from "./shell-commands.ts";
import { scriptOf } from "./shell-commands.ts";

/** Scripts in scripts that are looked into. */
const MAX_DEPTH = 8;

/** In a script that cannot be read: too long, too deep, or no shell script at all. */
const LOOKS_LIKE_REMOVAL = /\brm\s[^\n;|&]{0,1000}?-(?:-force\b|[A-Za-z]*f)/;

/** Whether a command removes files by force, as far as it shows. */
export function removesByForce(
  command: readonly string[],
  reader: ShellReader,
  form: CommandUnderstanding["forcedRemoval"],
): boolean {
  return form === "plain" ? isPlainRemoval(command, reader, 0) : isRemoval(command, reader, 0);
}

function isPlainRemoval(command: readonly string[], reader: ShellReader, depth: number): boolean {
  const [program, option] = command;
  if (program === "rm") return option === "-f" || option === "-rf";
  if (program === "sudo") return isPlainRemoval(command.slice(1), reader, depth);
  if (scriptOf(command) === undefined || depth >= MAX_DEPTH) return false;
  const { commands, form } = reader.commandsOf(command);
  return form === "plain" && commands.some((one) => isPlainRemoval(one, reader, depth + 1));
}

function isRemoval(command: readonly string[], reader: ShellReader, depth: number): boolean {
  const [program = ""] = command;
  if (basename(program) === "rm") return command.slice(1, endOfOptions(command)).some(isForce);
  if (program === "sudo") return isRemoval(command.slice(1), reader, depth);
  if (basename(program) === "env") {
    const rest = command.slice(1).findIndex((word) => !word.startsWith("-") && !word.includes("="));
    return rest !== -1 && isRemoval(command.slice(rest + 1), reader, depth);
  }
  const script = scriptOf(command);
  if (script === undefined || depth >= MAX_DEPTH) return false;
  const { commands, form } = reader.commandsOf(command);
  const inside = form === "plain" ? commands : reader.everyCommand(script);
  if (inside === undefined) return LOOKS_LIKE_REMOVAL.test(script);
  return inside.some((one) => isRemoval(one, reader, depth + 1));
}

function endOfOptions(command: readonly string[]): number {
  const end = command.indexOf("--");
  return end === -1 ? command.length : end;
}

function isForce(word: string): boolean {
  return word === "--force" || /^-[A-Za-z]*f[A-Za-z]*$/.test(word);
}
