import { Argument, Command, Option } from "commander";
import type { CliProcess } from "./cli-process.ts";
import { type ProgramContext, examples, refusesOtherCommands } from "./command-help.ts";
import { addAppServer } from "./app-server-program.ts";
import { addChat } from "./chat-program.ts";
import { addExec } from "./exec-program.ts";
import { addCompletion } from "./completion-program.ts";
import { addConfig, addFeatures } from "./config-program.ts";
import { addDoctor } from "./doctor-program.ts";
import { addLogin } from "./login-program.ts";
import { addMcp } from "./mcp-program.ts";
import { cliVersion } from "./version.ts";

/** Functions that add the commands, in the order of the help text. `names`: of those that do without all others. */
const PARTS: readonly {
  readonly names: readonly string[];
  readonly add: (program: Command, context: ProgramContext) => void;
}[] = [
  { names: ["exec"], add: addExec },
  {
    names: ["chat", "resume"],
    add: (program, context) => addChat(program, context, () => startDemo({}, context)),
  },
  { names: ["app-server"], add: addAppServer },
  { names: ["login", "logout"], add: addLogin },
  { names: ["mcp"], add: addMcp },
  { names: ["trace"], add: addTrace },
  { names: ["debug"], add: addDebug },
  { names: ["config"], add: addConfig },
  { names: ["features"], add: addFeatures },
  { names: ["doctor"], add: addDoctor },
  // What is completed are all commands.
  { names: [], add: addCompletion },
  { names: ["demo"], add: addDemo },
];

/**
 * The command tree. A command's own code is imported when it runs, so that `--help` and small commands start fast.
 * `setExitCode` is called by a command that ran without an error of its own. `firstWord` of the command line: where it
 * names a command the others are left out, because to describe them all takes longer than most commands do.
 */
export function createProgram(
  cliProcess: CliProcess,
  setExitCode: (exitCode: number) => void,
  firstWord?: string,
): Command {
  const program = new Command("codex-ts")
    .description(
      "Run an agent turn, record it, and read what was recorded. Without a command: a chat, in a terminal and with a model configured, else the demo.",
    )
    .usage("[options] [command or prompt]")
    .option("--verbose", "show stack traces and details of errors")
    .addOption(configOption())
    .option("-p, --profile <name>", "put <name>.config.toml of $CODEX_HOME over config.toml")
    .version(cliVersion(), "-V, --version", "print the version")
    .helpOption("-h, --help", "print help")
    .helpCommand("help [command]", "print help for a command")
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({
      writeOut: (text) => void cliProcess.stdout.write(text),
      // Problems are reported once, on one line, by the caller.
      writeErr: () => undefined,
    })
    .exitOverride()
    // Not as the option's default, which the help text would show.
    .setOptionValueWithSource("config", [], "default");
  const context: ProgramContext = { cliProcess, setExitCode };
  const own = PARTS.filter(({ names }) => firstWord !== undefined && names.includes(firstWord));
  for (const { add } of own.length > 0 ? own : PARTS) add(program, context);
  program.addHelpText("after", examples(PROGRAM_EXAMPLES));
  return program;
}

function addTrace(program: Command, { cliProcess, setExitCode }: ProgramContext): void {
  const trace = program.command("trace").description("Read and reduce trace bundles.");
  trace
    .command("reduce")
    .description("Reduce a bundle to one JSON file and print its path.")
    .addArgument(bundleArgument())
    .option("-o, --output <file>", "where to write (default: <bundle>/state.json)")
    .option("--strict", "refuse what Codex refuses instead of reducing what is there")
    .addHelpText("after", examples(["codex-ts trace reduce traces/trace-… -o state.json"]))
    .action(async (bundle: string, _options: unknown, command: Command) => {
      const { runTraceReduce } = await import("./commands/trace-reduce.ts");
      setExitCode(await runTraceReduce(bundle, command.opts(), cliProcess));
    });
  trace
    .command("show")
    .description("Print a bundle as a transcript and a table of its requests with both ids.")
    .addArgument(bundleArgument())
    .option("--full", "show every line of long items")
    .addHelpText("after", examples(["codex-ts trace show traces/trace-…"]))
    .action(async (bundle: string, _options: unknown, command: Command) => {
      const { runTraceShow } = await import("./commands/trace-show.ts");
      setExitCode(await runTraceShow(bundle, command.opts(), cliProcess));
    });
  trace
    .command("doctor")
    .description(
      "Say what went wrong between client and server, what to do, and which ids to send.",
    )
    .addArgument(bundleArgument())
    .option("--json", "print everything as one JSON object")
    .addHelpText("after", examples(["codex-ts trace doctor traces/trace-…"]))
    .action(async (bundle: string, _options: unknown, command: Command) => {
      const { runTraceDoctor } = await import("./commands/trace-doctor.ts");
      setExitCode(await runTraceDoctor(bundle, command.opts(), cliProcess));
    });
  trace
    .command("ledger")
    .description("Print the tokens of a bundle, per request, turn and agent.")
    .addArgument(bundleArgument())
    .option("--json", "print everything as one JSON object")
    .option("--csv", "print one line per request for a spreadsheet")
    .option("--prices <file>", "JSON price list, to print what it cost; no prices are built in")
    .addHelpText("after", examples(["codex-ts trace ledger traces/trace-… --prices prices.json"]))
    .action(async (bundle: string, _options: unknown, command: Command) => {
      const { runTraceLedger } = await import("./commands/trace-ledger.ts");
      setExitCode(await runTraceLedger(bundle, command.opts(), cliProcess));
    });
  trace
    .command("view")
    .description("Write a bundle as one HTML page that shows the run, offline, to anyone.")
    .addArgument(bundleArgument())
    .option("-o, --output <file>", "where to write (default: <bundle>/trace.html)")
    .option("--open", "open the page in the browser")
    .option("--prices <file>", "JSON price list, to show what it cost; no prices are built in")
    .option("--full", "keep texts over 8 MiB whole instead of their two ends")
    .addHelpText("after", examples(["codex-ts trace view traces/trace-… -o run.html --open"]))
    .action(async (bundle: string, _options: unknown, command: Command) => {
      const { runTraceView } = await import("./commands/trace-view.ts");
      setExitCode(await runTraceView(bundle, command.opts(), cliProcess));
    });
  trace
    .command("diff")
    .description("Say what changed between requests, and why the prompt cache was missed.")
    .addArgument(bundleArgument())
    .argument("[other]", "a second bundle: compares the two runs, request by request")
    .option("--requests <pair>", "two numbers, e.g. 7,8: compares these requests of one bundle")
    .option("--json", "print everything as one JSON object")
    .option("--html", "write the differences as one HTML page and print its path")
    .option("-o, --output <file>", "where --html writes (default: <bundle>/diff.html)")
    .option("--open", "open that page in the browser")
    .addHelpText(
      "after",
      examples([
        "codex-ts trace diff traces/trace-…",
        "codex-ts trace diff traces/trace-… --requests 7,8",
        "codex-ts trace diff before/trace-… after/trace-…",
        "codex-ts trace diff traces/trace-… --html --open",
      ]),
    )
    .action(
      async (bundle: string, other: string | undefined, _options: unknown, command: Command) => {
        const { runTraceDiff } = await import("./commands/trace-diff.ts");
        setExitCode(await runTraceDiff([bundle, other], command.opts(), cliProcess));
      },
    );
  trace
    .command("list")
    .description("List the bundles in a directory, newest first.")
    .argument("[root]", "directory (default: CODEX_ROLLOUT_TRACE_ROOT, else the working directory)")
    .addHelpText("after", examples(["codex-ts trace list traces"]))
    .action(async (root: string | undefined) => {
      const { runTraceList } = await import("./commands/trace-list.ts");
      setExitCode(await runTraceList(root, cliProcess));
    });
  trace
    .command("tail")
    .description("Follow a bundle while it is written, until the run ends.")
    .addArgument(bundleArgument())
    .addHelpText("after", examples(["codex-ts trace tail traces/trace-…"]))
    .action(async (bundle: string) => {
      const { runTraceTail } = await import("./commands/trace-tail.ts");
      setExitCode(await runTraceTail(bundle, cliProcess));
    });
  refusesOtherCommands(trace);
}

function addDebug(program: Command, { cliProcess, setExitCode }: ProgramContext): void {
  const debug = program.command("debug").description("Commands in the spelling of Codex.");
  debug
    .command("trace-reduce")
    .description("Reduce a bundle strictly and print the path of the result.")
    .addArgument(bundleArgument())
    .option("-o, --output <file>", "where to write (default: <bundle>/state.json)")
    .addHelpText("after", examples(["codex-ts debug trace-reduce traces/trace-…"]))
    .action(async (bundle: string, _options: unknown, command: Command) => {
      const { runTraceReduce } = await import("./commands/trace-reduce.ts");
      const options = command.opts<{ output?: string }>();
      setExitCode(
        await runTraceReduce(bundle, { ...options, strict: true, quiet: true }, cliProcess),
      );
    });
  refusesOtherCommands(debug);
}

function addDemo(program: Command, context: ProgramContext): void {
  program
    .command("demo")
    .description("Run a turn against an embedded server: no key, no network.")
    .option("--port <port>", "port of the embedded server (default: a free one)")
    .addHelpText("after", examples(["codex-ts demo", "codex-ts demo --port 4010"]))
    .action((_options: unknown, command: Command) => startDemo(command.opts(), context));
}

async function startDemo(
  options: { readonly port?: string },
  { cliProcess, setExitCode }: ProgramContext,
): Promise<void> {
  const { runDemo } = await import("./commands/demo.ts");
  setExitCode(await runDemo(options, cliProcess));
}

function bundleArgument(): Argument {
  return new Argument("<bundle>", "bundle directory, which holds manifest.json and trace.jsonl");
}

function configOption(): Option {
  return new Option(
    "-c, --config <key=value>",
    "set a configuration value for this run; dotted key, TOML value (repeatable)",
  ).argParser((text: string, texts: readonly string[]) => [...texts, text]);
}

const PROGRAM_EXAMPLES = [
  "codex-ts",
  'codex-ts exec --trace traces "What does this repository do?"',
  "codex-ts trace show traces/trace-…",
];
