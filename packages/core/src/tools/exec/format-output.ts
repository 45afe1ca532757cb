import type { CommandForm } from "../../compatibility/compatibility-profile.ts";
import { budgetBytes, estimateTokens, truncateMiddle } from "../../history/truncate.ts";
import type { OutputBudget } from "../../history/truncate.ts";
import type { CommandOutput } from "./command-process.ts";

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
  readonly output: CommandOutput;
  /** Why a command that should have a terminal runs without; the model reads it once, with the first output. */
  readonly terminalProblem?: string | undefined;
}

/** Text of an `exec_command` or `write_stdin` output; machine-read form of docs/behavior/core-tools.md 2.1. */
export function formatExecReport(
  report: ExecReport,
  budget: OutputBudget,
  form: CommandForm,
): string {
  const { text } = report.output;
  const tokens = countTokens(report.output, form);
  const short = shortenOutput(report.output, budget, form);
  const isWarned = form.warnsOfCutOutput && short !== text;
  return [
    `Chunk ID: ${report.chunkId}`,
    `Wall time: ${(report.wallTimeMs / 1000).toFixed(4)} seconds`,
    ...(report.exitCode === undefined ? [] : [`Process exited with code ${report.exitCode}`]),
    ...(report.sessionId === undefined
      ? []
      : [`Process running with session ID ${report.sessionId}`]),
    `Original token count: ${tokens}`,
    ...(report.terminalProblem === undefined ? [] : [noTerminalText(report.terminalProblem)]),
    "Output:",
    ...(isWarned ? [`Warning: truncated output (original token count: ${tokens})`] : []),
    short,
  ].join("\n");
}

/** Tokens of an output before it is shortened. */
export function countTokens({ text, bytes }: ExecReport["output"], form: CommandForm): number {
  return estimateTokens(form.countsTokensOf === "bytes" ? bytes : Buffer.byteLength(text));
}

function noTerminalText(problem: string): string {
  return `Warning: no terminal, because the optional package @lydell/node-pty cannot be loaded (${problem}). The command runs on pipes: write_stdin reaches it, but nothing is echoed, and control characters except Ctrl-C are plain input. The user can install the package; there is none for musl.`;
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

/**
 * The text within its budget. One that is cut says first how many lines it had, or, in 0.171, how much had been dropped
 * before it was cut.
 */
export function shortenOutput(
  { text, droppedBytes }: CommandOutput,
  budget: OutputBudget,
  form: CommandForm,
): string {
  const short = truncateMiddle(text, budget);
  if (short === text) return text;
  if (droppedBytes > 0 && form.marksDroppedOutput)
    return `${droppedText(droppedBytes)}\n\n${short}`;
  const lines = text.split("\n").length - (text.endsWith("\n") ? 1 : 0);
  return `Total output lines: ${lines}\n\n${short}`;
}

/** Machine-read, the same in Codex. */
export function droppedText(bytes: number): string {
  return `... ${bytes} bytes omitted ...`;
}
