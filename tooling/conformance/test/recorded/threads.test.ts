import { describe, expect, test } from "vitest";
import { hasRecordings, recordedScenarioNames } from "../../src/recorded/recorded-scenario.ts";
import { replayThread } from "../../src/recorded/replay-thread.ts";
import {
  THREAD_GAPS,
  THREAD_SCENARIOS,
  UNCOMPARABLE_TRACES,
} from "../../src/recorded/scenarios.ts";
import { Replays } from "../support/replays.ts";

const replays = new Replays(replayThread, "threads");
const compared = Object.values(THREAD_SCENARIOS).flat();

/** Its terminal operation lacks the line count the real client puts before shortened output. */
const SHORTENED = "large-output";
const traced = compared.filter((name) => !UNCOMPARABLE_TRACES.has(name) && name !== SHORTENED);

describe.skipIf(!hasRecordings)("requests of threads equal the recorded ones of 0.140", () => {
  test.each(THREAD_SCENARIOS.turns)("[conformance/thread-turns] in %s", async (name) => {
    expect(await replays.unknownDifferences(name)).toEqual([]);
  });

  test.each(THREAD_SCENARIOS.commands)("[conformance/thread-commands] in %s", async (name) => {
    expect(await replays.unknownDifferences(name)).toEqual([]);
  });

  test.each(THREAD_SCENARIOS.failures)("[conformance/thread-failures] in %s", async (name) => {
    expect(await replays.unknownDifferences(name)).toEqual([]);
  });

  test.each(THREAD_SCENARIOS.interrupts)("[conformance/thread-interrupts] in %s", async (name) => {
    expect(await replays.unknownDifferences(name)).toEqual([]);
  });

  test.each(THREAD_SCENARIOS.login)("[conformance/thread-login] in %s", async (name) => {
    expect(await replays.unknownDifferences(name)).toEqual([]);
  });

  test.each(THREAD_SCENARIOS.webSocket)("[conformance/thread-websocket] in %s", async (name) => {
    expect(await replays.unknownDifferences(name)).toEqual([]);
  });

  test.each(traced)("[conformance/thread-traces] the trace of %s reduces alike", async (name) => {
    expect(await replays.unknownTraceDifferences(name)).toEqual([]);
  });

  test("[conformance/trace-of-shortened-output] reduces alike", async () => {
    expect(await replays.unknownTraceDifferences(SHORTENED)).toEqual([]);
  });

  test("every difference on the list still occurs", async () => {
    expect(await replays.unusedEntries(compared)).toEqual([]);
  });

  test("every recording is compared, or said to be out of reach", () => {
    expect([...compared, ...Object.keys(THREAD_GAPS)].toSorted()).toEqual(recordedScenarioNames());
  });

  test.each(Object.entries(THREAD_GAPS))("%s still differs: %s", async (name) => {
    const differences = await replays.unknownDifferences(name).catch(() => "cannot be played");
    expect(differences, "take it off the list of gaps").not.toEqual([]);
  });
});
