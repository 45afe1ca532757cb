import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { openBundle, reduceBundle } from "@codex-ts/rollout-trace";
import { startResponsesServer } from "@codex-ts/responses-server";
import { isSoak, temporaryDirectory } from "@codex-ts/test-support";
import { LongWork } from "../support/long-work.ts";

const PROCESS = fileURLToPath(new URL("./children/long-thread.ts", import.meta.url));

/** Turns after which the process is measured. */
const CHECKPOINTS = isSoak ? [250, 500, 1000] : [16, 40];
/**
 * How much more heap a later measurement may have than the first one. A short life ends before all code is compiled for the
 * last time; what is allowed is still less than a turn of this work has in its history.
 */
const MAX_GROWTH = isSoak ? 0.1 : 0.1;

interface Measurement {
  readonly turn: number;
  readonly heapBytes: number;
  readonly bufferBytes: number;
  readonly listeners: object;
  readonly resources: readonly string[];
  readonly descriptors: number;
}

describe.skipIf(!existsSync("/proc/self/fd"))("a thread that lives long", () => {
  test.each(["0.171", "0.140"] as const)(
    "[core/long-thread] of %s holds on to no more late than early, and every request has a valid history",
    async (generation) => {
      await using directory = await temporaryDirectory();
      const model = new LongWork();
      await using server = await startResponsesServer({ script: [model.exchange] });
      const args = [server.url, directory.path, generation, ...CHECKPOINTS.map(String)];
      const { lines, stderr, exitCode } = await run(args);
      expect({ stderr, exitCode }).toEqual({ stderr: "", exitCode: 0 });
      expect(model.troubles).toEqual([]);
      lines.shift();
      const counts = lines.pop() as unknown as Record<string, number> & { bundlePath: string };
      const measured = lines as unknown as readonly Measurement[];
      console.log(JSON.stringify({ measured, counts, longest: model.longest, ...model.requests }));
      expect(measured.map(({ turn }) => turn)).toEqual(CHECKPOINTS);
      const [first, ...later] = measured;
      for (const each of later) {
        const { listeners, resources, descriptors } = each;
        expect({ listeners, resources, descriptors }).toEqual({
          listeners: first?.listeners,
          resources: first?.resources,
          descriptors: first?.descriptors,
        });
      }
      const heaps = measured.map(({ heapBytes, bufferBytes }) => heapBytes + bufferBytes);
      expect(Math.max(...heaps) / Math.min(...heaps) - 1).toBeLessThan(MAX_GROWTH);
      // What was to happen has happened.
      const { turns, compactions } = { turns: CHECKPOINTS.at(-1) ?? 0, compactions: model.requests.compaction };
      expect(compactions).toBeGreaterThanOrEqual(Math.floor(turns / 4) - 1);
      expect(counts["streamRetry"]).toBeGreaterThanOrEqual(Math.floor(turns / 13));
      expect(model.longest).toBeLessThan(150);
      const { diagnostics } = await reduceBundle(openBundle(counts.bundlePath), { mode: "strict" });
      expect(diagnostics).toEqual([]);
    },
    isSoak ? 3_600_000 : 120_000,
  );
});

/** Runs the process to its end; its lines are JSON. */
async function run(args: readonly string[]): Promise<{
  readonly lines: object[];
  readonly stderr: string;
  readonly exitCode: number | null;
}> {
  const flags = ["--expose-gc", "--conditions=@codex-ts/source"];
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
