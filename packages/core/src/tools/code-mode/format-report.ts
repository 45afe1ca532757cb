import type { CommandForm } from "../../compatibility/compatibility-profile.ts";
import { estimateTokens } from "../../history/truncate.ts";
import type { OutputBudget } from "../../history/truncate.ts";
import { truncateOutput } from "../../history/truncate-output.ts";
import { shortenOutput } from "../exec/format-output.ts";
import type { ToolOutput } from "../tool.ts";
import type { CellItem } from "./cell-protocol.ts";
import type { CellReport } from "./code-cell.ts";

/** Tokens of output a call returns at most, unless it says otherwise. */
const DEFAULT_MAX_TOKENS = 10_000;

/** Machine-read, the same in Codex. */
const HEADS = {
  completed: "Script completed",
  failed: "Script failed",
  terminated: "Script terminated",
} as const;

/** The output the model reads for an `exec` or `wait` call; machine-read form of docs/behavior/core-tools.md 7. */
export function formatReport(
  report: Omit<CellReport, "bufferedMs">,
  options: {
    readonly cellId: string;
    readonly maxTokens: number | undefined;
    readonly form: CommandForm;
  },
): ToolOutput {
  const { status, waitedMs } = report;
  const state =
    status === "running" ? `Script running with cell ID ${options.cellId}` : HEADS[status];
  const head = `${state}\nWall time ${(Math.max(waitedMs, 0) / 1000).toFixed(1)} seconds\nOutput:\n`;
  const items = shorten(reportedItems(report), options);
  return {
    output: items.length === 0 ? head : [{ type: "input_text", text: head }, ...items],
    failed: status === "failed",
  };
}

/** The items a cell has shown, and its error among them. */
export function reportedItems({
  items,
  error,
}: Pick<CellReport, "items" | "error">): readonly CellItem[] {
  if (error === undefined) return items;
  return [...items, { type: "input_text", text: `Script error:\n${error}` }];
}

function shorten(
  items: readonly CellItem[],
  { maxTokens, form }: { readonly maxTokens: number | undefined; readonly form: CommandForm },
): readonly CellItem[] {
  const budget: OutputBudget = { mode: "tokens", limit: maxTokens ?? DEFAULT_MAX_TOKENS };
  const texts = items.flatMap((item) => (item.type === "input_text" ? [item.text] : []));
  if (texts.length < items.length) return truncateOutput(items, budget) as readonly CellItem[];
  const whole = texts.join("\n");
  const bytes = Buffer.byteLength(whole);
  const short = shortenOutput({ text: whole, bytes, droppedBytes: 0 }, budget, form);
  if (short === whole) return items;
  const tokens = estimateTokens(bytes);
  const warning = form.warnsOfCutOutput
    ? `Warning: truncated output (original token count: ${tokens})\n`
    : "";
  return [{ type: "input_text", text: warning + short }];
}
