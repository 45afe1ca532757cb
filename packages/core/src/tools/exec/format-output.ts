import type { CommandForm } from "../../compatibility/compatibility-profile.ts";
import { budgetBytes, estimateTokens, truncateMiddle } from "../../history/truncate.ts";
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
  /** Bytes the output was read from. */
  readonly outputBytes: number;
}

/** Text of an `exec_command` or `write_stdin` output; machine-read form of docs/behavior/core-tools.md 2.1. */
export function formatExecReport(
  report: ExecReport,
  budget: OutputBudget,
  form: CommandForm,
): string {
  const bytes =
    form.countsTokensOf === "bytes" ? report.outputBytes : Buffer.byteLength(report.output);
  const tokens = estimateTokens(bytes);
  const short = shortenOutput(report.output, budget);
  const isWarned = form.warnsOfCutOutput && short !== report.output;
  return [
    `Chunk ID: ${report.chunkId}`,
    `Wall time: ${(report.wallTimeMs / 1000).toFixed(4)} seconds`,
    ...(report.exitCode === undefined ? [] : [`Process exited with code ${report.exitCode}`]),
    ...(report.sessionId === undefined
      ? []
      : [`Process running with session ID ${report.sessionId}`]),
    `Original token count: ${tokens}`,
    "Output:",
    ...(isWarned ? [`Warning: truncated output (original token count: ${tokens})`] : []),
    short,
  ].join("\n");
}

/** The smaller of what the call asked for and what the model's policy allows. */
export function callBudget(
  maxOutputTokens: number | undefined,
  policy: OutputBudget,
  form: CommandForm,
): OutputBudget {
  const wanted = maxOutputTokens ?? DEFAULT_MAX_OUTPUT_TOKENS;
  const isPolicy = budgetBytes(policy) <= budgetBytes({ mode: "tokens", limit: wanted });
  if (form.cutIsCountedIn === "unit_of_limit" && isPolicy) return policy;
  const allowed = policy.mode === "tokens" ? policy.limit : Math.floor(policy.limit / 4);
  return {
    mode: "tokens",
    limit: Math.min(wanted, allowed),
  };
}

/** The text within its budget; one that is cut says first how many lines it had. */
export function shortenOutput(text: string, budget: OutputBudget): string {
  const short = truncateMiddle(text, budget);
  if (short === text) return text;
  const lines = text.split("\n").length - (text.endsWith("\n") ? 1 : 0);
  return `Total output lines: ${lines}\n\n${short}`;
}
