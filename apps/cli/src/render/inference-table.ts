import type { InferenceSummary } from "@codex-ts/core";
import { clipId } from "./clip.ts";
import { formatMilliseconds } from "./inference-line.ts";
import { renderTable } from "./table.ts";

const HEAD = [
  "request",
  "model",
  "status",
  "response_id",
  "upstream_request_id",
  "tokens in/out",
  "first token",
  "total",
  "tools called",
];

/** Every request of a turn with both of its ids, one row each. */
export function inferenceTable(inferences: readonly InferenceSummary[]): string {
  return renderTable([HEAD, ...inferences.map(toRow)]);
}

function toRow(inference: InferenceSummary): string[] {
  const { usage, firstTokenMs } = inference;
  return [
    String(inference.ordinal),
    inference.model,
    inference.status,
    inference.responseId ?? "-",
    inference.upstreamRequestId ?? "-",
    usage === undefined ? "-" : `${usage.input_tokens}/${usage.output_tokens}`,
    firstTokenMs === undefined ? "-" : formatMilliseconds(firstTokenMs),
    formatMilliseconds(inference.totalMs),
    inference.toolCalls.join(", ") || "-",
  ].map(clipId);
}
