import { randomUUID } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type InferenceSummary, type TurnItem, createThread } from "@codex-ts/core";
import { createModelProvider, selectModelProvider } from "@codex-ts/model-provider";
import { startResponsesServer } from "@codex-ts/responses-server";
import { type CliProcess, interruptionExitCode } from "../cli-process.ts";
import {
  DEMO_FILE,
  DEMO_FILE_TEXT,
  DEMO_MODEL,
  DEMO_PROMPT,
  demoScript,
} from "../demo/demo-script.ts";
import { CommandError, UsageError, fileProblem } from "../errors.ts";
import { createHumanRenderer } from "../render/human.ts";
import { inferenceTable } from "../render/inference-table.ts";
import { quoteForShell } from "../render/quote-for-shell.ts";
import { reduceToFile } from "../reduce-to-file.ts";
import { lookup } from "../trace-view/lookup.ts";
import { cliVersion } from "../version.ts";
import { writePage } from "../write-page.ts";
import { PAGE_FILE } from "./trace-view.ts";

export interface DemoOptions {
  readonly port?: string;
}

/** `codex-ts demo`: one real turn against an embedded server, then its trace, reduced. Exit code 1 if anything failed. */
export async function runDemo(options: DemoOptions, cliProcess: CliProcess): Promise<number> {
  const port = readPort(options.port);
  const server = await startResponsesServer({ script: demoScript(), port });
  try {
    return await runDemoAgainst(server.url, cliProcess);
  } finally {
    await server.close();
  }
}

async function runDemoAgainst(url: string, cliProcess: CliProcess): Promise<number> {
  const workspace = await makeTemporaryFolder("workspace");
  const traceRoot = await makeTemporaryFolder("trace");
  let isTraceWanted = true;
  try {
    await writeFile(join(workspace, DEMO_FILE), DEMO_FILE_TEXT);
    const turn = await runDemoTurn({ url, workspace, traceRoot }, cliProcess);
    const stopped = interruptionExitCode(cliProcess.interrupted);
    isTraceWanted = stopped === undefined;
    if (stopped !== undefined) return stopped;
    return await report(turn, cliProcess);
  } finally {
    await rm(workspace, { recursive: true, force: true });
    if (!isTraceWanted) await rm(traceRoot, { recursive: true, force: true });
  }
}

async function makeTemporaryFolder(use: string): Promise<string> {
  try {
    return await mkdtemp(join(tmpdir(), `codex-ts-demo-${use}-`));
  } catch (error) {
    throw new CommandError(
      `no directory for the demo can be made in ${tmpdir()}: ${fileProblem(error)}; set TMPDIR to one that can be written`,
      { cause: error },
    );
  }
}

interface DemoFolders {
  readonly url: string;
  readonly workspace: string;
  readonly traceRoot: string;
}

interface DemoTurn {
  readonly inferences: readonly InferenceSummary[];
  readonly bundlePath: string | undefined;
  /** Why the turn failed; `undefined` when it completed. */
  readonly failure: string | undefined;
}

async function runDemoTurn(
  { url, workspace: cwd, traceRoot }: DemoFolders,
  cliProcess: CliProcess,
): Promise<DemoTurn> {
  const { env, interrupted } = cliProcess;
  const provider = demoProvider(url, env);
  const renderer = createHumanRenderer(cliProcess);
  const inferences: InferenceSummary[] = [];
  const items: TurnItem[] = [];
  let end: string | undefined = "it did not end";
  const thread = await createThread({
    provider,
    model: DEMO_MODEL,
    cwd,
    installationId: randomUUID(),
    // Its own workspace, and a script that only reads a file.
    sandboxMode: "danger-full-access",
    trace: { root: traceRoot },
    clientVersion: cliVersion(),
    // Commands run in a login shell: whatever the user's profile prints or takes its time for is not part of the demo.
    env: { ...env, HOME: cwd },
  });
  try {
    const facts = { thread, model: DEMO_MODEL, providerId: provider.id, cwd };
    renderer.threadStarted({ ...facts, sandboxMode: "danger-full-access" });
    for await (const event of thread.runTurn(DEMO_PROMPT, { signal: interrupted })) {
      renderer.turnEvent(event);
      if (event.type === "inferenceFinished") inferences.push(event.inference);
      if (event.type === "turnCompleted") end = undefined;
      if (event.type === "turnFailed") end = event.error.message;
      if (event.type === "itemCompleted") items.push(event.item);
    }
  } finally {
    await thread.close();
  }
  return { inferences, bundlePath: thread.bundlePath, failure: end ?? commandProblem(items) };
}

/** The problem of the one command of the demo; `undefined` when it did what it should. */
export function commandProblem(items: readonly TurnItem[]): string | undefined {
  const commands = items.filter((item) => item.type === "command_execution");
  const [command] = commands;
  if (command === undefined) return "its command could not be started; is there a shell?";
  if (commands.length > 1) return `it ran ${commands.length} commands instead of one`;
  if (command.status !== "completed") {
    return `its command ${command.status} with exit code ${command.exit_code ?? "-"}`;
  }
  return command.aggregated_output.includes(DEMO_FILE_TEXT)
    ? undefined
    : "its command did not print the file";
}

async function report(turn: DemoTurn, { stdout, commandName }: CliProcess): Promise<number> {
  if (turn.inferences.length > 0) stdout.write(`\n${inferenceTable(turn.inferences)}\n`);
  if (turn.bundlePath === undefined) throw new CommandError("the demo turn was not recorded");
  const bundle = quoteForShell(turn.bundlePath);
  if (turn.failure !== undefined) {
    const hint = `see ${commandName} trace show ${bundle}`;
    throw new CommandError(`the demo turn failed: ${turn.failure}; ${hint}`);
  }
  const { outputPath, state } = await reduceToFile(turn.bundlePath, {});
  const page = join(turn.bundlePath, PAGE_FILE);
  await writePage(turn.bundlePath, page, {});
  stdout.write(
    [
      `bundle  ${turn.bundlePath}`,
      `state   ${outputPath}`,
      `page    ${page} (open it in a browser)`,
      `ids     ${compareIds(turn.inferences, state().inference_calls)}`,
      "",
      "next:",
      `  ${commandName} trace show ${bundle}`,
      `  ${commandName} trace reduce ${bundle} --strict`,
      `  ${commandName} exec --help`,
      "",
      "a run of Codex itself, 0.132 to 0.171, is read the same way:",
      '  CODEX_ROLLOUT_TRACE_ROOT=traces codex exec "Fix the failing test"',
      `  ${commandName} trace list traces`,
      "",
    ].join("\n"),
  );
  return 0;
}

/** Says that the trace has the same two ids as the live run. Throws `CommandError` when it does not. */
export function compareIds(
  inferences: readonly Pick<
    InferenceSummary,
    "ordinal" | "inferenceCallId" | "responseId" | "upstreamRequestId"
  >[],
  calls: Readonly<
    Record<
      string,
      { readonly response_id: string | null; readonly upstream_request_id: string | null }
    >
  >,
): string {
  for (const { ordinal, inferenceCallId, responseId, upstreamRequestId } of inferences) {
    const call = lookup(calls, inferenceCallId ?? null);
    const isSame =
      call?.response_id === (responseId ?? null) &&
      call.upstream_request_id === (upstreamRequestId ?? null);
    if (!isSame) throw new CommandError(`the trace has other ids for request ${ordinal}`);
  }
  return `both ids of ${inferences.length} requests are the same in the trace`;
}

function demoProvider(url: string, env: CliProcess["env"]): ReturnType<typeof createModelProvider> {
  const clientVersion = cliVersion();
  const { id, info } = selectModelProvider({
    config: { model_provider: "demo", model_providers: { demo: { name: "demo", base_url: url } } },
    env,
    clientVersion,
  });
  return createModelProvider({ id, info, env, clientVersion });
}

function readPort(text: string | undefined): number {
  if (text === undefined) return 0;
  const port = Number(text);
  if (/^\d{1,5}$/.test(text) && port <= 65_535) return port;
  throw new UsageError(`--port ${text}: expected a number from 0 (any free port) to 65535`);
}
