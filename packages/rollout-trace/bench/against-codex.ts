import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";

/** Most of the real one's CPU time that ours may take. */
const MOST = 0.15;

/** Puts the processor times of what it ran behind its output; bash knows them, Node does not. */
const TIMED = `TIMEFORMAT='%U %S'; time "$@" > /dev/null 2> "$OUTPUT"`;

/** CPU time of whole processes, in milliseconds: medians, and the median of the ratios of the rounds. */
export interface AgainstCodex {
  readonly ownMs: number;
  readonly codexMs: number;
  readonly ratio: number;
  readonly isWithin: boolean;
}

/**
 * Has a real Codex and ours reduce the same bundle in turns; the first round is not counted. `directory`: for what they
 * write, and the real one's home. Needs bash.
 */
export function measureAgainstCodex({
  bundle,
  codex,
  commandLine,
  runs,
  directory,
}: {
  readonly bundle: string;
  readonly codex: string;
  readonly commandLine: string;
  readonly runs: number;
  readonly directory: string;
}): AgainstCodex {
  const output = join(directory, "state.json");
  const home = join(directory, "home");
  mkdirSync(home, { recursive: true });
  const cpuOf = (command: readonly string[]): number => {
    rmSync(output, { force: true });
    return cpuMs(command, { home, output: join(directory, "output") });
  };
  const own = [process.execPath, commandLine, "trace", "reduce", bundle, "-o", output];
  const real = [codex, "debug", "trace-reduce", bundle, "-o", output];
  const rounds = Array.from({ length: runs + 1 }, () => ({ own: cpuOf(own), codex: cpuOf(real) }));
  const counted = rounds.slice(1);
  const ratio = median(counted.map((round) => round.own / round.codex));
  return {
    ownMs: Math.round(median(counted.map((round) => round.own))),
    codexMs: Math.round(median(counted.map((round) => round.codex))),
    ratio: Number(ratio.toFixed(3)),
    isWithin: ratio <= MOST,
  };
}

function cpuMs(
  command: readonly string[],
  { home, output }: { readonly home: string; readonly output: string },
): number {
  const { status, stderr } = spawnSync("bash", ["-c", TIMED, "bash", ...command], {
    env: { PATH: process.env["PATH"], HOME: home, CODEX_HOME: home, OUTPUT: output },
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(`${command.join(" ")} failed: ${readFileSync(output, "utf8")}`);
  const [user = Number.NaN, system = Number.NaN] = stderr.trim().split(" ").map(Number);
  return (user + system) * 1000;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}
