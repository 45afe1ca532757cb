import { networkFromEnvironment } from "@codex-ts/api";
import type { TransportObserver } from "@codex-ts/api";
import { createThread } from "@codex-ts/core";
import type { InferenceSummary } from "@codex-ts/core";
import { temporaryDirectory } from "@codex-ts/test-support";
import { describe, expect, test } from "vitest";
import { endsOf, reduceStrictly } from "./support/bundle.ts";
import { INSTALLATION_ID, ofType, testModel, testProvider } from "./support/harness.ts";
import { OUTCOME_SCENARIOS } from "./support/outcome-scenarios.ts";
import type { OutcomeScenario } from "./support/outcome-scenarios.ts";
import { startOutcomeServer } from "./support/outcome-server.ts";

/** Plays one scenario as 0.140 would; what the reduced trace and the observer of the inferences say. */
async function play(scenario: OutcomeScenario, errorPolicy: "0.140" | "0.169") {
  const { abortAt, requestMaxRetries = 0, streamMaxRetries = 0, isIdle = false } = scenario;
  const abort = new AbortController();
  await using directory = await temporaryDirectory();
  await using server = await startOutcomeServer(scenario, (count) => {
    if (count === abortAt) abort.abort();
  });
  const network = networkFromEnvironment(server.env);
  const observer: TransportObserver = {
    onAttemptResponded() {
      // What follows on the heels of the headers is to be read first.
      if (abortAt === "headers") setTimeout(() => abort.abort(), 20);
    },
  };
  const thread = await createThread({
    provider: testProvider(server.baseUrl, {
      requestMaxRetries,
      streamMaxRetries,
      streamIdleTimeoutMs: isIdle ? 300 : 20_000,
    }),
    model: testModel(),
    cwd: directory.path,
    installationId: INSTALLATION_ID,
    sandboxMode: "danger-full-access",
    trace: { root: `${directory.path}/traces`, schemaVersion: 2 },
    errorPolicy,
    network,
    observeTransport: () => observer,
    random: () => 0.5,
    sleep: async (_ms, signal) => signal?.throwIfAborted(),
  });
  const events = [];
  for await (const event of thread.runTurn("go", { signal: abort.signal })) {
    events.push(event);
    if (abortAt === "item" && event.type === "itemCompleted") abort.abort();
  }
  const state = await reduceStrictly(thread);
  await network.dispatcher.destroy();
  return {
    ends: endsOf(state),
    summaries: ofType(events, "inferenceFinished").map(({ inference }) => inference),
    last: events.at(-1),
  };
}

const idsOf = ({ status, responseId, upstreamRequestId }: InferenceSummary) => [
  status,
  responseId ?? null,
  upstreamRequestId ?? null,
];

test("[core/S0-16] the list of outcomes is whole", () => {
  expect(OUTCOME_SCENARIOS).toHaveLength(81);
  expect(new Set(OUTCOME_SCENARIOS.map(({ name }) => name)).size).toBe(81);
});

describe("[core/S0-16] what the trace says of a request is what real Codex 0.140 says", () => {
  test.each(OUTCOME_SCENARIOS)("$name", async (scenario) => {
    const { ends, summaries, last } = await play(scenario, "0.140");
    expect(ends).toEqual(scenario.expected);
    const isUnrecorded = scenario.name === "given up while an error page arrives";
    // Nobody loses an id that the trace of 0.140 has no place for.
    expect(summaries.map(idsOf)).toEqual(
      scenario.expected.map(([status, responseId, requestId]) => [
        status,
        responseId,
        isUnrecorded ? "req_a" : requestId,
      ]),
    );
    const [lastStatus, , lastId] = scenario.expected.at(-1) ?? [];
    const failure = last?.type === "turnFailed" ? last.error : undefined;
    expect(failure !== undefined).toBe(lastStatus === "failed");
    expect(failure === undefined ? lastId : (failure.upstreamRequestId ?? null)).toBe(lastId);
  });
});

test("[core/S0-17] the id of a refusal that is given up while its page arrives is recorded, but for 0.140", async () => {
  const scenario = OUTCOME_SCENARIOS.find(
    ({ name }) => name === "given up while an error page arrives",
  );
  if (scenario === undefined) throw new Error("no such scenario");
  expect((await play(scenario, "0.169")).ends).toEqual([["cancelled", null, "req_a", 0]]);
});
