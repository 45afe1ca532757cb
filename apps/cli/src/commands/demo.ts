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
import { CommandError, UsageError } from "../errors.ts";
import { createHumanRenderer } from "../render/human.ts";
import { inferenceTable } from "../render/inference-table.ts";
import { quoteForShell } from "../render/quote-for-shell.ts";
import { reduceToFile } from "../reduce-to-file.ts";
import { lookup } from "../trace-view/lookup.ts";
import { cliVersion } from "../version.ts";

export interface DemoOptions {
  readonly port?: string;
}

/** `codex-ts demo`: one real turn against an embedded server, then its trace, reduced. Exit code 1 if anything failed. */
export async function runDemo(options: DemoOptions, cliProcess: CliProcess): Promise<number> {
  await using server = await startResponsesServer({
    script: demoScript(),
    port: readPort(options.port),
  });
  const workspace = await mkdtemp(join(tmpdir(), "codex-ts-demo-workspace-"));
  try {
    await writeFile(join(workspace, DEMO_FILE), DEMO_FILE_TEXT);
    const turn = await runDemoTurn(server.url, workspace, cliProcess);
    const stopped = interruptionExitCode(cliProcess.interrupted);
    if (stopped !== undefined) return stopped;
    return await report(turn, cliProcess);
  } finally {
    await rm(workspace, { recursive: true, force: true });
  }
}

interface DemoTurn {
  readonly inferences: readonly InferenceSummary[];
  readonly bundlePath: string | undefined;
  /** Why the turn failed; `undefined` when it completed. */
  readonly failure: string | undefined;
}

async function runDemoTurn(url: string, cwd: string, cliProcess: CliProcess): Promise<DemoTurn> {
  const { env, interrupted } = cliProcess;
  const provider = demoProvider(url, env);
  const renderer = createHumanRenderer(cliProcess);
  const inferences: InferenceSummary[] = [];
  let end: string | undefined = "it did not end";
  let commandProblem: string | undefined;
  const thread = await createThread({
    provider,
    model: DEMO_MODEL,
    cwd,
    installationId: randomUUID(),
    // Its own workspace, and a script that only reads a file.
    sandboxMode: "danger-full-access",
    trace: { root: await mkdtemp(join(tmpdir(), "codex-ts-demo-trace-")) },
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
      if (event.type === "itemCompleted") commandProblem ??= problemOf(event.item);
    }
  } finally {
    await thread.close();
  }
  return { inferences, bundlePath: thread.bundlePath, failure: end ?? commandProblem };
}

function problemOf(item: TurnItem): string | undefined {
  if (item.type !== "command_execution" || item.status === "completed") return undefined;
  return `its command ${item.status} with exit code ${item.exit_code ?? "-"}`;
}

async function report(turn: DemoTurn, { stdout, commandName }: CliProcess): Promise<number> {
  if (turn.inferences.length > 0) stdout.write(`\n${inferenceTable(turn.inferences)}\n`);
  if (turn.failure !== undefined) throw new CommandError(`the demo turn failed: ${turn.failure}`);
  if (turn.bundlePath === undefined) throw new CommandError("the demo turn was not recorded");
  const { outputFile, state } = await reduceToFile(turn.bundlePath, {});
  const bundle = quoteForShell(turn.bundlePath);
  stdout.write(
    [
      `bundle  ${turn.bundlePath}`,
      `state   ${outputFile}`,
      "",
      "next:",
      `  ${commandName} trace show ${bundle}`,
      `  ${commandName} trace reduce ${bundle} --strict`,
      `  ${commandName} exec --help`,
      "",
    ].join("\n"),
  );
  checkReducedIds(turn.inferences, state.inference_calls);
  return 0;
}

/** The trace has to tell the same two ids as the live run. */
function checkReducedIds(
  inferences: readonly InferenceSummary[],
  calls: Readonly<
    Record<
      string,
      { readonly response_id: string | null; readonly upstream_request_id: string | null }
    >
  >,
): void {
  for (const { ordinal, inferenceCallId, responseId, upstreamRequestId } of inferences) {
    const call = lookup(calls, inferenceCallId ?? null);
    const isSame =
      call?.response_id === (responseId ?? null) &&
      call.upstream_request_id === (upstreamRequestId ?? null);
    if (!isSame) throw new CommandError(`the trace tells other ids for request ${ordinal}`);
  }
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
