// Measures whole processes in turns: start-up against an empty script, a turn with one command against the real Codex, and
// the reading of a very long answer against the real Codex and a script that only reads the stream.
//
//   pnpm conformance:speed [--only start-up|turn|traced|answer]... [--runs N] [--cache DIR] [--modules]
//
// Wall and CPU time: medians of N rounds in which each program runs once (default 20), and the median of the ratios of the
// rounds. The configuration has model and provider only. `--modules` lists what ours loads for a turn. Exit code 1 when one
// costs more than it may. The last line is JSON. Alone on the machine, under `nice -n -5`, the figures settle.
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { type Script, startResponsesServer } from "@codex-ts/responses-server";
import { defaultCacheFolder, fetchCodex } from "./live/fetch-codex.ts";
import { ownCodex, realCodex } from "./programs/program.ts";
import { type ProcessCommand, type ProcessResult, measureTimes } from "./programs/process.ts";
import { loadedPackages } from "./speed/loaded-modules.ts";
import { measureInTurns } from "./speed/measure-in-turns.ts";
import { prepareProgram, prepareStreamReader, untraced } from "./speed/prepare.ts";
import { longAnswer, turnWithCommand } from "./speed/scripts.ts";
import { median, round } from "./speed/statistics.ts";

const { values } = parseArgs({
  options: {
    only: { type: "string", multiple: true, default: [] },
    runs: { type: "string", default: "20" },
    cache: { type: "string", default: defaultCacheFolder() },
    modules: { type: "boolean", default: false },
  },
});

/** Times of a whole process, in milliseconds. */
interface Times {
  readonly wallMs: number;
  readonly cpuMs: number;
}

/** Medians of the rounds. */
interface Compared {
  readonly own: Times;
  readonly other: Times;
  readonly wallRatio: number;
  readonly cpuRatio: number;
}

/** What is measured, by its name on the command line. */
const PARTS: Readonly<
  Record<string, (setup: Setup) => Promise<Readonly<Record<string, Compared>>>>
> = {
  "start-up": compareStartUp,
  turn: (setup) => compareTurn(setup, { version: "0.171.0", isTraced: false }),
  traced: (setup) => compareTurn(setup, { version: "0.140.0", isTraced: true }),
  answer: compareAnswer,
};

/** The most that ours may cost of the other, by wall and CPU time. A long answer is read as fast as the server writes it. */
const LIMITS: Readonly<Record<string, { readonly wall?: number; readonly cpu: number }>> = {
  "--help, an empty script": { wall: 1.5, cpu: 1.5 },
  "a turn with one command, codex 0.171.0": { wall: 0.6, cpu: 0.6 },
  "a turn with one command, traced, codex 0.140.0": { wall: 1, cpu: 1 },
  "an answer in 20,000 pieces, codex 0.140.0": { cpu: 1 },
  "an answer in 20,000 pieces, a script that reads it": { cpu: 1 },
};

interface Setup {
  readonly runs: number;
  readonly root: string;
}

try {
  process.exitCode = (await compareAll(Number(values.runs))) ? 0 : 1;
} catch (error) {
  console.error(`conformance:speed: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}

async function compareAll(runs: number): Promise<boolean> {
  const root = await mkdtemp(join(tmpdir(), "conformance-speed-"));
  const names = values.only.length === 0 ? Object.keys(PARTS) : values.only;
  const results: Record<string, Compared> = {};
  try {
    for (const name of names) {
      const part = PARTS[name];
      if (part === undefined) throw new Error(`--only ${name}: there is no such part`);
      for (const [title, compared] of Object.entries(await part({ runs, root }))) {
        results[title] = compared;
        console.log(`${isWithin(title, compared) ? "ok  " : "OVER"} ${lineOf(title, compared)}`);
      }
    }
  } finally {
    await rm(root, { recursive: true, force: true, maxRetries: 5 });
  }
  console.log(JSON.stringify({ runs, ...results }));
  return Object.entries(results).every(([title, compared]) => isWithin(title, compared));
}

function isWithin(title: string, { wallRatio, cpuRatio }: Compared): boolean {
  const { wall = Infinity, cpu = Infinity } = LIMITS[title] ?? {};
  return wallRatio <= wall && cpuRatio <= cpu;
}

function lineOf(title: string, { own, other, wallRatio, cpuRatio }: Compared): string {
  const { wall, cpu } = LIMITS[title] ?? {};
  const most = (limit: number | undefined): string =>
    limit === undefined ? "" : ` (at most ${limit})`;
  return (
    `${title}: wall ${other.wallMs} ms, codex-ts ${own.wallMs} ms, ratio ${wallRatio}${most(wall)}; ` +
    `CPU ${other.cpuMs} ms, codex-ts ${own.cpuMs} ms, ratio ${cpuRatio}${most(cpu)}`
  );
}

async function compareStartUp(setup: Setup): Promise<Readonly<Record<string, Compared>>> {
  const { root } = setup;
  const own = await prepareProgram(ownCodex({ from: "build" }), { root, baseUrl: "" });
  const script = join(root, "empty.cjs");
  await writeFile(script, "");
  const [main = ""] = own.args;
  const measured = await measureAll(setup, {
    empty: { ...own, args: [script] },
    help: { ...own, args: [main, "--help"] },
    version: { ...own, args: [main, "--version"] },
  });
  return {
    "--help, an empty script": compareTimes(measured.help, measured.empty),
    "--version, an empty script": compareTimes(measured.version, measured.empty),
  };
}

async function compareTurn(
  setup: Setup,
  { version, isTraced }: { readonly version: string; readonly isTraced: boolean },
): Promise<Readonly<Record<string, Compared>>> {
  return await withPrograms(turnWithCommand(), version, setup, async ({ codex, own }) => {
    const commands = isTraced ? { codex, own } : { codex: untraced(codex), own: untraced(own) };
    const measured = await measureAll(setup, commands);
    if (values.modules) await listModules(own, join(setup.root, "modules.json"));
    const title = `a turn with one command${isTraced ? ", traced" : ""}, codex ${version}`;
    return { [title]: compareTimes(measured.own, measured.codex) };
  });
}

async function compareAnswer(setup: Setup): Promise<Readonly<Record<string, Compared>>> {
  const version = "0.140.0";
  return await withPrograms(longAnswer(), version, setup, async ({ codex, own, baseUrl }) => {
    const script = await prepareStreamReader({ root: setup.root, baseUrl });
    const measured = await measureAll(setup, { codex, own, script });
    const title = "an answer in 20,000 pieces";
    return {
      [`${title}, codex ${version}`]: compareTimes(measured.own, measured.codex),
      [`${title}, a script that reads it`]: compareTimes(measured.own, measured.script),
    };
  });
}

/** Both programs, in front of a server of their own. */
async function withPrograms<Result>(
  script: Script,
  version: string,
  { root }: Setup,
  measure: (started: {
    readonly codex: ProcessCommand;
    readonly own: ProcessCommand;
    readonly baseUrl: string;
  }) => Promise<Result>,
): Promise<Result> {
  const binary = await fetchCodex(version, values.cache);
  await using server = await startResponsesServer({ script });
  const { url: baseUrl } = server;
  return await measure({
    codex: await prepareProgram(realCodex(version, binary), { root, baseUrl }),
    own: await prepareProgram(ownCodex({ from: "build" }), { root, baseUrl }),
    baseUrl,
  });
}

async function measureAll<Name extends string>(
  { runs, root }: Setup,
  commands: Readonly<Record<Name, ProcessCommand>>,
): Promise<Readonly<Record<Name, readonly Times[]>>> {
  const file = join(root, "times");
  const entries = Object.entries<ProcessCommand>(commands).map(
    ([name, command]) =>
      [name, async (): Promise<Times> => succeeded(await measureTimes(command, file))] as const,
  );
  return await measureInTurns(
    runs,
    Object.fromEntries(entries) as Record<Name, () => Promise<Times>>,
  );
}

function compareTimes(own: readonly Times[], other: readonly Times[]): Compared {
  const ratio = (fact: keyof Times): number =>
    round(median(own.map((times, index) => times[fact] / (other[index]?.[fact] ?? Number.NaN))), 3);
  return {
    own: middle(own),
    other: middle(other),
    wallRatio: ratio("wallMs"),
    cpuRatio: ratio("cpuMs"),
  };
}

function middle(times: readonly Times[]): Times {
  return {
    wallMs: round(median(times.map(({ wallMs }) => wallMs)), 1),
    cpuMs: round(median(times.map(({ cpuMs }) => cpuMs)), 1),
  };
}

async function listModules(own: ProcessCommand, file: string): Promise<void> {
  const packages = await loadedPackages(own, file);
  for (const { name, files, kib } of packages)
    console.log(`loads ${name}: ${files} files, ${kib} KiB`);
}

/** A failed run costs little and says nothing. */
function succeeded<Result extends ProcessResult>(result: Result): Result {
  if (result.exitCode === 0) return result;
  throw new Error(`a run failed with exit code ${result.exitCode}: ${result.stderr}`);
}
