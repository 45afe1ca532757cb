// Writes bundles with our recorders, reduces each with a real Codex and with ours, and compares the states.
//
//   pnpm conformance:trace [--schema N] [--runs N] [--killed N] [--agents N] [--cache DIR] [--codex VERSION=PATH]... [--keep DIR]
//
// The binaries are fetched on demand (about 270 MB of downloads) into the user's cache directory, never installed with the
// repository. Exit code 0: every bundle was accepted and both states are deep-equal.
import { existsSync, readFileSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";
import { openBundle, reduceBundle, type TraceSchemaVersion } from "@codex-ts/rollout-trace";
import { defaultCacheFolder, fetchCodex } from "./live/fetch-codex.ts";
import { firstDifference } from "./live/first-difference.ts";
import { writeKilledBundles } from "./live/killed-bundles.ts";
import { RealReducer } from "./live/real-reducer.ts";

/** For each schema the last Codex that reads it. */
const TARGETS: readonly { readonly version: string; readonly schemaVersion: TraceSchemaVersion }[] =
  [
    { version: "0.140.0", schemaVersion: 1 },
    { version: "0.169.0", schemaVersion: 2 },
    { version: "0.171.0", schemaVersion: 3 },
  ];

/** Stands for the wire log of a bundle that has none. */
const FOREIGN_LINES = '{"seq":1,"at_ms":1,"type":"wire_opened"}\nno JSON\n{"seq":';

/** Bundles with a wire log so far. */
let wireLogs = 0;

/** Failures printed per version; one cause often shows in many bundles. */
const MAX_PRINTED = 20;

interface OwnBundle {
  readonly name: string;
  readonly path: string;
}

/** The writers of these bundles are test code of packages, outside this project's sources. */
interface OwnBundlesModule {
  readonly writeOwnBundles: (options: {
    readonly root: string;
    readonly schemaVersion: TraceSchemaVersion;
    readonly randomRuns: number;
  }) => Promise<OwnBundle[]>;
}

interface AgentBundlesModule {
  readonly writeAgentBundles: (options: {
    readonly root: string;
    readonly schemaVersion: TraceSchemaVersion;
    readonly runs: number;
  }) => Promise<OwnBundle[]>;
}

interface ToolBundlesModule {
  readonly writeToolBundles: (options: {
    readonly root: string;
    readonly schemaVersion: TraceSchemaVersion;
  }) => Promise<OwnBundle[]>;
}

const { values } = parseArgs({
  options: {
    schema: { type: "string" },
    runs: { type: "string", default: "60" },
    killed: { type: "string", default: "50" },
    agents: { type: "string", default: "20" },
    cache: { type: "string", default: defaultCacheFolder() },
    codex: { type: "string", multiple: true, default: [] },
    keep: { type: "string" },
  },
});

try {
  const results = [];
  for (const target of chosenTargets()) results.push(await compareAll(target));
  process.exitCode = results.every(Boolean) ? 0 : 1;
} catch (error) {
  console.error(`conformance:trace: ${describe(error)}`);
  process.exitCode = 1;
}

function chosenTargets(): typeof TARGETS {
  const { schema } = values;
  const chosen = TARGETS.filter(
    ({ schemaVersion }) => schema === undefined || schema === String(schemaVersion),
  );
  if (chosen.length === 0) throw new Error("--schema takes 1, 2 or 3");
  return chosen;
}

async function compareAll({ version, schemaVersion }: (typeof TARGETS)[number]): Promise<boolean> {
  const binary = givenBinary(version) ?? (await fetchCodex(version, values.cache));
  const root = join(values.keep ?? (await mkdtemp(join(tmpdir(), "own-bundles-"))), version);
  if (existsSync(root))
    throw new Error(`${root} exists; name an empty directory to keep bundles in`);
  await using real = await RealReducer.open(binary);
  try {
    const bundles = [
      ...(await writeBundles(root, schemaVersion)),
      ...(await writeKilledBundles(root, { schemaVersion, count: Number(values.killed) })),
    ];
    let failed = 0;
    wireLogs = 0;
    for (const bundle of bundles) {
      const problem = await compare(bundle, real);
      if (problem === undefined) continue;
      failed += 1;
      if (failed <= MAX_PRINTED) console.log(`FAIL ${version} ${bundle.name}: ${problem}`);
    }
    const { types, events } = countEvents(bundles);
    console.log(
      `codex ${version}, schema ${schemaVersion}: ${bundles.length - failed} of ${bundles.length} bundles equal ` +
        `(${events} events of ${types} types, ${wireLogs} with a wire log)`,
    );
    return failed === 0;
  } finally {
    if (values.keep === undefined) await rm(dirname(root), { recursive: true, force: true });
  }
}

function givenBinary(version: string): string | undefined {
  const given = values.codex.find((option) => option.startsWith(`${version}=`));
  const path = given?.slice(version.length + 1);
  if (path !== undefined && !existsSync(path)) throw new Error(`there is no file ${path}`);
  return path;
}

async function writeBundles(root: string, schemaVersion: TraceSchemaVersion): Promise<OwnBundle[]> {
  const packages = new URL("../../../packages/", import.meta.url);
  const load = (file: string): Promise<unknown> => import(new URL(file, packages).href);
  const own = (await load("rollout-trace/test/support/own-bundles.ts")) as OwnBundlesModule;
  const tool = (await load("core/test/support/tool-bundles.ts")) as ToolBundlesModule;
  const agent = (await load("core/test/support/agent-run.ts")) as AgentBundlesModule;
  return [
    ...(await own.writeOwnBundles({ root, schemaVersion, randomRuns: Number(values.runs) })),
    ...(await tool.writeToolBundles({ root: join(root, "tools"), schemaVersion })),
    ...(await agent.writeAgentBundles({
      root: join(root, "agents"),
      schemaVersion,
      runs: Number(values.agents),
    })),
  ];
}

/** What is wrong with a bundle; `undefined` when both reducers accept it and agree, with and without our shortcuts. */
async function compare({ path }: OwnBundle, real: RealReducer): Promise<string | undefined> {
  const theirs = await real.reduce(path);
  if (!theirs.isAccepted) return `refused with exit code ${theirs.exitCode}: ${theirs.error}`;
  try {
    for (const fullParse of [true, false]) {
      const ours = await reduceBundle(openBundle(path), { mode: "strict", fullParse });
      // By way of JSON, as the state is stored: members that are left out are the same as members that are absent.
      const state: unknown = JSON.parse(JSON.stringify(ours.state));
      const difference = firstDifference(state, theirs.state);
      if (difference !== undefined) return `${fullParse ? "" : "(fast) "}${difference}`;
    }
  } catch (error) {
    return `accepted by Codex, refused by ours: ${describe(error)}`;
  }
  return compareWithoutWire(path, real, theirs.text);
}

/** Codex must make the same bytes of a bundle whether it has a wire log, has none, or has a torn one. */
async function compareWithoutWire(
  path: string,
  real: RealReducer,
  expected: string,
): Promise<string | undefined> {
  const file = join(path, "wire.jsonl");
  const log = existsSync(file) ? await readFile(file) : undefined;
  if (log !== undefined) wireLogs += 1;
  await rm(file, { force: true });
  const missing = await real.reduce(path);
  await writeFile(file, log?.subarray(0, log.length / 2) ?? FOREIGN_LINES);
  const torn = await real.reduce(path);
  if (log === undefined) await rm(file);
  else await writeFile(file, log);
  for (const [name, result] of Object.entries({ missing, torn })) {
    if (!result.isAccepted) return `refused with its wire log ${name}: ${result.error}`;
    if (result.text !== expected) return `another state with its wire log ${name}`;
  }
  return undefined;
}

function describe(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function countEvents(bundles: readonly OwnBundle[]): { types: number; events: number } {
  const types = bundles.flatMap(({ path }) =>
    readFileSync(join(path, "trace.jsonl"), "utf8")
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => (JSON.parse(line) as { payload: { type: string } }).payload.type),
  );
  return { types: new Set(types).size, events: types.length };
}
