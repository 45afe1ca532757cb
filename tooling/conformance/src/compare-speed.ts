// Measures whole processes against the same scripted server: the real Codex 0.140, `codex-ts exec` as built, and for a
// long answer a script that only reads the stream.
//
//   pnpm conformance:speed [--runs N] [--codex PATH] [--cache DIR] [--modules]
//
// Wall time of a turn with one command, and CPU time of an answer in 20,000 pieces: medians of interleaved runs, traced,
// with a configuration of model and provider only. `--modules` lists what ours loads. Exit code 1 when ours does not cost least. The last line is JSON.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { startResponsesServer } from "@codex-ts/responses-server";
import { defaultCacheFolder, fetchCodex } from "./live/fetch-codex.ts";
import { ownCodex, realCodex } from "./programs/program.ts";
import {
  type ProcessCommand,
  type ProcessResult,
  measureCpu,
  runProcess,
} from "./programs/process.ts";
import { loadedPackages } from "./speed/loaded-modules.ts";
import { measureInTurns } from "./speed/measure-in-turns.ts";
import { prepareProgram, prepareStreamReader } from "./speed/prepare.ts";
import { longAnswer, turnWithCommand } from "./speed/scripts.ts";
import { median, round } from "./speed/statistics.ts";

const VERSION = "0.140.0";

const { values } = parseArgs({
  options: {
    runs: { type: "string", default: "10" },
    codex: { type: "string" },
    cache: { type: "string", default: defaultCacheFolder() },
    modules: { type: "boolean", default: false },
  },
});

try {
  process.exitCode = (await compare(Number(values.runs))) ? 0 : 1;
} catch (error) {
  console.error(`conformance:speed: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}

async function compare(runs: number): Promise<boolean> {
  const binary = values.codex ?? (await fetchCodex(VERSION, values.cache));
  const root = await mkdtemp(join(tmpdir(), "conformance-speed-"));
  try {
    const wall = await compareWallTime(binary, { runs, root });
    const cpu = await compareCpuTime(binary, { runs, root });
    console.log(JSON.stringify({ runs, wall, cpu }));
    return wall.ratio < 1 && cpu.ratioToCodex < 1 && cpu.ratioToScript < 1;
  } finally {
    await rm(root, { recursive: true, force: true, maxRetries: 5 });
  }
}

async function listModules(own: ProcessCommand, file: string): Promise<void> {
  const packages = await loadedPackages(own, file);
  for (const { name, files, kib } of packages)
    console.log(`loads ${name}: ${files} files, ${kib} KiB`);
}

interface Setup {
  readonly runs: number;
  readonly root: string;
}

async function compareWallTime(
  binary: string,
  { runs, root }: Setup,
): Promise<{ codexMs: number; ownMs: number; ratio: number }> {
  await using server = await startResponsesServer({ script: turnWithCommand() });
  const prepare = { root, baseUrl: server.url };
  const codex = await prepareProgram(realCodex(VERSION, binary), prepare);
  const own = await prepareProgram(ownCodex({ from: "build" }), prepare);
  const times = await measureInTurns(runs, {
    codex: async () => succeeded(await runProcess(codex)).wallMs,
    own: async () => succeeded(await runProcess(own)).wallMs,
  });
  if (values.modules) await listModules(own, join(root, "modules.json"));
  const codexMs = round(median(times.codex), 0);
  const ownMs = round(median(times.own), 0);
  const ratio = round(ownMs / codexMs, 2);
  console.log(
    `a turn with one command, wall time: codex ${codexMs} ms, codex-ts ${ownMs} ms, ratio ${ratio}`,
  );
  return { codexMs, ownMs, ratio };
}

async function compareCpuTime(
  binary: string,
  { runs, root }: Setup,
): Promise<{
  codexMs: number;
  ownMs: number;
  scriptMs: number;
  ratioToCodex: number;
  ratioToScript: number;
}> {
  await using server = await startResponsesServer({ script: longAnswer() });
  const prepare = { root, baseUrl: server.url };
  const codex = await prepareProgram(realCodex(VERSION, binary), prepare);
  const own = await prepareProgram(ownCodex({ from: "build" }), prepare);
  const script = await prepareStreamReader(prepare);
  const times = join(root, "times");
  const measured = await measureInTurns(runs, {
    codex: async () => succeeded(await measureCpu(codex, times)).cpuMs,
    own: async () => succeeded(await measureCpu(own, times)).cpuMs,
    script: async () => succeeded(await measureCpu(script, times)).cpuMs,
  });
  const codexMs = median(measured.codex);
  const ownMs = median(measured.own);
  const scriptMs = median(measured.script);
  const ratioToCodex = round(ownMs / codexMs, 2);
  const ratioToScript = round(ownMs / scriptMs, 2);
  console.log(
    `an answer in 20,000 pieces, CPU time: codex ${codexMs} ms, codex-ts ${ownMs} ms, reading script ${scriptMs} ms, ` +
      `ratio ${ratioToCodex} to codex, ${ratioToScript} to the script`,
  );
  return { codexMs, ownMs, scriptMs, ratioToCodex, ratioToScript };
}

/** A failed run costs little and says nothing. */
function succeeded<Result extends ProcessResult>(result: Result): Result {
  if (result.exitCode === 0) return result;
  throw new Error(`a run failed with exit code ${result.exitCode}: ${result.stderr}`);
}
