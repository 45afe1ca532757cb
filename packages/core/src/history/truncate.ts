/** Most of a tool output that may reach the model. */
export interface OutputBudget {
  /** Names the unit of the marker; a token counts as four bytes. */
  readonly mode: "bytes" | "tokens";
  /** In the unit of `mode`. */
  readonly limit: number;
}

/** Bytes that count as one token wherever tokens are estimated. */
const BYTES_PER_TOKEN = 4;

/** Room a stored output has above the model's own policy, so that one shortened by its tool is not cut again. */
const STORED_OUTPUT_FACTOR = 1.2;

/** Estimated tokens of a number of bytes. */
export function estimateTokens(bytes: number): number {
  return Math.ceil(bytes / BYTES_PER_TOKEN);
}

/** The budget of an output that enters history. */
export function storedBudget(budget: OutputBudget): OutputBudget {
  return { mode: budget.mode, limit: Math.ceil(budget.limit * STORED_OUTPUT_FACTOR) };
}

/** UTF-8 bytes the budget allows. */
export function budgetBytes(budget: OutputBudget): number {
  return budget.mode === "tokens" ? budget.limit * BYTES_PER_TOKEN : budget.limit;
}

/**
 * Keeps head and tail of a text, half the budget each, cut between characters, with a marker that says how much is
 * gone. A text within the budget is returned unchanged. Source: docs/behavior/core.md 4.1.
 */
export function truncateMiddle(text: string, budget: OutputBudget): string {
  const bytes = Buffer.from(text);
  const allowed = budgetBytes(budget);
  if (bytes.length <= allowed) return text;
  const headEnd = boundaryBefore(bytes, Math.floor(allowed / 2));
  const tailStart = boundaryAfter(bytes, bytes.length - (allowed - Math.floor(allowed / 2)));
  const head = bytes.toString("utf8", 0, headEnd);
  const tail = bytes.toString("utf8", tailStart);
  return `${head}…${removed(bytes, headEnd, tailStart, allowed, budget.mode)} truncated…${tail}`;
}

function removed(
  bytes: Buffer,
  headEnd: number,
  tailStart: number,
  allowed: number,
  mode: OutputBudget["mode"],
): string {
  if (mode === "tokens") return `${estimateTokens(bytes.length - allowed)} tokens`;
  return `${Array.from(bytes.toString("utf8", headEnd, tailStart)).length} chars`;
}

function boundaryBefore(bytes: Buffer, offset: number): number {
  let at = offset;
  while (at > 0 && isContinuation(bytes[at])) at -= 1;
  return at;
}

function boundaryAfter(bytes: Buffer, offset: number): number {
  let at = offset;
  while (at < bytes.length && isContinuation(bytes[at])) at += 1;
  return at;
}

function isContinuation(byte: number | undefined): boolean {
  return byte !== undefined && (byte & 0xc0) === 0x80;
}
