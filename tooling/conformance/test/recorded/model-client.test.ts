import type { Compatibility } from "@codex-ts/protocol";
import { describe, expect, test } from "vitest";
import { hasRecordings, recordedScenarioNames } from "../../src/recorded/recorded-scenario.ts";
import { replayModelClient } from "../../src/recorded/replay-model-client.ts";
import { GENERATIONS } from "../../src/programs/generations.ts";
import { CLIENT_SCENARIOS } from "../../src/recorded/scenarios.ts";
import { Replays } from "../support/replays.ts";

const special = new Set(Object.values(CLIENT_SCENARIOS).flat());

/** The recordings of a generation, and those of them that are in a group. */
function recordingsOf(compatibility: Compatibility): {
  readonly turns: readonly string[];
  readonly among: (names: readonly string[]) => readonly string[];
} {
  const all = hasRecordings ? recordedScenarioNames(compatibility) : [];
  return {
    turns: all.filter((name) => !special.has(name)),
    among: (names) => names.filter((name) => all.includes(name)),
  };
}

describe.skipIf(!hasRecordings).each(GENERATIONS)(
  "requests of model clients equal the recorded ones of %s",
  (compatibility) => {
    const replays = new Replays(replayModelClient, compatibility);
    const { turns, among } = recordingsOf(compatibility);

    test.each(turns)("[conformance/client-turns] in %s", async (name) => {
      expect(await replays.unknownDifferences(name)).toEqual([]);
    });

    test.each(among(CLIENT_SCENARIOS.subAgents))(
      "[conformance/client-subagents] in %s",
      async (name) => {
        expect(await replays.unknownDifferences(name)).toEqual([]);
      },
    );

    test.each(among(CLIENT_SCENARIOS.compaction))(
      "[conformance/client-compaction] in %s",
      async (name) => {
        expect(await replays.unknownDifferences(name)).toEqual([]);
      },
    );

    test.each(among(CLIENT_SCENARIOS.webSocket))(
      "[conformance/client-websocket] in %s",
      async (name) => {
        expect(await replays.unknownDifferences(name)).toEqual([]);
      },
    );
  },
);
