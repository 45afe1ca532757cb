// Applies random patches to random directories with the real Codex and with ours and compares what the model is told and every file.
//
//   pnpm conformance:patch [--compatibility 0.171|0.140] [--seed N] [--count N] [--codex PATH] [--cache DIR]
//
// `--count` is per Codex; without it 2,000. The binary is fetched on demand into the user's cache directory. The seed of a case on which
// they differ is printed; `--seed N --count 1` finds it again. Exit code 0: no difference but the decided ones.
import { mkdtemp, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import type { Compatibility } from "@codex-ts/protocol";
import { defaultCacheFolder, fetchCodex } from "./live/fetch-codex.ts";
import { compareOutcomes } from "./patches/compare-outcomes.ts";
import { ownOutcomes } from "./patches/own-patches.ts";
import { randomCase } from "./patches/random-patch.ts";
import { realOutcomes } from "./patches/real-patches.ts";
import { CODEX_VERSIONS, chosenGenerations } from "./programs/generations.ts";

/** Patches of one run of Codex. */
const BATCH = 100;

const { values } = parseArgs({
  options: {
    compatibility: { type: "string" },
    seed: { type: "string", default: String(Math.floor(Math.random() * 1e9)) },
    count: { type: "string", default: "2000" },
    codex: { type: "string" },
    cache: { type: "string", default: defaultCacheFolder() },
  },
});

try {
  let different = 0;
  for (const generation of chosenGenerations(values)) different += await compareAll(generation);
  process.exitCode = different === 0 ? 0 : 1;
} catch (error) {
  console.error(`conformance:patch: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}

/** Resolves to the number of differences. */
async function compareAll(compatibility: Compatibility): Promise<number> {
  const binary = values.codex ?? (await fetchCodex(CODEX_VERSIONS[compatibility], values.cache));
  const firstSeed = wholeNumber("seed");
  const end = firstSeed + wholeNumber("count");
  const counts = { equal: 0, decided: 0, different: 0, applied: 0 };
  for (let seed = firstSeed; seed < end; seed += BATCH) {
    const seeds = Array.from({ length: Math.min(BATCH, end - seed) }, (_, index) => seed + index);
    const cases = seeds.map((each) => randomCase(each));
    const work = await realpath(await mkdtemp(join(tmpdir(), "conformance-patch-")));
    try {
      const real = await realOutcomes(cases, join(work, "real"), { binary, compatibility });
      const own = await ownOutcomes(cases, join(work, "own"), compatibility);
      for (const [index, patchCase] of cases.entries()) {
        const [realOutcome, ownOutcome] = [real[index], own[index]];
        if (realOutcome === undefined || ownOutcome === undefined) throw new Error("no outcome");
        const comparison = compareOutcomes(patchCase, realOutcome, ownOutcome);
        counts[comparison.kind] += 1;
        counts.applied += realOutcome.output.startsWith("Exit code: 0\n") ? 1 : 0;
        if (comparison.kind === "different")
          console.log(`FAIL ${compatibility}, seed ${seeds[index]}\n${comparison.message}\n`);
      }
    } finally {
      await rm(work, { recursive: true, force: true, maxRetries: 5 });
    }
  }
  console.log(
    `codex ${CODEX_VERSIONS[compatibility]}, seeds from ${firstSeed}: ${end - firstSeed} patches, ${counts.applied} applied, ` +
      `${counts.equal} equal, ${counts.decided} decided otherwise, ${counts.different} different`,
  );
  return counts.different;
}

function wholeNumber(name: "seed" | "count"): number {
  const value = values[name];
  if (!/^\d{1,15}$/.test(value)) throw new Error(`--${name} takes a whole number`);
  return Number(value);
}
