import { describe, expect, test } from "vitest";
import { GENERATIONS } from "../../src/programs/generations.ts";
import { SDK_OF, readKeptRuns, scenariosOf } from "../../src/sdk/kept-runs.ts";
import { ownOfGeneration, runSdk } from "../../src/sdk/run-sdk.ts";

/** Some processes from source, on a machine that may be busy. */
const TIMEOUT_MS = 120_000;

describe.each(GENERATIONS)(
  "[conformance/sdk] the official SDK on the program like %s",
  (generation) => {
    const kept = readKeptRuns(generation);
    const sdk = SDK_OF[generation];

    test.each(scenariosOf(generation).map((scenario) => [scenario.name, scenario] as const))(
      "%s",
      async (name, scenario) => {
        const run = await runSdk(ownOfGeneration(generation), scenario, {
          sdk,
          compatibility: generation,
        });
        expect(run).toEqual(kept[name]);
      },
      TIMEOUT_MS,
    );
  },
);
