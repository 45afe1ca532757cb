import { describe, expect, test } from "vitest";
import { compareTranscripts } from "../../src/app-server/compare-transcripts.ts";
import { KEPT_SCENES, asKept, readKeptTranscript } from "../../src/app-server/kept-transcripts.ts";
import { ownServer, playScene } from "../../src/app-server/play-scene.ts";
import { GENERATIONS } from "../../src/programs/generations.ts";

/** One process from source, on a machine that may be busy. */
const TIMEOUT_MS = 120_000;

describe.each(GENERATIONS)("[conformance/app-server] like %s", (generation) => {
  test.each(KEPT_SCENES)(
    "$name: responses and notifications are those of the real program",
    async (scene) => {
      const kept = readKeptTranscript(scene.name, generation);
      const played = asKept(await playScene(scene, ownServer(generation)));
      expect([...played.responses.keys()]).toEqual([...kept.responses.keys()]);
      expect(compareTranscripts(kept, played).differences).toEqual([]);
    },
    TIMEOUT_MS,
  );
});
