import { openBundle, reduceBundle, type TraceSchemaVersion } from "@codex-ts/rollout-trace";
import { isLongForm, temporaryDirectory } from "@codex-ts/test-support";
import { array, assert, asyncProperty, nat } from "fast-check";
import { expect, test } from "vitest";
import { recordRandomSession } from "../support/random-session.ts";
import { brokenReferences, onlyBundle, readEvents, startRoot } from "../support/recording.ts";

test.each<TraceSchemaVersion>([1, 2, 3])(
  "[trace/C3] random runs reduce strictly, with one end per attempt and no gaps (schema %i)",
  async (schemaVersion) => {
    const choices = array(nat({ max: 5039 }), { minLength: 100, maxLength: 400 });
    await assert(
      asyncProperty(choices, async (list) => {
        await using folder = await temporaryDirectory();
        const trace = startRoot(folder.path, { schemaVersion });
        recordRandomSession(trace, pickFrom(list), 60);
        await trace.close();
        const bundle = onlyBundle(folder.path);
        const events = readEvents(bundle);
        expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index + 1));
        expect(brokenReferences(bundle)).toEqual([]);
        const ended = endedAttempts(bundle);
        expect(new Set(ended).size).toBe(ended.length);
        await reduceBundle(openBundle(bundle), { mode: "strict" });
      }),
      { numRuns: isLongForm ? 200 : 12 },
    );
  },
);

/** Choices of a run; when they are used up the first possibility is taken, so that a run can be shrunk. */
function pickFrom(choices: readonly number[]): (count: number) => number {
  let next = 0;
  return (count) => (choices[next++] ?? 0) % count;
}

function endedAttempts(bundle: string): string[] {
  return readEvents(bundle)
    .map(({ payload }) => payload)
    .filter(({ type }) => /^inference_(completed|failed|cancelled)$/.test(type))
    .map((payload) => ("inference_call_id" in payload ? payload.inference_call_id : ""));
}
