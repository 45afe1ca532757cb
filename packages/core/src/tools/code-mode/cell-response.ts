import type { JsonObject } from "@codex-ts/protocol";
import type { CodeCellResponse } from "@codex-ts/rollout-trace/recorder";
import type { CodeModeForm } from "../../compatibility/compatibility-profile.ts";
import { wireDuration } from "../wire-duration.ts";
import type { CellReport } from "./code-cell.ts";
import { reportedItems } from "./format-report.ts";

/** A report as traces hold it. */
export function cellResponse(
  report: CellReport,
  cellId: string,
  { responses }: CodeModeForm,
): CodeCellResponse {
  const { status, error, waitedMs, bufferedMs } = report;
  const isTimed = responses === "timed";
  const items = isTimed ? reportedItems(report) : report.items;
  const shown: JsonObject = { cell_id: cellId, content_items: items };
  const duration: JsonObject = isTimed
    ? { code_mode_host_duration: { ...wireDuration(waitedMs) } }
    : {};
  if (status === "running") return { Yielded: { ...shown, ...duration } };
  if (status === "terminated") return { Terminated: { ...shown, ...duration } };
  const buffered: JsonObject =
    isTimed && bufferedMs !== undefined
      ? { result_buffered_for: { ...wireDuration(bufferedMs) } }
      : {};
  return { Result: { ...shown, error_text: error ?? null, ...buffered, ...duration } };
}
