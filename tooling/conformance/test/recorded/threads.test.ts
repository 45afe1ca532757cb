import { describe, expect, test } from "vitest";
import { GENERATIONS } from "../../src/programs/generations.ts";
import { hasRecordings, recordedScenarioNames } from "../../src/recorded/recorded-scenario.ts";
import { replayThread } from "../../src/recorded/replay-thread.ts";
import { LATER_GAPS, THREAD_GAPS, THREAD_SCENARIOS } from "../../src/recorded/scenarios.ts";
import { Replays } from "../support/replays.ts";

/** Its terminal operation lacks the line count the real client puts before shortened output. */
const SHORTENED = "large-output";

describe.skipIf(!hasRecordings).each(GENERATIONS)(
  "requests of threads equal the recorded ones of %s",
  (compatibility) => {
    const replays = new Replays(replayThread, compatibility, `threads-${compatibility}`);
    const all = hasRecordings ? recordedScenarioNames(compatibility) : [];
    const gaps = Object.entries({ ...THREAD_GAPS, ...LATER_GAPS[compatibility] }).filter(([name]) =>
      all.includes(name),
    );
    const isOpen = new Set(gaps.map(([name]) => name));
    const among = (names: readonly string[]): readonly string[] =>
      names.filter((name) => all.includes(name) && !isOpen.has(name));
    const compared = among(Object.values(THREAD_SCENARIOS).flat());
    const traced = compared.filter((name) => name !== SHORTENED);

    test.each(among(THREAD_SCENARIOS.turns))("[conformance/thread-turns] in %s", async (name) => {
      expect(await replays.unknownDifferences(name)).toEqual([]);
    });

    test.each(among(THREAD_SCENARIOS.commands))(
      "[conformance/thread-commands] in %s",
      async (name) => {
        expect(await replays.unknownDifferences(name)).toEqual([]);
      },
    );

    test.each(among(THREAD_SCENARIOS.failures))(
      "[conformance/thread-failures] in %s",
      async (name) => {
        expect(await replays.unknownDifferences(name)).toEqual([]);
      },
    );

    test.each(among(THREAD_SCENARIOS.interrupts))(
      "[conformance/thread-interrupts] in %s",
      async (name) => {
        expect(await replays.unknownDifferences(name)).toEqual([]);
      },
    );

    test.each(among(THREAD_SCENARIOS.compaction))(
      "[conformance/thread-compaction] in %s",
      async (name) => {
        expect(await replays.unknownDifferences(name)).toEqual([]);
      },
    );

    test.each(among(THREAD_SCENARIOS.login))("[conformance/thread-login] in %s", async (name) => {
      expect(await replays.unknownDifferences(name)).toEqual([]);
    });

    test.each(among(THREAD_SCENARIOS.userActions))(
      "[conformance/thread-user-actions] in %s",
      async (name) => {
        expect(await replays.unknownDifferences(name)).toEqual([]);
      },
    );

    test.each(among(THREAD_SCENARIOS.agents))("[conformance/thread-agents] in %s", async (name) => {
      expect(await replays.unknownDifferences(name)).toEqual([]);
    });

    test.each(among(THREAD_SCENARIOS.webSocket))(
      "[conformance/thread-websocket] in %s",
      async (name) => {
        expect(await replays.unknownDifferences(name)).toEqual([]);
      },
    );

    test.each(traced)("[conformance/thread-traces] the trace of %s reduces alike", async (name) => {
      expect(await replays.unknownTraceDifferences(name)).toEqual([]);
    });

    test.skipIf(!compared.includes(SHORTENED))(
      "[conformance/trace-of-shortened-output] reduces alike",
      async () => {
        expect(await replays.unknownTraceDifferences(SHORTENED)).toEqual([]);
      },
    );

    test("every difference on the list still occurs", async () => {
      expect(await replays.unusedEntries(compared)).toEqual([]);
    });

    test("every recording is compared, or said to be out of reach", () => {
      expect([...compared, ...isOpen].toSorted()).toEqual(all);
    });

    test.each(gaps)("%s still differs: %s", async (name) => {
      const differences = await replays.unknownDifferences(name).catch(() => "cannot be played");
      expect(differences, "take it off the list of gaps").not.toEqual([]);
    });
  },
);
