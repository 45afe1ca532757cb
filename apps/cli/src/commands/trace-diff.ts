import type { TraceContents } from "@codex-ts/rollout-trace";
import {
  compareRequests,
  compareRuns,
  judgeCaching,
  requestTexts,
} from "@codex-ts/rollout-trace/requests";
import { bundlePath } from "../bundle-path.ts";
import { type CliProcess, interruptionExitCode } from "../cli-process.ts";
import { UsageError } from "../errors.ts";
import { readOrExplain } from "../reduce-to-file.ts";
import { writeDiagnostics } from "../trace-view/diagnostics.ts";
import { renderPair, renderRuns, renderVerdicts } from "../trace-view/request-diff.ts";

export interface TraceDiffOptions {
  readonly requests?: string;
  readonly json?: boolean;
}

const EQUAL = 0;
const DIFFERENT = 1;
const UNREADABLE = 2;

/**
 * `codex-ts trace diff`. One bundle: every request against the one before it, with what the prompt cache did; exit code
 * 0. Two requests, or two bundles: exit code 0 when they are equal, 1 when not. 2 when a bundle cannot be read.
 */
export async function runTraceDiff(
  [first, second]: readonly [string, string | undefined],
  { requests, json }: TraceDiffOptions,
  cliProcess: CliProcess,
): Promise<number> {
  const { stdout, stderr } = cliProcess;
  const pair = requests === undefined ? undefined : readPair(requests);
  if (pair !== undefined && second !== undefined)
    throw new UsageError("--requests compares requests of one bundle; leave the second one out");
  const print = (value: unknown, text: () => string): void =>
    void stdout.write(json === true ? `${JSON.stringify(value, undefined, 2)}\n` : text());
  let contents: TraceContents;
  let other: TraceContents | undefined;
  try {
    contents = await read(first, cliProcess);
    other = second === undefined ? undefined : await read(second, cliProcess);
  } catch (error) {
    if (interruptionExitCode(cliProcess.interrupted) !== undefined) throw error;
    stderr.write(`error: ${error instanceof Error ? error.message : String(error)}\n`);
    return UNREADABLE;
  }
  if (other !== undefined) {
    const comparison = compareRuns(contents, other);
    print(comparison, () => renderRuns(comparison));
    return comparison.isEqual ? EQUAL : DIFFERENT;
  }
  if (pair === undefined) {
    const verdicts = judgeCaching(contents);
    print(
      verdicts.map((verdict, index) => ({ request: index + 1, ...verdict })),
      () => renderVerdicts(verdicts),
    );
    return EQUAL;
  }
  const [before, after] = pair.map((number) => indexOf(contents, number));
  const comparison = compareRequests(
    requestTexts(contents.requests, before ?? 0),
    requestTexts(contents.requests, after ?? 0),
    (id) => contents.texts[id] ?? "",
  );
  print(comparison, () => renderPair(pair, comparison));
  const { added, removed, changed } = comparison.counts;
  return comparison.first === undefined && added + removed + changed === 0 ? EQUAL : DIFFERENT;
}

async function read(bundle: string, cliProcess: CliProcess): Promise<TraceContents> {
  const signal = cliProcess.interrupted;
  const contents = await readOrExplain(bundlePath(bundle, cliProcess), { signal });
  writeDiagnostics(contents.diagnostics, cliProcess.stderr);
  return contents;
}

function readPair(text: string): readonly [number, number] {
  const [, before, after] = /^(\d+)\s*[,:-]\s*(\d+)$/.exec(text.trim()) ?? [];
  if (before === undefined || after === undefined)
    throw new UsageError(`--requests ${text}: expected two numbers, e.g. 7,8`);
  return [Number(before), Number(after)];
}

function indexOf({ requests }: TraceContents, number: number): number {
  if (number < 1 || number > requests.length)
    throw new UsageError(
      `there is no request ${number}: the bundle has ${requests.length}, counted from 1`,
    );
  return number - 1;
}
