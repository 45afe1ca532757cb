import { isLongForm } from "@codex-ts/test-support";
import type { Compatibility } from "@codex-ts/protocol";
import { describe, expect, test } from "vitest";
import { GENERATIONS } from "../../src/programs/generations.ts";
import { SDK_OF, readKeptRuns, scenariosOf } from "../../src/sdk/kept-runs.ts";
import { ownOfGeneration, runSdk } from "../../src/sdk/run-sdk.ts";

/** Some processes from source, on a machine that may be busy. */
const TIMEOUT_MS = 120_000;

/**
 * Each starts some processes, all of them for more than a minute and a half of processor time. The short form leaves out what other
 * tests of the CLI show as well, and in the older generation all that it shares with today's.
 */
const SHORT_FORM: Readonly<Record<Compatibility, readonly string[]>> = {
  "0.171": [
    "streamed, with reasoning and two messages",
    "commands and a patch",
    "structured output",
    "images and several texts, also in a resumed thread",
    "every option",
    "an API key and a base URL",
    "abort, then the same thread again",
    "a failed response, as run tells it",
  ],
  "0.140": ["commands and a patch", "an API key and a base URL", "a refused request"],
};

describe.each(GENERATIONS)(
  "[conformance/sdk] the official SDK on the program like %s",
  (generation) => {
    const kept = readKeptRuns(generation);
    const sdk = SDK_OF[generation];

    const short = new Set(SHORT_FORM[generation]);
    const scenarios = scenariosOf(generation).filter(({ name }) => isLongForm || short.has(name));

    test("has the scenarios of the short form", () => {
      expect([...short].filter((name) => kept[name] === undefined)).toEqual([]);
      expect(scenarios.length).toBeGreaterThanOrEqual(short.size);
    });

    test.each(scenarios.map((scenario) => [scenario.name, scenario] as const))(
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
