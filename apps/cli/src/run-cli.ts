import { CommanderError } from "commander";
import { type CliProcess, Interruption } from "./cli-process.ts";
import { CliError, describeError } from "./errors.ts";
import { createProgram } from "./program.ts";
import { clipLine } from "./render/clip.ts";
import { stripControl } from "./render/strip-control.ts";

const USAGE_EXIT_CODE = 2;

/** Runs one command line (without the program's own name) and returns its exit code. Never throws. */
export async function runCli(args: readonly string[], cliProcess: CliProcess): Promise<number> {
  // Script runners pass on the `--` that ends their own options.
  const argv = args[0] === "--" ? args.slice(1) : args;
  let exitCode = 0;
  const setExitCode = (code: number): void => {
    exitCode = code;
  };
  const program = createProgram(cliProcess, setExitCode, argv[0]);
  try {
    await program.parseAsync(argv, { from: "user" });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return reportUsage(error, cliProcess);
    // Whoever stopped it knows why.
    if (error instanceof Interruption) return error.exitCode;
    const isVerbose = argv.includes("--verbose");
    const problem = stripControl(describeError(error, isVerbose));
    cliProcess.stderr.write(`error: ${isVerbose ? problem : clipLine(problem)}\n`);
    if (!CliError.is(error)) return 1;
    if (error.details !== undefined) cliProcess.stderr.write(`${stripControl(error.details)}\n`);
    return error.exitCode;
  }
}

function reportUsage(error: CommanderError, cliProcess: CliProcess): number {
  if (error.exitCode === 0) return 0;
  const problem = describeError(error, false)
    .replace(/^error: /, "")
    // A value that stands behind an option nobody knows may be a secret.
    .replace(/^(unknown option '[^'=]*)=.*?'/, "$1'");
  cliProcess.stderr.write(`error: ${stripControl(problem)}; see --help\n`);
  return USAGE_EXIT_CODE;
}
