import { estimateTokens, truncateMiddle } from "../../history/truncate.ts";
import type { OutputBudget } from "../../history/truncate.ts";

/** Default of `max_output_tokens`. */
const DEFAULT_MAX_OUTPUT_TOKENS = 10_000;

/** Report of one call of a command tool. */
export interface ExecReport {
  /** Six hexadecimal digits. */
  readonly chunkId: string;
  readonly wallTimeMs: number;
  /** Absent while the command runs. */
  readonly exitCode: number | undefined;
  /** Id for `write_stdin`; given while the command runs. */
  readonly sessionId: number | undefined;
  readonly output: string;
}

/** Text of an `exec_command` or `write_stdin` output; machine-read form of docs/behavior/core-tools.md 2.1. */
export function formatExecReport(report: ExecReport, budget: OutputBudget): string {
  return [
    `Chunk ID: ${report.chunkId}`,
    `Wall time: ${(report.wallTimeMs / 1000).toFixed(4)} seconds`,
    ...(report.exitCode === undefined ? [] : [`Process exited with code ${report.exitCode}`]),
    ...(report.sessionId === undefined
      ? []
      : [`Process running with session ID ${report.sessionId}`]),
    `Original token count: ${estimateTokens(Buffer.byteLength(report.output))}`,
    "Output:",
    shortenOutput(report.output, budget),
  ].join("\n");
}

/** The smaller of what the call asked for and what the model's policy allows. */
export function callBudget(
  maxOutputTokens: number | undefined,
  policy: OutputBudget,
): OutputBudget {
  const allowed = policy.mode === "tokens" ? policy.limit : Math.floor(policy.limit / 4);
  return {
    mode: "tokens",
    limit: Math.min(maxOutputTokens ?? DEFAULT_MAX_OUTPUT_TOKENS, allowed),
  };
}

/** The text within its budget; one that is cut says first how many lines it had. */
export function shortenOutput(text: string, budget: OutputBudget): string {
  const short = truncateMiddle(text, budget);
  if (short === text) return text;
  const lines = text.split("\n").length - (text.endsWith("\n") ? 1 : 0);
  return `Total output lines: ${lines}\n\n${short}`;
}
