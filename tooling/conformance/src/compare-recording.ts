// Measures what recording costs: CPU time of a turn of many requests, traced against untraced, by real Codex and, in each
// schema, by `codex-ts exec` as built.
//
//   pnpm bench:record [--requests N] [--runs N] [--codex PATH] [--cache DIR]
//
// Medians of the ratios of runs in turns. The last line is JSON.
import { mkdtemp, readdir, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { functionCallExchange, messageExchange } from "@codex-ts/responses-server";
import { startResponsesServer } from "@codex-ts/responses-server";
import type { Script } from "@codex-ts/responses-server";
import { defaultCacheFolder, fetchCodex } from "./live/fetch-codex.ts";
import { ownCodex, realCodex } from "./programs/program.ts";
import type { Program } from "./programs/program.ts";
import { measureTimes } from "./programs/process.ts";
import type { ProcessCommand } from "./programs/process.ts";
import { prepareProgram } from "./speed/prepare.ts";
import { median, round } from "./speed/statistics.ts";

const VERSION = "0.171.0";
const TRACE_ROOT = "CODEX_ROLLOUT_TRACE_ROOT";
const WORDS = "the command reads a file and counts its lines, then says how many there are. ";

const { values } = parseArgs({
  options: {
    requests: { type: "string", default: "200" },
    runs: { type: "string", default: "10" },
    codex: { type: "string" },
    cache: { type: "string", default: defaultCacheFolder() },
  },
});

try {
  await compare(Number(values.runs), Number(values.requests));
} catch (error) {
  console.error(`bench:record: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}

async function compare(runs: number, requests: number): Promise<void> {
  const binary = values.codex ?? (await fetchCodex(VERSION, values.cache));
  const root = await mkdtemp(join(tmpdir(), "bench-record-"));
  try {
    const setup = { root, runs, requests };
    const own = ownCodex({ from: "build" });
    const measured: Record<string, Recording> = {
      codex: await measureProgram(realCodex(VERSION, binary), setup),
    };
    for (const schema of ["3", "2", "1"])
      measured[`own, schema ${schema}`] = await measureProgram(own, { ...setup, schema });
    for (const [name, { ratio, tracedMs, untracedMs, shardBytes }] of Object.entries(measured))
      console.log(
        `${name.padEnd(13)} ${requests} requests: untraced ${untracedMs} ms, traced ${tracedMs} ms, ` +
          `ratio ${ratio}, ${(shardBytes / 1e6).toFixed(2)} MB of payloads on the disk`,
      );
    console.log(JSON.stringify({ runs, requests, ...measured }));
  } finally {
    await rm(root, { recursive: true, force: true, maxRetries: 5 });
  }
}

interface Recording {
  readonly tracedMs: number;
  readonly untracedMs: number;
  readonly ratio: number;
  /** Of the last run. */
  readonly shardBytes: number;
}

async function measureProgram(
  program: Program,
  {
    root,
    runs,
    requests,
    schema,
  }: {
    readonly root: string;
    readonly runs: number;
    readonly requests: number;
    /** Of ours; the real one has no choice. */
    readonly schema?: string;
  },
): Promise<Recording> {
  await using server = await startResponsesServer({ script: turnOf(requests, runs) });
  const prepared = await prepareProgram(program, { root, baseUrl: server.url });
  const { [TRACE_ROOT]: traces = "", ...env } = prepared.env;
  const untraced: ProcessCommand = { ...prepared, env };
  const flags = schema === undefined ? [] : ["--trace-schema", schema];
  const traced: ProcessCommand = { ...prepared, args: [...prepared.args, ...flags] };
  const times: { traced: number; untraced: number }[] = [];
  for (let run = 0; run <= runs; run += 1) {
    const pair = { traced: await cpuOf(traced, root), untraced: await cpuOf(untraced, root) };
    // The first round is not counted.
    if (run > 0) times.push(pair);
  }
  return {
    tracedMs: round(median(times.map((pair) => pair.traced)), 0),
    untracedMs: round(median(times.map((pair) => pair.untraced)), 0),
    ratio: round(median(times.map((pair) => pair.traced / pair.untraced)), 3),
    shardBytes: await payloadBytes(traces),
  };
}

async function cpuOf(command: ProcessCommand, root: string): Promise<number> {
  const result = await measureTimes(command, join(root, "times"));
  if (result.exitCode === 0) return result.cpuMs;
  throw new Error(`a run failed with exit code ${result.exitCode}: ${result.stderr}`);
}

/** Each request but the last is answered with a call that no program has to run. */
function turnOf(requests: number, runs: number): Script {
  const turn = Array.from({ length: requests - 1 }, (_, index) =>
    functionCallExchange({
      name: "no_such_tool",
      args: { text: `${index}: ${WORDS.repeat(6)}` },
      callId: `call_${index}`,
    }),
  );
  // Two runs a round, and the one that is not counted.
  return Array.from({ length: 2 * (runs + 1) }, () => [...turn, messageExchange("Done.")]).flat();
}

async function payloadBytes(traces: string): Promise<number> {
  const [bundle] = await readdir(traces);
  const folder = join(traces, bundle ?? "", "payloads");
  const sizes = await Promise.all(
    (await readdir(folder)).map(async (name) => (await stat(join(folder, name))).size),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}
