import { type Command, Option } from "commander";
import { CYBER_ACCESS_PROGRAMS } from "./exec-choices.ts";
import { addThreadOptions } from "./thread-options.ts";

/** Adds the options of `exec` and its commands, in the order of its help text. Their values are read by `readExecFlags`. */
export function addExecOptions(exec: Command): Command {
  exec
    .option("--json", "print events as JSON lines on stdout, as Codex does")
    .addOption(new Option("--experimental-json").hideHelp())
    .option("-o, --output-last-message <file>", "write the last message to this file, too")
    .option("--output-schema <file>", "JSON schema the last message has to follow")
    .option("--color <when>", "color the progress: auto (default), always or never")
    .option("--skip-git-repo-check", "run outside a git work tree too");
  return addThreadOptions(exec)
    .option("--thread-source <source>", "who asked for a new thread (default: user)")
    .option(
      "--cyber-access-program <program>",
      `access program of the turn, provider OpenAI only: ${CYBER_ACCESS_PROGRAMS.join(", ")}`,
    );
}
