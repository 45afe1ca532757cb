import type { ReducedTrace, TraceContents } from "@codex-ts/rollout-trace";
import { summarizeWire } from "@codex-ts/rollout-trace/wire";
import { formatMilliseconds } from "../render/inference-line.ts";
import { lines } from "../render/lines.ts";
import { plural } from "../render/plural.ts";
import { stripToOneLine } from "../render/strip-control.ts";
import { renderRequestTable, renderToolTable, requestNumbers } from "./call-tables.ts";
import type { BundleWire } from "./read-wire.ts";
import { type TranscriptOptions, renderTranscript } from "./transcript.ts";
import { turnTexts } from "./turn-failures.ts";
import { findingTexts, otherRequestLines } from "./wire-findings.ts";
import type { RequestNumbers } from "./wire-findings.ts";

/** A reduced trace for a person: what it is, the transcript, then requests and tool calls as tables. */
export function renderTrace(
  contents: TraceContents,
  options: TranscriptOptions,
  wire?: BundleWire,
): string {
  const { state: trace } = contents;
  const numbers = requestNumbers(trace);
  const sections = [renderHead(trace), renderTranscript(trace, options)];
  if (Object.keys(trace.inference_calls).length > 0)
    sections.push(renderRequestTable(contents, wire?.join) + otherRequests(numbers, wire));
  sections.push(...findings(contents, numbers, wire));
  if (Object.keys(trace.tool_calls).length > 0) sections.push(renderToolTable(trace));
  return sections.join("\n");
}

/** Turns that failed otherwise, and the findings about requests that did not simply work. */
function findings(
  { state, turnFailures }: TraceContents,
  numbers: RequestNumbers,
  wire?: BundleWire,
): string[] {
  const found = wire === undefined ? [] : summarizeWire(wire.log, wire.join).findings;
  return [
    ...turnTexts(state, turnFailures, found),
    ...findingTexts(found, { numbers, turns: state.codex_turns, turnFailures }),
  ];
}

function otherRequests(numbers: RequestNumbers, wire: BundleWire | undefined): string {
  return wire === undefined ? "" : lines(otherRequestLines(wire.join.requests, numbers));
}

function renderHead(trace: ReducedTrace): string {
  const { started_at_unix_ms: startedAt, ended_at_unix_ms: endedAt } = trace;
  const rows = [
    ["trace", `${trace.trace_id} (schema ${trace.schema_version})`],
    ["status", statusText(trace)],
    ...recordedRow(trace),
    ["started", timeText(startedAt)],
    ["lasted", endedAt === null ? "-" : formatMilliseconds(endedAt - startedAt)],
  ];
  return rows
    .map(([name = "", value = ""]) => `${name.padEnd(8)} ${stripToOneLine(value)}\n`)
    .join("");
}

/** The status of a recording says that it was ended in order, not that its turns and requests worked. */
function statusText({ status, inference_calls: calls, codex_turns: turns }: ReducedTrace): string {
  const bad = [
    ...endTexts("turn", Object.values(turns)),
    ...endTexts("request", Object.values(calls)),
  ];
  return bad.length === 0 ? status : `recording ${status}; ${bad.join(", ")}`;
}

const BAD_ENDS = ["failed", "cancelled", "aborted"] as const;

function endTexts(
  noun: string,
  all: readonly { readonly execution: { readonly status: string } }[],
): string[] {
  return BAD_ENDS.flatMap((end) => {
    const count = all.filter(({ execution }) => execution.status === end).length;
    return count === 0 ? [] : [`${count} of ${plural(all.length, noun)} ${end}`];
  });
}

/** Schema 2 says when it has everything, schema 3 also when its limits were too small; schema 1 cannot. */
function recordedRow({
  recording_complete: isComplete,
  recording_status: status,
}: ReducedTrace): string[][] {
  if (isComplete === false || status === "unclosed")
    return [["recorded", "in part: it goes on, was killed, or could not be written any more"]];
  if (status === "closed_with_partial_payloads")
    return [["recorded", "in part: some payloads did not fit into the limits of the recording"]];
  return [];
}

/** ISO time, or the number where a damaged bundle holds one that no calendar knows. */
export function timeText(unixMs: number): string {
  const date = new Date(unixMs);
  return Number.isNaN(date.getTime()) ? String(unixMs) : date.toISOString();
}
