import type { InferenceSummary } from "@codex-ts/core";
import { clipId } from "./clip.ts";

/** One request on one line, with both ids under their own names. */
export function inferenceLine(inference: InferenceSummary): string {
  const parts = [
    `request ${inference.ordinal} ${inference.status}`,
    `response_id ${clipId(inference.responseId ?? "-")}`,
    `upstream_request_id ${clipId(inference.upstreamRequestId ?? "-")}`,
    ...(inference.usage === undefined
      ? []
      : [`${inference.usage.input_tokens} in, ${inference.usage.output_tokens} out`]),
    formatMilliseconds(inference.totalMs),
  ];
  return parts.join(" | ");
}

/** `12 ms`, `1.5 s`. */
export function formatMilliseconds(milliseconds: number): string {
  return milliseconds < 1000
    ? `${Math.round(milliseconds)} ms`
    : `${(milliseconds / 1000).toFixed(1)} s`;
}
