import { type Command, Option } from "commander";
import { LOCAL_PROVIDERS } from "./exec-choices.ts";

/**
 * Adds the options that every command with a thread has, in the order of its help text. Their values are read by
 * `readThreadFlags`.
 */
export function addThreadOptions(command: Command): Command {
  return command
    .option("-C, --cd <dir>", "working directory of the agent")
    .option("-m, --model <model>", "model to use")
    .addOption(
      new Option(
        "-i, --image <file...>",
        "image the prompt is about, every word after it; put the prompt before it or behind --",
      ).argParser(addSeparated),
    )
    .option(
      "-s, --sandbox <mode>",
      "what commands may do: read-only (default), workspace-write or danger-full-access; the first two need Linux and bwrap",
    )
    .addOption(
      new Option(
        "--add-dir <dir>",
        "directory that commands may write beside the working directory in workspace-write (repeatable)",
      ).argParser(addWord),
    )
    .option(
      "--dangerously-bypass-approvals-and-sandbox",
      "run every command the model asks for, unasked and without a sandbox",
    )
    .addOption(
      new Option(
        "--enable <feature>",
        "switch a feature on, as -c features.<feature>=true (repeatable)",
      ).argParser(addWord),
    )
    .addOption(new Option("--disable <feature>", "switch one off (repeatable)").argParser(addWord))
    .option("--strict-config", "refuse a configuration that has keys nobody knows")
    .option("--ignore-user-config", "read no config.toml; logins and profiles are still used")
    .option("--ignore-rules", "read no .rules files")
    .option("--oss", "use a model server of this machine")
    .option("--local-provider <provider>", `which one: ${LOCAL_PROVIDERS.join(" or ")}`)
    .option("--ephemeral", "keep no session file of the run")
    .option(
      "--trace <dir>",
      "record a trace bundle in this directory (wins over CODEX_ROLLOUT_TRACE_ROOT)",
    )
    .option(
      "--trace-schema <version>",
      "schema of the bundle: 3, which today's Codex reads, 2 (Codex 0.169) or 1 (up to 0.140)",
    )
    .option("--no-wire-log", "write no wire.jsonl beside the trace")
    .addOption(
      new Option(
        "--wire <detail>",
        "how much wire.jsonl holds: frames adds every event's time and size",
      ).choices(["frames"]),
    );
}

function addWord(text: string, words: readonly string[] = []): readonly string[] {
  return [...words, text];
}

/** One word may name several files, with commas between them. */
function addSeparated(text: string, words: readonly string[] = []): readonly string[] {
  return [...words, ...text.split(",")];
}
