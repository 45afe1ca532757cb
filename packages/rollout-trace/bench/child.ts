import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A process to measure: what node is to run. */
export type ChildCommand = readonly string[];

export interface Measurement {
  /** Wall-clock time of the whole process, best of all runs. */
  readonly seconds: number;
  /** Largest resident set of a run of its own. */
  readonly peakMegabytes: number;
}

/**
 * Runs in the child before anything else and reports its peak memory when it exits. Linux counts in `maxRSS` what the process
 * that started this one had in memory.
 */
const REPORT_PEAK = `
import { existsSync, readFileSync, writeFileSync } from "node:fs";
const status = () => existsSync("/proc/self/status") ? readFileSync("/proc/self/status", "utf8") : "";
process.on("exit", () => {
  const peak = /^VmHWM:\\s*(\\d+) kB$/m.exec(status())?.[1] ?? process.resourceUsage().maxRSS;
  writeFileSync(process.env.BENCH_PEAK_FILE, String(peak));
});
`;

/** Runs a command so many times and keeps the best; `prepare` is called before each run. */
export function measure(command: ChildCommand, runs: number, prepare: () => void): Measurement {
  let best = Number.POSITIVE_INFINITY;
  for (let run = 0; run < runs; run += 1) {
    prepare();
    const startedAt = performance.now();
    runChild(command, {});
    best = Math.min(best, (performance.now() - startedAt) / 1000);
  }
  prepare();
  return { seconds: best, peakMegabytes: peakOf(command) };
}

function peakOf(command: ChildCommand): number {
  const directory = mkdtempSync(join(tmpdir(), "bench-peak-"));
  const file = join(directory, "peak");
  const hook = `data:text/javascript,${encodeURIComponent(REPORT_PEAK)}`;
  try {
    runChild(["--import", hook, ...command], { BENCH_PEAK_FILE: file });
    return Number(readFileSync(file, "utf8")) / 1024;
  } finally {
    rmSync(directory, { recursive: true });
  }
}

function runChild(command: ChildCommand, environment: Readonly<Record<string, string>>): void {
  const { status, stderr } = spawnSync(process.execPath, command, {
    stdio: ["ignore", "ignore", "pipe"],
    env: { ...process.env, ...environment },
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(`${command.join(" ")} failed: ${stderr}`);
}
