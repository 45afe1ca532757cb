import { describe, expect, test } from "vitest";
import { hasRecordings, recordedScenarioNames } from "../../src/recorded/recorded-scenario.ts";
import { replayModelClient } from "../../src/recorded/replay-model-client.ts";
import { CLIENT_SCENARIOS } from "../../src/recorded/scenarios.ts";
import { Replays } from "../support/replays.ts";

const replays = new Replays(replayModelClient);
const special = new Set(Object.values(CLIENT_SCENARIOS).flat());
const all = hasRecordings ? recordedScenarioNames() : [];
const turns = all.filter((name) => !special.has(name));

describe.skipIf(!hasRecordings)(
  "requests of model clients equal the recorded ones of 0.140",
  () => {
    test.each(turns)("[conformance/client-turns] in %s", async (name) => {
      expect(await replays.unknownDifferences(name)).toEqual([]);
    });

    test.each(CLIENT_SCENARIOS.subAgents)("[conformance/client-subagents] in %s", async (name) => {
      expect(await replays.unknownDifferences(name)).toEqual([]);
    });

    test.each(CLIENT_SCENARIOS.compaction)(
      "[conformance/client-compaction] in %s",
      async (name) => {
        expect(await replays.unknownDifferences(name)).toEqual([]);
      },
    );

    test.each(CLIENT_SCENARIOS.webSocket)("[conformance/client-websocket] in %s", async (name) => {
      expect(await replays.unknownDifferences(name)).toEqual([]);
    });
  },
);
