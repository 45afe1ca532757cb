import { describe, expect, test } from "vitest";
import { openBundle, reduceBundle } from "@codex-ts/rollout-trace";
import { isLongForm, isSoak, temporaryDirectory } from "@codex-ts/test-support";
import { runAgents } from "../support/agent-run.ts";
import { troublesOf } from "../support/agent-troubles.ts";

const RUNS = Number(process.env["AGENT_RUNS"] ?? runs());
const FIRST_SEED = Number(process.env["AGENT_SEED"] ?? 1);
/** A test has a time limit of its own. */
const RUNS_OF_A_TEST = 25;

function runs(): number {
  if (isSoak) return 500;
  return isLongForm ? 25 : 4;
}

const seeds = Array.from({ length: RUNS }, (_, at) => FIRST_SEED + at);
const groups = Array.from({ length: Math.ceil(RUNS / RUNS_OF_A_TEST) }, (_, at) =>
  seeds.slice(at * RUNS_OF_A_TEST, (at + 1) * RUNS_OF_A_TEST),
);

describe("eight agents at once that fail, hang, write to each other and are interrupted", () => {
  test.each(groups)(
    "[core/AG20] end, are all linked, and reduce strictly: seeds from %i",
    async (...group) => {
      for (const seed of group) {
        for (const schemaVersion of [3, 1] as const) {
          await using directory = await temporaryDirectory();
          const run = await runAgents({ seed, root: directory.path, schemaVersion });
          const { state } = await reduceBundle(openBundle(run.bundlePath), { mode: "strict" });
          expect(troublesOf(state, run), `seed ${seed}, schema ${schemaVersion}`).toEqual([]);
        }
      }
    },
    300_000,
  );
});
