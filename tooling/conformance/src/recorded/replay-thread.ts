import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { createThread, resumeThread } from "@codex-ts/core";
import type { CodexThread, ThreadOptions, TurnEvent } from "@codex-ts/core";
import type { JsonObject } from "@codex-ts/protocol";
import { openBundle, reduceBundle } from "@codex-ts/rollout-trace";
import { startResponsesServer } from "@codex-ts/responses-server";
import { toComparable } from "../compare/comparable.ts";
import { type Difference, differences, runDifferences } from "../compare/differences.ts";
import type { RunPlaces } from "../compare/observed-run.ts";
import { observeServer } from "../compare/observe-server.ts";
import { replaceIds } from "../compare/replace-ids.ts";
import { writeWorkspace } from "../programs/home.ts";
import { expectedRun } from "./expected.ts";
import { Interruption } from "./interruption.ts";
import { neutralState } from "./neutral-state.ts";
import { ownNetwork, recordedClient } from "./recorded-client.ts";
import { AGENT_GATE, recordedSubagents } from "./recorded-agents.ts";
import { RECORDED_PLACES } from "./recorded-scenario.ts";
import type { RecordedScenario } from "./recorded-scenario.ts";
import { type RecordedInterrupt, recordedScript } from "./recorded-script.ts";
import { type RecordedAction, readBlob, recordedActions } from "./recorded-turns.ts";
import { ACTIONS_BEFORE, RESUMED_BEFORE, SETTINGS } from "./scenarios.ts";
import { threadByThread } from "./thread-order.ts";

/** Milliseconds in which a recorder brings to the disk what it was given. */
const WRITTEN_WITHIN_MS = 5_000;

/**
 * Lets a thread of ours do what the recorded client did, against the same answers, and tells where its requests and its
 * trace differ. `folder` is an empty one for this run.
 */
export async function replayThread(
  scenario: RecordedScenario,
  options: { readonly folder: string; readonly interrupt?: RecordedInterrupt | undefined },
): Promise<Difference[]> {
  const { folder, interrupt } = options;
  const actions = recordedActions(scenario);
  const { script, handshakes, basePath } = recordedScript(scenario, held(actions, interrupt), {
    startsAgents: true,
  });
  await using server = await startResponsesServer({
    script,
    handshakes,
    basePath,
    warmUps: "script",
  });
  await using network = ownNetwork();
  const workspace = join(folder, "workspace");
  await mkdir(workspace);
  await writeWorkspace(workspace, SETTINGS[scenario.name] ?? {});
  const subagents = recordedSubagents(scenario);
  const interruption = interrupt && new Interruption(interrupt, server);
  const threadOptions: ThreadOptions = {
    ...(await recordedClient(scenario, { server, network, folder })),
    cwd: workspace,
    installationId: "11111111-1111-4111-8111-111111111111",
    sandboxMode: "danger-full-access",
    compatibility: scenario.compatibility,
    ...recordedSource(scenario),
    ...(subagents && { subagents }),
    trace: { root: join(folder, "traces") },
    sleep: async (_ms, signal) => signal?.throwIfAborted(),
    ...(interruption !== undefined && { observeTransport: interruption.observeTransport }),
    ...SETTINGS[scenario.name]?.thread,
  };
  const resumedBefore = RESUMED_BEFORE[scenario.name];
  const kept = { ...threadOptions, codexHome: join(folder, "sessions") };
  let thread = await createThread(resumedBefore === undefined ? threadOptions : kept);
  const places = { workspace, host: `${server.host}:${server.port}` };
  const expected = scenario.expectedState;
  const reduce = (): Promise<JsonObject | undefined> => reducedState(thread.bundlePath);
  /** What a killed process leaves: nothing more happens, but what happened may still be on its way to the disk. */
  const reduceWhenWritten = async (): Promise<JsonObject | undefined> => {
    const deadline = Date.now() + WRITTEN_WITHIN_MS;
    for (;;) {
      const state = await reduce();
      const isEqual = traceDifferences(expected, state, places).length === 0;
      if (isEqual || Date.now() > deadline) return state;
      await setTimeout(10);
    }
  };
  let state: JsonObject | undefined;
  let resumedState: JsonObject | undefined;
  const parts = {
    name: scenario.name,
    interruption,
    reduceWhenWritten,
    onAgentAnswer: () => server.release(AGENT_GATE),
  };
  try {
    state = await perform(thread, { ...parts, actions: actions.slice(0, resumedBefore) });
    if (resumedBefore !== undefined) {
      await thread.close();
      // Each process writes a bundle of its own.
      state = await reduce();
      thread = await resumeThread(thread.threadId, kept);
      await perform(thread, { ...parts, actions: actions.slice(resumedBefore) });
      resumedState = await thread.close().then(reduce);
    }
  } finally {
    await thread.close();
  }
  return [
    ...runDifferences(
      toComparable(replaceIds(threadByThread(expectedRun(scenario)), RECORDED_PLACES)),
      toComparable(replaceIds(threadByThread(observeServer(server)), places)),
    ),
    ...traceDifferences(expected, state ?? (await reduce()), places),
    ...traceDifferences(scenario.expectedResumedState, resumedState, places),
  ];
}

/**
 * How the recorded client was started: under `exec`, or by a driver that says nothing of itself. (0.140 does not tell;
 * what ours says of it is on the list of differences.)
 */
function recordedSource({
  compatibility,
  requests,
}: RecordedScenario): Pick<ThreadOptions, "sessionSource" | "threadSource"> {
  if (compatibility === "0.140") return {};
  const [first] = requests;
  const { thread_source: source } = first === undefined ? {} : readBlob(first);
  return typeof source === "string"
    ? { sessionSource: "exec", threadSource: source }
    : { sessionSource: "vscode", threadSource: null };
}

async function reducedState(bundlePath: string | undefined): Promise<JsonObject | undefined> {
  if (bundlePath === undefined) return undefined;
  const { state } = await reduceBundle(openBundle(bundlePath), { mode: "strict" });
  return JSON.parse(JSON.stringify(state)) as JsonObject;
}

/** What differs in the reduced traces, below `trace`; nothing when the real reducer refused its own bundle. */
function traceDifferences(
  expected: JsonObject | undefined,
  actual: JsonObject | undefined,
  places: RunPlaces,
): Difference[] {
  if (expected === undefined || actual === undefined) return [];
  return differences(
    neutralState(expected, RECORDED_PLACES),
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
  const request = interrupt.steer === undefined ? turn?.lastRequest : turn?.firstRequest;
  return new Map([[request ?? -1, interrupt]]);
}

/** Runs the recorded turns. Gives the state of the trace at the point where the recorded process was killed. */
async function perform(
  thread: CodexThread,
  parts: {
    readonly name: string;
    readonly actions: readonly RecordedAction[];
    readonly interruption: Interruption | undefined;
    readonly reduceWhenWritten: () => Promise<JsonObject | undefined>;
    readonly onAgentAnswer: () => void;
  },
): Promise<JsonObject | undefined> {
  const { name, actions, interruption, reduceWhenWritten, onAgentAnswer } = parts;
  let state: JsonObject | undefined;
  for (const [turn, action] of actions.entries()) {
    if (action.type === "compaction") {
      await thread.compact().result();
      continue;
    }
    const before = ACTIONS_BEFORE[name];
    if (before?.turn === turn) await before.act(thread);
    const abort = new AbortController();
    const events = thread.runTurn(action.input, {
      signal: abort.signal,
      clientMetadata: action.clientMetadata,
      ...(action.outputSchema !== undefined && { outputSchema: action.outputSchema }),
      ...SETTINGS[name]?.turns?.[turn],
    });
    if (interruption?.turn !== turn) {
      for await (const event of events) if (isAgentAnswer(event)) onAgentAnswer();
      continue;
    }
    await interruption.of(events, async () => {
      if (interruption.isKill) state = await reduceWhenWritten();
      if (interruption.steer === undefined) abort.abort();
      else interruption.goOn(thread.steer(interruption.steer));
    });
  }
  return state;
}

/** Whether an agent has taken in a message of its model. */
function isAgentAnswer(event: TurnEvent): boolean {
  if (event.type !== "agentEvent" || event.event.type !== "rawItem") return false;
  const { item } = event.event;
  return item.type === "message" && item.role === "assistant";
}
