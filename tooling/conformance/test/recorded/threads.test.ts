import { temporaryDirectory } from "@codex-ts/test-support";
import { describe, expect, test } from "vitest";
import type { Difference } from "../../src/compare/differences.ts";
import { KnownDifferences, readKnownDifferences } from "../../src/compare/known-differences.ts";
import {
  hasRecordings,
  readRecordedScenario,
  recordedScenarioNames,
} from "../../src/recorded/recorded-scenario.ts";
import { replayThread } from "../../src/recorded/replay-thread.ts";
import { INTERRUPTS, THREAD_GAPS, THREAD_SCENARIOS } from "../../src/recorded/scenarios.ts";

const KNOWN = new URL("../../differences/threads.json", import.meta.url);

/** Replays each recording once, whoever asks for it. */
const replays = new Map<string, Promise<Difference[]>>();

function replay(name: string): Promise<Difference[]> {
  const running = replays.get(name) ?? run(name);
  replays.set(name, running);
  return running;
}

async function run(name: string): Promise<Difference[]> {
  await using directory = await temporaryDirectory();
  const interrupt = INTERRUPTS[name];
  return await replayThread(readRecordedScenario(name), { folder: directory.path, interrupt });
}

/** The differences of a recording that are not meant to be. */
async function unknownDifferences(name: string): Promise<Difference[]> {
  return new KnownDifferences(readKnownDifferences(KNOWN)).unknown(name, await replay(name));
}

describe.skipIf(!hasRecordings)("requests of threads equal the recorded ones of 0.140", () => {
  test.each(THREAD_SCENARIOS.turns)("[conformance/thread-turns] in %s", async (name) => {
    expect(await unknownDifferences(name)).toEqual([]);
  });

  test.each(THREAD_SCENARIOS.commands)("[conformance/thread-commands] in %s", async (name) => {
    expect(await unknownDifferences(name)).toEqual([]);
  });

  test.each(THREAD_SCENARIOS.failures)("[conformance/thread-failures] in %s", async (name) => {
    expect(await unknownDifferences(name)).toEqual([]);
  });

  test.each(THREAD_SCENARIOS.interrupts)("[conformance/thread-interrupts] in %s", async (name) => {
    expect(await unknownDifferences(name)).toEqual([]);
  });

  test.each(THREAD_SCENARIOS.webSocket)("[conformance/thread-websocket] in %s", async (name) => {
    expect(await unknownDifferences(name)).toEqual([]);
  });

  test("every difference on the list still occurs", async () => {
    const known = new KnownDifferences(readKnownDifferences(KNOWN));
    for (const name of Object.values(THREAD_SCENARIOS).flat())
      known.unknown(name, await replay(name));
    expect(known.unused).toEqual([]);
  });

  test("every recording is compared, or said to be out of reach", () => {
    const listed = [...Object.values(THREAD_SCENARIOS).flat(), ...Object.keys(THREAD_GAPS)];
    expect(listed.toSorted()).toEqual(recordedScenarioNames());
  });

  test.each(Object.entries(THREAD_GAPS))("%s still differs: %s", async (name) => {
    const differences = await unknownDifferences(name).catch(() => "cannot be played");
    expect(differences, "take it off the list of gaps").not.toEqual([]);
  });
});
