import type { Command } from "commander";
import { type ProgramContext, examples } from "./command-help.ts";
import { UsageError } from "./errors.ts";

const STDIO = "stdio://";

interface AppServerOptions {
  readonly listen: string;
}

/** Adds `app-server`. */
export function addAppServer(program: Command, { cliProcess, setExitCode }: ProgramContext): void {
  program
    .command("app-server")
    .description("Serve an editor or an SDK that speaks Codex's app-server protocol.")
    .option("--listen <url>", `where to listen: ${STDIO}, standard input and output`, STDIO)
    .option("--stdio", `the same as --listen ${STDIO}`)
    .addHelpText("after", examples(APP_SERVER_EXAMPLES))
    .action(async (_options: unknown, command: Command) => {
      const { listen } = command.opts<AppServerOptions>();
      if (listen !== STDIO) {
        throw new UsageError(`--listen ${listen}: only ${STDIO} is served`);
      }
      const { runAppServer } = await import("./commands/app-server.ts");
      setExitCode(await runAppServer(command.optsWithGlobals(), cliProcess));
    });
}

const APP_SERVER_EXAMPLES = [
  "codex-ts app-server",
  `codex-ts app-server -c "compatibility='0.140'"`,
];
