// Changes bundles at random and compares who reads them how: the real reducers, our strict one, and our other ways of
// reading among each other. Accepting and refusing has to agree, and the states have to be deep-equal.
//
//   pnpm conformance:fuzz [--codex 0.140|0.169|0.171|all|none] [--seed N] [--count N] [--seconds N]
//                         [--corpus DIR]… [--cache DIR] [--binary PATH]
//
// Starts from recorded bundles, where there are any, and from bundles our recorders write. `--count` is per Codex; without
// it and `--seconds`, 500. A bundle that is read in two ways is made small and kept in a temporary directory. The binary of a
// Codex is fetched on demand into the user's cache directory; `--binary` takes the place of the one that is fetched.
// Exit code 0: all agreed, as far as it went.
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import type { TraceSchemaVersion } from "@codex-ts/rollout-trace";
import { ownDrafts, recordedDrafts, withPool } from "./fuzz/drafts.ts";
import { Fuzzer } from "./fuzz/fuzzer.ts";
import { CORPUS_FOLDERS } from "./recorded-bundles.ts";
import { defaultCacheFolder, fetchCodex } from "./live/fetch-codex.ts";
import { RealReducer } from "./live/real-reducer.ts";

/** For each schema the last Codex that reads it. */
const TARGETS: Readonly<Record<string, { version: string; schemaVersion: TraceSchemaVersion }>> = {
  "0.140": { version: "0.140.0", schemaVersion: 1 },
  "0.169": { version: "0.169.0", schemaVersion: 2 },
  "0.171": { version: "0.171.0", schemaVersion: 3 },
};

const DEFAULT_COUNT = 500;
const OWN_RANDOM_RUNS = 20;

const { values } = parseArgs({
  options: {
    codex: { type: "string", default: "all" },
    seed: { type: "string" },
    count: { type: "string" },
    seconds: { type: "string" },
    corpus: { type: "string", multiple: true, default: CORPUS_FOLDERS },
    cache: { type: "string", default: defaultCacheFolder() },
    binary: { type: "string" },
  },
});

try {
  process.exitCode = (await fuzz()) === 0 ? 0 : 1;
} catch (error) {
  console.error(`conformance:fuzz: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}

/** Gives the number of disagreements. */
async function fuzz(): Promise<number> {
  const seconds = numberOption("seconds");
  const count = numberOption("count") ?? (seconds === undefined ? DEFAULT_COUNT : Infinity);
  const firstSeed = numberOption("seed") ?? Math.floor(Math.random() * 1e9);
  const work = await mkdtemp(join(tmpdir(), "conformance-fuzz-"));
  const stop = new AbortController();
  const interrupt = (): void => stop.abort();
  process.once("SIGINT", interrupt);
  const timer = seconds === undefined ? undefined : setTimeout(interrupt, seconds * 1000);
  const fuzzers: Fuzzer[] = [];
  try {
    for (const target of chosenTargets()) fuzzers.push(await openFuzzer(target, work));
    console.log(`seed ${firstSeed}`);
    for (let seed = firstSeed; seed < firstSeed + count && !stop.signal.aborted; seed += 1)
      for (const fuzzer of fuzzers) await fuzzer.check(seed, stop.signal);
    for (const fuzzer of fuzzers) console.log(fuzzer.summary);
    return fuzzers.reduce((sum, { disagreements }) => sum + disagreements, 0);
  } finally {
    clearTimeout(timer);
    process.off("SIGINT", interrupt);
    for (const fuzzer of fuzzers) await fuzzer[Symbol.asyncDispose]();
    await rm(work, { recursive: true, force: true });
  }
}

function numberOption(name: "seed" | "count" | "seconds"): number | undefined {
  const value = values[name];
  if (value === undefined) return undefined;
  if (!/^\d{1,15}$/.test(value)) throw new Error(`--${name} takes a whole number`);
  return Number(value);
}

interface Target {
  readonly codex: string;
  readonly schemaVersion: TraceSchemaVersion;
  /** `undefined`: nobody to compare with but ourselves. */
  readonly version: string | undefined;
}

function chosenTargets(): Target[] {
  const all = Object.entries(TARGETS).map(([codex, target]) => ({ codex, ...target }));
  if (values.codex === "none")
    return all.map((target) => ({
      ...target,
      codex: `schema ${target.schemaVersion}`,
      version: undefined,
    }));
  const chosen = all.filter(({ codex }) => values.codex === "all" || values.codex === codex);
  if (chosen.length === 0)
    throw new Error(`--codex takes ${Object.keys(TARGETS).join(", ")}, all or none`);
  if (values.binary !== undefined && chosen.length > 1)
    throw new Error("--binary needs --codex with one version");
  return chosen;
}

async function openFuzzer(
  { codex, schemaVersion, version }: Target,
  work: string,
): Promise<Fuzzer> {
  const own = await ownDrafts(join(work, `own-${schemaVersion}`), {
    schemaVersion,
    randomRuns: OWN_RANDOM_RUNS,
  });
  const recorded = values.corpus
    .filter((folder) => existsSync(folder))
    .flatMap((folder) => recordedDrafts(folder, schemaVersion));
  console.log(`${codex}: ${recorded.length} recorded bundles, ${own.length} of our recorders`);
  const real =
    version === undefined
      ? undefined
      : await RealReducer.open(values.binary ?? (await fetchCodex(version, values.cache)));
  return new Fuzzer({
    codex,
    drafts: withPool([...recorded, ...own]),
    real,
    folder: join(work, `mutant-${schemaVersion}`),
  });
}
