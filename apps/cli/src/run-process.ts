import { homedir } from "node:os";
import { basename } from "node:path";
import { type CliProcess, Interruption, SIGINT_EXIT_CODE, type TextOutput } from "./cli-process.ts";
import { fileProblem } from "./errors.ts";
import { openBrowser } from "./open-browser.ts";
import { quoteForShell } from "./render/quote-for-shell.ts";
import { runCli } from "./run-cli.ts";
import { StandardOutput } from "./standard-output.ts";

const SIGNAL_EXIT_CODES = { SIGHUP: 129, SIGINT: SIGINT_EXIT_CODE, SIGTERM: 143 } as const;
/** Exit code that shells report for a program that a closed pipe ended. */
const BROKEN_PIPE_EXIT_CODE = 141;

/** Runs the command line of this process and sets its exit code. */
export async function runProcess(): Promise<void> {
  const interruption = new AbortController();
  const { platform } = process;
  let isWritable = true;
  const onError = (error: NodeJS.ErrnoException): void => {
    // Stop; writing goes on into nothing until the command has ended.
    if (!isWritable || interruption.signal.aborted) return;
    isWritable = false;
    interruption.abort(outputFailure(error, stderr));
  };
  const stdout = new StandardOutput({
    descriptor: 1,
    open: () => process.stdout,
    onError,
    platform,
  });
  const stderr = new StandardOutput({
    descriptor: 2,
    open: () => process.stderr,
    onError,
    platform,
  });
  watchSignals(interruption);
  let isServing = false;
  const cliProcess: CliProcess = {
    env: process.env,
    cwd: workingDirectory(),
    homeDirectory: homeDirectory(),
    commandName: commandName(process.argv[1] ?? ""),
    // Looking at standard input already opens it.
    get stdin() {
      return process.stdin;
    },
    stdout,
    stderr,
    messageStreams: () => {
      isServing = true;
      return { input: process.stdin, output: process.stdout };
    },
    openUrl: (url) => openBrowser(url, process.env),
    interrupted: interruption.signal,
  };
  process.exitCode = await runCli(process.argv.slice(2), cliProcess);
  // What a client has not read by now it does not read: writing goes on for as long as its end of the pipe is open.
  if (isServing) process.exit();
  // Nothing is left to do by then: memory need not be taken apart first.
  process.once("beforeExit", () => process.exit());
}

/** From source there is the script of the checkout; the built file is started by Node or by its installed name. */
function commandName(script: string): string {
  if (script.endsWith(".ts")) return "npx -y pnpm@12 start";
  return basename(script) === "main.js" ? `node ${quoteForShell(script)}` : "codex-ts";
}

/** A user without an entry in the system's list and without `HOME` has none; only some commands need it. */
function homeDirectory(): string | undefined {
  try {
    return homedir();
  } catch {
    return undefined;
  }
}

/** A working directory that was removed has no name; commands that use it say so themselves. */
function workingDirectory(): string {
  try {
    return process.cwd();
  } catch {
    return process.env["PWD"] ?? "/";
  }
}

/** Nobody reads any more, which is nobody's mistake, or what is written cannot be kept. */
function outputFailure(error: NodeJS.ErrnoException, stderr: TextOutput): Interruption {
  if (error.code === "EPIPE") return new Interruption("a closed pipe", BROKEN_PIPE_EXIT_CODE);
  stderr.write(`error: the output cannot be written: ${fileProblem(error)}\n`);
  // Commands that had nothing left to do when they heard of it call themselves done.
  process.once("exit", () => {
    process.exitCode ||= 1;
  });
  return new Interruption("an output that cannot be written", 1);
}

/** The first signal asks the command to stop; the second one ends the process at once. */
function watchSignals(interruption: AbortController): void {
  for (const [name, exitCode] of Object.entries(SIGNAL_EXIT_CODES)) {
    process.on(name, () => {
      if (interruption.signal.aborted) process.exit(exitCode);
      interruption.abort(new Interruption(name, exitCode));
    });
  }
}
