import type { Command } from "commander";
import { type ProgramContext, examples } from "./command-help.ts";

/** Adds `doctor`. */
export function addDoctor(program: Command, { cliProcess, setExitCode }: ProgramContext): void {
  program
    .command("doctor")
    .description("Check configuration, login, network and sandbox, and say what to do.")
    .option("--json", "print a JSON object, in the form of Codex's doctor")
    .addHelpText("after", examples(DOCTOR_EXAMPLES))
    .action(async (_options: unknown, command: Command) => {
      const { runDoctor } = await import("./commands/doctor.ts");
      setExitCode(await runDoctor(command.optsWithGlobals(), cliProcess));
    });
}

const DOCTOR_EXAMPLES = [
  "codex-ts doctor",
  "codex-ts doctor -p fast -c model=gpt-5",
  "codex-ts doctor --json | jq .overallStatus",
];
