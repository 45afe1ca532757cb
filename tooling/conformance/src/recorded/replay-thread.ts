import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { createThread } from "@codex-ts/core";
import type { CodexThread, TurnEvent } from "@codex-ts/core";
import type { JsonObject, ResponseItem } from "@codex-ts/protocol";
import { openBundle, reduceBundle } from "@codex-ts/rollout-trace";
import { startResponsesServer } from "@codex-ts/responses-server";
import type { ResponsesServer } from "@codex-ts/responses-server";
import { toComparable } from "../compare/comparable.ts";
import { type Difference, differences, runDifferences } from "../compare/differences.ts";
import type { RunPlaces } from "../compare/observed-run.ts";
import { observeServer } from "../compare/observe-server.ts";
import { replaceIds } from "../compare/replace-ids.ts";
import { neutralState } from "./neutral-state.ts";
import { recordedClient } from "./recorded-client.ts";
import { RECORDED_PLACES, observeRecording } from "./recorded-scenario.ts";
import type { RecordedScenario } from "./recorded-scenario.ts";
import { type RecordedInterrupt, interruptGate, recordedScript } from "./recorded-script.ts";
import { type RecordedAction, recordedActions } from "./recorded-turns.ts";

/**
 * Lets a thread of ours do what the recorded client did, against the same answers, and tells where its requests differ.
 * `folder` is an empty one for this run.
 */
export async function replayThread(
  scenario: RecordedScenario,
  options: { readonly folder: string; readonly interrupt?: RecordedInterrupt | undefined },
): Promise<Difference[]> {
  const { folder, interrupt } = options;
  const actions = recordedActions(scenario);
  const { script, handshakes, basePath } = recordedScript(scenario, held(actions, interrupt));
  await using server = await startResponsesServer({
    script,
    handshakes,
    basePath,
    warmUps: "script",
  });
  const workspace = join(folder, "workspace");
  await mkdir(workspace);
  const thread = await createThread({
    ...(await recordedClient(scenario, { server, folder })),
    cwd: workspace,
    installationId: "11111111-1111-4111-8111-111111111111",
    sandboxMode: "danger-full-access",
    trace: { root: join(folder, "traces"), schemaVersion: 1 },
    errorPolicy: "0.140",
    sleep: async (_ms, signal) => signal?.throwIfAborted(),
  });
  try {
    await perform(thread, { server, actions, interrupt });
  } finally {
    await thread.close();
  }
  const places = { workspace, host: `${server.host}:${server.port}` };
  return [
    ...runDifferences(
      toComparable(replaceIds(observeRecording(scenario), RECORDED_PLACES)),
      toComparable(replaceIds(observeServer(server), places)),
    ),
    ...(await traceDifferences(scenario, thread.bundlePath, places)),
  ];
}

/** What differs in the reduced traces, below `trace`; nothing when the real reducer refused its own bundle. */
async function traceDifferences(
  { expectedState }: RecordedScenario,
  bundlePath: string | undefined,
  places: RunPlaces,
): Promise<Difference[]> {
  if (expectedState === undefined || bundlePath === undefined) return [];
  const { state } = await reduceBundle(openBundle(bundlePath), { mode: "strict" });
  const actual = JSON.parse(JSON.stringify(state)) as JsonObject;
  return differences(
    neutralState(expectedState, RECORDED_PLACES),
    neutralState(actual, places),
    "trace",
  );
}

/** Which request is held, by its number: the last one of the turn. */
function held(
  actions: readonly RecordedAction[],
  interrupt: RecordedInterrupt | undefined,
): ReadonlyMap<number, RecordedInterrupt> {
  if (interrupt === undefined) return new Map();
  const turn = actions.filter(({ type }) => type === "turn")[interrupt.turn];
  return new Map([[turn?.lastRequest ?? -1, interrupt]]);
}

async function perform(
  thread: CodexThread,
  parts: {
    readonly server: ResponsesServer;
    readonly actions: readonly RecordedAction[];
    readonly interrupt: RecordedInterrupt | undefined;
  },
): Promise<void> {
  let turn = 0;
  for (const action of parts.actions) {
    if (action.type === "compaction") throw new Error("threads cannot be compacted on request yet");
    const abort = new AbortController();
    const events = thread.runTurn(action.input, {
      signal: abort.signal,
      clientMetadata: action.clientMetadata,
      ...(action.outputSchema !== undefined && { outputSchema: action.outputSchema }),
    });
    if (parts.interrupt?.turn === turn)
      await interruptTurn(events, { server: parts.server, interrupt: parts.interrupt, abort });
    else await drain(events);
    turn += 1;
  }
}

/** Reads a stream to its end. */
async function drain(events: AsyncIterable<TurnEvent>): Promise<void> {
  for await (const event of events) void event;
}

/** Aborts a turn once the server holds its response and the client has taken in the items that were sent before. */
async function interruptTurn(
  events: AsyncIterable<TurnEvent>,
  parts: {
    readonly server: ResponsesServer;
    readonly interrupt: RecordedInterrupt;
    readonly abort: AbortController;
  },
): Promise<void> {
  const { server, interrupt, abort } = parts;
  const isHeld = server.waitForGate(interruptGate(interrupt));
  let itemsTaken = 0;
  for await (const event of events) {
    const isAnswer = event.type === "rawItem" && !isPrompt(event.item);
    if (isAnswer) itemsTaken += 1;
    if ((isAnswer || event.type === "inferenceStarted") && itemsTaken === interrupt.itemsBefore)
      void isHeld.then(() => abort.abort());
  }
  await isHeld;
}

/** Whether an item is part of what the model is asked. */
function isPrompt(item: ResponseItem): boolean {
  if (item.type === "message") return item.role !== "assistant";
  return item.type.endsWith("_output");
}
