import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import type { Compatibility } from "@codex-ts/protocol";
import { openBundle, reduceBundle } from "@codex-ts/rollout-trace";
import { startResponsesServer } from "@codex-ts/responses-server";
import { isSoak, temporaryDirectory } from "@codex-ts/test-support";
import { LongWork } from "../support/long-work.ts";

const PROCESS = fileURLToPath(new URL("./children/long-thread.ts", import.meta.url));

/** Turns after which the process is measured. */
const CHECKPOINTS = isSoak ? [250, 500, 1000] : [12, 32];
/** The suite has both generations in one process, most of whose short life is its start. */
const PROCESSES: readonly (readonly Compatibility[])[] = isSoak
  ? [["0.171"], ["0.140"]]
  : [["0.171", "0.140"]];
/**
 * By how much the largest heap may be above the smallest. In a short life code is still being compiled, and what the last compaction
 * has left differs from run to run by an eighth; whole histories that are kept are more. The soak is the exact test.
 */
const MAX_GROWTH = isSoak ? 0.1 : 0.3;

interface Measurement {
  readonly turn: number;
  /** With the bytes of its buffers. */
  readonly heapBytes: number;
  /** Abort signals that are still reachable. */
  readonly signals: number;
  /** Listeners, handles and descriptors. */
  readonly holds: object;
}

interface End {
  readonly bundlePath: string;
  /** Number of events by type. */
  readonly counts: Readonly<Record<string, number>>;
}

describe.skipIf(!existsSync("/proc/self/fd"))("a thread that lives long", () => {
  test.concurrent.each(PROCESSES)(
    "[core/long-thread] of %s holds on to no more late than early, and every request has a valid history",
    async (...generations) => {
      await using directory = await temporaryDirectory();
      await using servers = new AsyncDisposableStack();
      const models = generations.map(() => new LongWork());
      const targets: string[] = [];
      for (const [at, model] of models.entries()) {
        const server = await startResponsesServer({ script: [model.exchange], warmUps: "script" });
        servers.use(server);
        targets.push(`${generations[at]}=${server.url}`);
      }
      const args = [directory.path, CHECKPOINTS.join(","), ...targets];
      const { lines, stderr, exitCode } = await run(args);
      expect({ stderr, exitCode }).toEqual({ stderr: "", exitCode: 0 });
      expect(models.map(({ troubles }) => troubles)).toEqual(models.map(() => []));
      const measured = lines.slice(1, -generations.length) as readonly Measurement[];
      expect(measured.map(({ turn }) => turn)).toEqual(CHECKPOINTS);
      for (const { holds } of measured) expect(holds).toEqual(measured[0]?.holds);
      // A signal that is kept for each turn keeps all that listens to it.
      const signals = measured.map(({ signals: count }) => count);
      const turns = Math.max(...CHECKPOINTS) - Math.min(...CHECKPOINTS);
      expect(Math.max(...signals) - Math.min(...signals)).toBeLessThan(turns);
      const heaps = measured.map(({ heapBytes }) => heapBytes);
      expect(Math.max(...heaps) / Math.min(...heaps) - 1).toBeLessThan(MAX_GROWTH);
      for (const [at, model] of models.entries()) {
        const end = lines[lines.length - generations.length + at] as End;
        await expectWork(model, generations[at] ?? "", end);
      }
    },
    isSoak ? 7_200_000 : 600_000,
  );
});

/** What was to happen has happened. */
async function expectWork(
  model: LongWork,
  generation: string,
  { counts, bundlePath }: End,
): Promise<void> {
  const turns = CHECKPOINTS.at(-1) ?? 0;
  // A fourth of the turns fill the context; of these a few are stuck, or compacted by the user.
  expect(counts["compactionInstalled"]).toBeGreaterThanOrEqual(Math.floor((turns / 4) * 0.9));
  expect(counts["turnAborted"]).toBe(Math.floor((turns + 11) / 17));
  // The first retry over WebSocket is not told.
  const retries = Math.floor((turns + 8) / 13);
  expect(counts["streamRetry"] ?? 0).toBe(generation === "0.140" ? retries : 0);
  // Two each, but for those that are interrupted or compacted away.
  expect(model.requests.turn).toBeGreaterThan(turns * 1.8);
  const { diagnostics } = await reduceBundle(openBundle(bundlePath), { mode: "strict" });
  expect(diagnostics).toEqual([]);
}

/** Runs the process to its end; its lines are JSON. */
async function run(args: readonly string[]): Promise<{
  readonly lines: object[];
  readonly stderr: string;
  readonly exitCode: number | null;
}> {
  const flags = [
    "--expose-gc",
    "--disable-warning=ExperimentalWarning",
    "--conditions=@codex-ts/source",
  ];
  const child = spawn(process.execPath, [...flags, PROCESS, ...args], {
    stdio: ["ignore", "pipe", "pipe"],
    env: {
      PATH: process.env["PATH"],
      NODE_COMPILE_CACHE: join(tmpdir(), "codex-ts-test-compile-cache"),
    },
  });
  let [stdout, stderr] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  const exitCode = await new Promise<number | null>((resolve) => child.on("close", resolve));
  const lines = stdout.split("\n").filter((line) => line !== "");
  return { lines: lines.map((line) => JSON.parse(line) as object), stderr, exitCode };
}
