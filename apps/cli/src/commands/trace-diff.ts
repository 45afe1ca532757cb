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
import { lookup } from "../trace-view/lookup.ts";
import { renderPair, renderRuns, renderVerdicts } from "../trace-view/request-diff.ts";

export interface TraceDiffOptions {
  readonly requests?: string;
  readonly json?: boolean;
  readonly html?: boolean;
  /** Of the page. Default: `diff.html` in the first bundle. */
  readonly output?: string;
  readonly open?: boolean;
}

const EQUAL = 0;
const DIFFERENT = 1;
const UNREADABLE = 2;

/**
 * `codex-ts trace diff`. One bundle: every request against the one before it, with what the prompt cache did; exit code
 * 0. Two requests, or two bundles: exit code 0 when they are equal, 1 when not. 2 when a bundle cannot be read, or the page
 * cannot be written.
 */
export async function runTraceDiff(
  bundles: readonly [string, string | undefined],
  options: TraceDiffOptions,
  cliProcess: CliProcess,
): Promise<number> {
  const pair = options.requests === undefined ? undefined : readPair(options.requests);
  checkOptions(bundles, options);
  try {
    const contents = await read(bundles[0], cliProcess);
    const other = bundles[1] === undefined ? undefined : await read(bundles[1], cliProcess);
    const compared = compare(contents, other, pair);
    if (options.html === true) {
      // The program of the page is large, and the other forms have no need of it.
      const { writeDiffPage } = await import("../write-diff-page.ts");
      const place = { bundle: bundlePath(bundles[0], cliProcess), ...options };
      await writeDiffPage({ contents, other, requests: pair }, place, cliProcess);
    } else if (options.json === true)
      cliProcess.stdout.write(`${JSON.stringify(compared.value, undefined, 2)}\n`);
    else cliProcess.stdout.write(compared.text());
    return compared.exitCode;
  } catch (error) {
    if (interruptionExitCode(cliProcess.interrupted) !== undefined) throw error;
    if (error instanceof UsageError) throw error;
    cliProcess.stderr.write(`error: ${error instanceof Error ? error.message : String(error)}\n`);
    return UNREADABLE;
  }
}

function checkOptions(
  [, second]: readonly [string, string | undefined],
  { requests, json, html, output, open }: TraceDiffOptions,
): void {
  if (requests !== undefined && second !== undefined)
    throw new UsageError("--requests compares requests of one bundle; leave the second one out");
  if (json === true && html === true) throw new UsageError("--json and --html exclude each other");
  if (html === true) return;
  if (output !== undefined) throw new UsageError("--output names the page that --html writes");
  if (open === true) throw new UsageError("--open opens the page that --html writes");
}

/** A comparison in both forms. */
interface Compared {
  readonly value: unknown;
  readonly text: () => string;
  readonly exitCode: number;
}

function compare(
  contents: TraceContents,
  other: TraceContents | undefined,
  pair: readonly [number, number] | undefined,
): Compared {
  if (other !== undefined) {
    const value = compareRuns(contents, other);
    return { value, text: () => renderRuns(value), exitCode: value.isEqual ? EQUAL : DIFFERENT };
  }
  if (pair === undefined) {
    const verdicts = judgeCaching(contents);
    const agents = contents.requests.map(
      ({ threadId }) => lookup(contents.state.threads, threadId)?.agent_path ?? "-",
    );
    const value = verdicts.map((verdict, index) => ({
      request: index + 1,
      agentPath: agents[index],
      ...verdict,
    }));
    return { value, text: () => renderVerdicts(verdicts, agents), exitCode: EQUAL };
  }
  const [before, after] = pair.map((number) => indexOf(contents, number));
  const value = compareRequests(
    requestTexts(contents.requests, before ?? 0),
    requestTexts(contents.requests, after ?? 0),
    (id) => contents.texts[id] ?? "",
  );
  const { added, removed, changed } = value.counts;
  const isEqual = value.first === undefined && added + removed + changed === 0;
  return { value, text: () => renderPair(pair, value), exitCode: isEqual ? EQUAL : DIFFERENT };
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
