// Measures what a turn costs as its history grows: processor time and peak memory of `codex-ts exec` as built, traced and
// not, in turns of 50, 200 and 1,000 requests with a command between each two that prints 4 KB; beside them a bare script
// that posts as many bytes, and real Codex at one size.
//
//   pnpm bench:thread [--requests N,N,…] [--real N] [--runs N] [--codex PATH] [--cache DIR]
//
// Medians of runs in turns. Only ratios of one run mean something. The last line is JSON.
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { defaultCacheFolder, fetchCodex } from "./live/fetch-codex.ts";
import { ownCodex, realCodex } from "./programs/program.ts";
import { measureCost } from "./programs/process.ts";
import type { Cost, ProcessCommand } from "./programs/process.ts";
import { prepareProgram, untraced } from "./speed/prepare.ts";
import { median, round } from "./speed/statistics.ts";
import { startThreadServer } from "./speed/thread-server.ts";
import type { ThreadServer } from "./speed/thread-server.ts";

const VERSION = "0.171.0";

const { values } = parseArgs({
  options: {
    requests: { type: "string", default: "50,200,1000" },
    real: { type: "string", default: "200" },
    runs: { type: "string", default: "3" },
    codex: { type: "string" },
    cache: { type: "string", default: defaultCacheFolder() },
  },
});

/** Programs that play the same turn. */
type Player = "bare" | "own" | "own traced" | "codex" | "codex traced";

try {
  const sizes = values.requests.split(",").map(Number);
  const measured = [];
  for (const requests of sizes) measured.push(await measure(requests, Number(values.runs)));
  for (const each of measured) print(each);
  console.log(JSON.stringify(summary(measured)));
} catch (error) {
  console.error(`bench:thread: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}

interface Measured {
  readonly requests: number;
  readonly costs: Readonly<Partial<Record<Player, Cost>>>;
}

async function measure(requests: number, runs: number): Promise<Measured> {
  const root = await mkdtemp(join(tmpdir(), "bench-thread-"));
  await using server = await startThreadServer(requests);
  try {
    const commands = await players(requests, { root, server });
    const costs = new Map<Player, Cost[]>(commands.map(([player]) => [player, []]));
    for (let run = 0; run < runs; run += 1) {
      for (const [player, command] of commands) {
        if (player === "bare")
          await writeFile(join(root, "sizes"), JSON.stringify(server.bodyBytes));
        const cost = await measureCost(command, join(root, "times"));
        if (cost.exitCode !== 0)
          throw new Error(`${player} failed with exit code ${cost.exitCode}: ${cost.stderr}`);
        if (server.bodyBytes.length !== requests)
          throw new Error(`${player} made ${server.bodyBytes.length} requests`);
        costs.get(player)?.push(cost);
      }
    }
    return {
      requests,
      costs: Object.fromEntries([...costs].map(([player, list]) => [player, middle(list)])),
    };
  } finally {
    await rm(root, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** In the order of their turns: the bare script posts what the program before it has posted. */
async function players(
  requests: number,
  { root, server }: { readonly root: string; readonly server: ThreadServer },
): Promise<readonly (readonly [Player, ProcessCommand])[]> {
  const baseUrl = server.url;
  const own = await prepareProgram(ownCodex({ from: "build" }), { root, baseUrl });
  const bare: ProcessCommand = {
    command: process.execPath,
    args: [fileURLToPath(new URL("speed/post-bytes.ts", import.meta.url)), join(root, "sizes")],
    cwd: root,
    env: { PATH: process.env["PATH"] ?? "", BASE_URL: baseUrl },
  };
  const ours = [
    ["own traced", own],
    ["own", untraced(own)],
    ["bare", bare],
  ] as const;
  if (requests !== Number(values.real)) return ours;
  const binary = values.codex ?? (await fetchCodex(VERSION, values.cache));
  const real = await prepareProgram(realCodex(VERSION, binary), { root, baseUrl });
  return [["codex", untraced(real)], ["codex traced", real], ...ours];
}

function middle(costs: readonly Cost[]): Cost {
  return {
    cpuMs: round(median(costs.map(({ cpuMs }) => cpuMs)), 0),
    peakBytes: median(costs.map(({ peakBytes }) => peakBytes)),
  };
}

function print({ requests, costs }: Measured): void {
  for (const [player, { cpuMs, peakBytes }] of Object.entries(costs))
    console.log(
      `${String(requests).padStart(5)} requests  ${player.padEnd(12)} ${String(cpuMs).padStart(6)} ms, ` +
        `peak ${(peakBytes / 2 ** 20).toFixed(0)} MiB`,
    );
}

/** The ratios that are to hold. */
function summary(measured: readonly Measured[]): object {
  const net = ({ costs }: Measured, player: Player): number =>
    (costs[player]?.cpuMs ?? Number.NaN) - (costs.bare?.cpuMs ?? Number.NaN);
  const perRequest = (each: Measured, player: Player): number => net(each, player) / each.requests;
  const growth = (player: Player): number | undefined => {
    const [middleSize, largest] = [measured.at(-2), measured.at(-1)];
    if (middleSize === undefined || largest === undefined) return undefined;
    return round(perRequest(largest, player) / perRequest(middleSize, player), 2);
  };
  const compared = measured.find(({ costs }) => costs.codex !== undefined)?.costs;
  const ratio = (own: Player, real: Player, fact: keyof Cost): number | undefined =>
    compared && round((compared[own]?.[fact] ?? 0) / (compared[real]?.[fact] ?? 0), 3);
  return {
    measured,
    growth: { own: growth("own"), ownTraced: growth("own traced") },
    ofCodex: {
      cpu: ratio("own", "codex", "cpuMs"),
      cpuTraced: ratio("own traced", "codex traced", "cpuMs"),
      peak: ratio("own", "codex", "peakBytes"),
      peakTraced: ratio("own traced", "codex traced", "peakBytes"),
    },
  };
}
