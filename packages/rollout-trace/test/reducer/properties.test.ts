import * as fc from "fast-check";
import { isLongForm } from "@codex-ts/test-support";
import { describe, expect, test } from "vitest";
import { memoryBundle, reduceBundle, TraceReducer } from "@codex-ts/rollout-trace/reducer";
import type { ReducedBundle } from "@codex-ts/rollout-trace/reducer";
import type { RawTraceEvent } from "@codex-ts/rollout-trace";
import type { BundleBuilder } from "./support/bundle-builder.ts";
import { damaged } from "./support/damage.ts";
import { randomBundle, reordered } from "./support/random-bundle.ts";
import { randomSteps } from "./support/random-steps.ts";

const number = fc.nat(999);
const steps = randomSteps(40);
const schema = fc.constantFrom(1 as const, 2 as const);
const manners = fc.constantFrom("sound" as const, "any" as const);
/** A longer search: `PROPERTY_RUNS=5000`. */
const runs = { numRuns: Number(process.env["PROPERTY_RUNS"] ?? (isLongForm ? 600 : 30)) };

function tolerant(
  builder: BundleBuilder,
  options: { fullParse?: boolean; log?: string } = {},
): Promise<ReducedBundle> {
  return reduceBundle(memoryBundle(builder.files(options.log)), { fullParse: options.fullParse });
}

describe("properties", () => {
  test("[trace/C8] skipping what requests repeat gives what full parsing gives, also with events out of order", async () => {
    await fc.assert(
      fc.asyncProperty(
        schema,
        manners,
        steps,
        fc.array(fc.record({ kind: number, a: number, b: number }), { maxLength: 6 }),
        async (version, style, session, moves) => {
          const builder = reordered(randomBundle(version, session, style), moves);
          const full = await tolerant(builder, { fullParse: true });
          expect(await tolerant(builder)).toStrictEqual(full);
        },
      ),
      runs,
    );
  });

  test("strict mode finds the same problem, or the same state, whether or not it skips", async () => {
    await fc.assert(
      fc.asyncProperty(schema, manners, steps, async (version, style, session) => {
        const source = memoryBundle(randomBundle(version, session, style).files());
        const [fast, full] = await Promise.allSettled(
          [false, true].map((fullParse) => reduceBundle(source, { mode: "strict", fullParse })),
        );
        expect(outcome(fast)).toStrictEqual(outcome(full));
      }),
      runs,
    );
  });

  test("[trace/C6] a log cut at any byte reduces in tolerant mode", async () => {
    await fc.assert(
      fc.asyncProperty(
        schema,
        manners,
        steps,
        fc.double({ min: 0, max: 1, noNaN: true }),
        async (version, style, session, share) => {
          const builder = randomBundle(version, session, style);
          const log = new TextEncoder().encode(builder.log);
          const cut = log.slice(0, Math.floor(share * log.length));
          const files = { ...builder.files(), "trace.jsonl": cut };
          const { state, diagnostics } = await reduceBundle(memoryBundle(files));
          expect(state.schema_version).toBe(version);
          // A cut before a line break, or after one, tears nothing.
          const isTorn = cut.length > 0 && cut.at(-1) !== 0x0a && log[cut.length] !== 0x0a;
          expect(diagnostics.some((each) => each.code === "line_torn")).toBe(isTorn);
        },
      ),
      runs,
    );
  });

  test("[trace/C12] whatever events and payloads hold, tolerant reading gives a state", async () => {
    await fc.assert(
      fc.asyncProperty(schema, manners, steps, fc.nat(), async (version, style, session, seed) => {
        const source = memoryBundle(damaged(randomBundle(version, session, style), seed));
        const reduced = await reduceBundle(source);
        expect(reduced.state.schema_version).toBe(version);
        expect(await reduceBundle(source, { fullParse: true })).toStrictEqual(reduced);
      }),
      runs,
    );
  });

  test("[trace/C2] the state after each event is the state of a log that ends there", async () => {
    await fc.assert(
      fc.asyncProperty(schema, manners, steps, async (version, style, session) => {
        const builder = randomBundle(version, session, style);
        const reducer = new TraceReducer({ manifest: builder.manifest });
        const encoder = new TextEncoder();
        const lines = builder.log.split("\n");
        for (const [index, event] of builder.events.entries()) {
          reducer.push(event as unknown as RawTraceEvent, (path) =>
            encoder.encode(builder.payloads[path]),
          );
          const log = lines
            .slice(0, index + 1)
            .map((line) => `${line}\n`)
            .join("");
          const batch = await tolerant(builder, { log });
          expect(reducer.state()).toStrictEqual(batch.state);
        }
      }),
      { numRuns: Math.ceil(runs.numRuns / 8) },
    );
  });

  test("[trace/C7] tolerant equals strict wherever strict gives a state", async () => {
    await fc.assert(
      fc.asyncProperty(schema, manners, steps, async (version, style, session) => {
        const builder = randomBundle(version, session, style);
        const strict = await reduceBundle(memoryBundle(builder.files()), { mode: "strict" }).catch(
          () => undefined,
        );
        const loose = await tolerant(builder);
        expect(loose.diagnostics.length > 0).toBe(strict === undefined);
        expect(loose.state).toStrictEqual(strict?.state ?? loose.state);
      }),
      runs,
    );
  });
});

function outcome(settled: PromiseSettledResult<ReducedBundle> | undefined): unknown {
  return settled?.status === "fulfilled" ? settled.value.state : String(settled?.reason);
}
