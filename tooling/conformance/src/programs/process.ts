import { type ChildProcessByStdio, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import type { Readable } from "node:stream";

/** A process to start. */
export interface ProcessCommand {
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
}

/** One finished process. */
export interface ProcessResult {
  readonly exitCode: number | null;
  /** From before its start to the end of its output. */
  readonly wallMs: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Longer than anything here takes, also on a machine with much else to do. */
const TIMEOUT_MS = 900_000;

/** A process whose output is read as text. */
export type StartedProcess = ChildProcessByStdio<null, Readable, Readable>;

/** Runs a process to its end. `onStarted` may watch it on the way there. */
export async function runProcess(
  process: ProcessCommand,
  onStarted?: (child: StartedProcess) => void,
): Promise<ProcessResult> {
  const { command, args, cwd, env } = process;
  const startMs = performance.now();
  const child = spawn(command, [...args], {
    cwd,
    env: { ...env },
    stdio: ["ignore", "pipe", "pipe"],
    timeout: TIMEOUT_MS,
    killSignal: "SIGKILL",
  });
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  onStarted?.(child);
  const exitCode = await new Promise<number | null>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", resolve);
  });
  return { exitCode, wallMs: performance.now() - startMs, stdout, stderr };
}

/** The shell starts the process, and reports when it started and ended and the cost of its children. */
const SHELL_SCRIPT = `file=$1; shift
start=$EPOCHREALTIME
"$@"
code=$?
end=$EPOCHREALTIME
{ echo "$start $end"; times; } > "$file"
exit $code`;

/**
 * Runs a process to its end and measures its processor time, and its wall time without that of the shell; `timesFile` is
 * a file for that. Needs bash 5.
 */
export async function measureTimes(
  process: ProcessCommand,
  timesFile: string,
  onStarted?: (shell: StartedProcess) => void,
): Promise<ProcessResult & { readonly cpuMs: number }> {
  const args = ["-c", SHELL_SCRIPT, "bash", timesFile, process.command, ...process.args];
  const result = await runProcess({ ...process, command: "bash", args }, onStarted);
  return { ...result, ...readTimes(await readFile(timesFile, "utf8")) };
}

/** What a run took. */
export interface Cost {
  /** Of the process and everything it started. */
  readonly cpuMs: number;
  /** Most memory of the process itself. */
  readonly peakBytes: number;
}

/** Runs a process to its end and measures its cost. Needs bash, and Linux for the memory. */
export async function measureCost(
  process: ProcessCommand,
  timesFile: string,
): Promise<ProcessResult & Cost> {
  let peakBytes = 0;
  let timer: NodeJS.Timeout | undefined;
  const result = await measureTimes(process, timesFile, ({ pid }) => {
    timer = setInterval(() => {
      peakBytes = Math.max(peakBytes, peakOfChild(pid));
    }, 100);
  });
  clearInterval(timer);
  return { ...result, peakBytes };
}

/** The most memory the first child of a process has ever had; 0 when there is none any more. */
function peakOfChild(pid: number | undefined): number {
  try {
    const child = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").split(" ")[0];
    const status = readFileSync(`/proc/${child}/status`, "utf8");
    return Number(/^VmHWM:\s*(\d+) kB$/m.exec(status)?.[1] ?? 0) * 1024;
  } catch {
    return 0;
  }
}

/** Start and end in seconds, then what `times` prints, e.g. `0m1.234s 0m0.567s`: user and system time, last of the children. */
function readTimes(text: string): { readonly wallMs: number; readonly cpuMs: number } {
  const [clock = "", , children = ""] = text.split("\n");
  const [start = Number.NaN, end = Number.NaN] = clock.split(" ").map(Number);
  const seconds = [...children.matchAll(/(\d+)m([\d.]+)s/g)].map(
    ([, minutes, rest]) => Number(minutes) * 60 + Number(rest),
  );
  return {
    wallMs: (end - start) * 1000,
    cpuMs: Math.round(seconds.reduce((sum, value) => sum + value, 0) * 1000),
  };
}
