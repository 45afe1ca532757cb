import type { Command } from "commander";
import { type ProgramContext, examples, refusesOtherCommands } from "./command-help.ts";

/** Adds `config show`. */
export function addConfig(program: Command, { cliProcess, setExitCode }: ProgramContext): void {
  const config = program.command("config").description("Look at the configuration.");
  config
    .command("show")
    .description("Print every value that is set, without secrets.")
    .option("--sources", "print the layer and the file each value comes from")
    .option("--json", "print a JSON list of all values, each with its layer and file")
    .addHelpText("after", examples(CONFIG_EXAMPLES))
    .action(async (_options: unknown, command: Command) => {
      const { runConfigShow } = await import("./commands/config-show.ts");
      setExitCode(runConfigShow(command.optsWithGlobals(), cliProcess));
    });
  refusesOtherCommands(config);
}

/** Adds `features list`. */
export function addFeatures(program: Command, { cliProcess, setExitCode }: ProgramContext): void {
  const features = program.command("features").description("Look at the feature switches.");
  features
    .command("list")
    .description("List every feature switch: its name, whether it is used here, whether it is on.")
    .addHelpText("after", examples(["codex-ts features list", "codex-ts features list -p fast"]))
    .action(async (_options: unknown, command: Command) => {
      const { runFeaturesList } = await import("./commands/features-list.ts");
      setExitCode(runFeaturesList(command.optsWithGlobals(), cliProcess));
    });
  refusesOtherCommands(features);
}

const CONFIG_EXAMPLES = [
  "codex-ts config show --sources",
  "codex-ts config show --sources -p fast -c model=gpt-5",
];
