import type {
  ExecutionWindow,
  InferenceCall,
  ReducedTrace,
  TraceContents,
} from "@codex-ts/rollout-trace";
import { buildLedger } from "@codex-ts/rollout-trace/ledger";
import type { LedgerRequest } from "@codex-ts/rollout-trace/ledger";
import { judgeCaching, verdictText } from "@codex-ts/rollout-trace/requests";
import type { CacheVerdict } from "@codex-ts/rollout-trace/requests";
import type { WireCallFacts, WireJoin } from "@codex-ts/rollout-trace/wire";
import { clipId } from "../render/clip.ts";
import { formatMilliseconds } from "../render/inference-line.ts";
import { stripToOneLine } from "../render/strip-control.ts";
import { renderTable } from "../render/table.ts";
import { inOrderOfStart } from "./in-order-of-start.ts";
import { lookup } from "./lookup.ts";
import { toolName } from "./transcript.ts";
import { viaText } from "./wire-findings.ts";
import type { RequestNumbers } from "./wire-findings.ts";

/** The requests in the order they were sent, which numbers them from 1. */
export function requestsInOrder(trace: Pick<ReducedTrace, "inference_calls">): InferenceCall[] {
  return inOrderOfStart(Object.values(trace.inference_calls));
}

/** Numbers of the requests, by the id of their call. */
export function requestNumbers(trace: Pick<ReducedTrace, "inference_calls">): RequestNumbers {
  return new Map(requestsInOrder(trace).map((call, index) => [call.inference_call_id, index + 1]));
}

/**
 * Every request with both ids, in the order they were sent; with its agent where there are several, and with how it
 * travelled where that was recorded. Below it why tokens that could have come from the prompt cache did not, which `!`
 * marks in the table.
 */
export function renderRequestTable(contents: TraceContents, wire?: WireJoin): string {
  const { state: trace } = contents;
  const verdicts = new Map(
    judgeCaching(contents).map(
      (verdict, index) => [contents.requests[index]?.inferenceCallId, verdict] as const,
    ),
  );
  const calls = requestsInOrder(trace);
  // Times and tries have one source, so that this table and `trace ledger` agree.
  const ledger = new Map(
    buildLedger(trace, { wire }).requests.map((entry) => [entry.inferenceCallId, entry]),
  );
  const hasSeveralAgents = Object.keys(trace.threads).length > 1;
  const head = ["model", "status", "response_id", "upstream_request_id"];
  const table = renderTable([
    [
      "request",
      ...(hasSeveralAgents ? ["agent"] : []),
      ...head,
      ...(wire === undefined ? [] : ["via", "tries", "first event"]),
      "tokens in/out",
      "cached %",
      "total",
      "tools called",
    ],
    ...calls.map((call, index) => [
      String(index + 1),
      ...(hasSeveralAgents
        ? [clipId(lookup(trace.threads, call.thread_id)?.agent_path ?? "-")]
        : []),
      clipId(call.model),
      call.execution.status,
      clipId(call.response_id ?? wire?.calls.get(call.inference_call_id)?.responseId ?? "-"),
      clipId(call.upstream_request_id ?? "-"),
      ...(wire === undefined
        ? []
        : wireCells(wire.calls.get(call.inference_call_id), ledger.get(call.inference_call_id))),
      call.usage === null ? "-" : `${call.usage.input_tokens}/${call.usage.output_tokens}`,
      cachedText(call, verdicts.get(call.inference_call_id)),
      timeText(ledger.get(call.inference_call_id)?.durationMs),
      toolsOf(trace, call.tool_call_ids_started_by_response),
    ]),
  ]);
  const misses = calls.flatMap((call, index) => {
    const verdict = verdicts.get(call.inference_call_id);
    if (verdict?.isMiss !== true) return [];
    return [`request ${index + 1}: ${stripToOneLine(verdictText(verdict))}\n`];
  });
  return table + misses.join("");
}

function cachedText({ usage }: InferenceCall, verdict: CacheVerdict | undefined): string {
  const mark = verdict?.isMiss === true ? " !" : "";
  if (usage === null || usage.input_tokens === 0) return `-${mark}`;
  return `${Math.round((usage.cached_input_tokens / usage.input_tokens) * 100)}${mark}`;
}

function wireCells(
  facts: WireCallFacts | undefined,
  { attempts, firstEventMs }: Partial<LedgerRequest> = {},
): string[] {
  return [
    viaText(facts?.attempts.at(-1), facts?.connection),
    attempts?.toString() ?? "-",
    timeText(firstEventMs),
  ];
}

/** Every tool call, in the order they were started. */
export function renderToolTable(trace: ReducedTrace): string {
  const calls = inOrderOfStart(Object.values(trace.tool_calls));
  return renderTable([
    ["tool call", "tool", "status", "exit code", "total"],
    ...calls.map((call) => [
      clipId(call.tool_call_id),
      clipId(toolName(call.kind)),
      call.execution.status,
      exitCodeOf(trace, call.terminal_operation_id),
      durationOf(call.execution),
    ]),
  ]);
}

function toolsOf(trace: ReducedTrace, ids: readonly string[]): string {
  const names = ids.flatMap((id) => {
    const call = lookup(trace.tool_calls, id);
    return call === undefined ? [] : [clipId(toolName(call.kind))];
  });
  return names.join(", ") || "-";
}

function exitCodeOf(trace: ReducedTrace, operationId: string | null): string {
  const exitCode = lookup(trace.terminal_operations, operationId)?.result?.exit_code;
  return exitCode === undefined || exitCode === null ? "-" : String(exitCode);
}

function timeText(milliseconds: number | undefined): string {
  return milliseconds === undefined ? "-" : formatMilliseconds(milliseconds);
}

function durationOf({ started_at_unix_ms, ended_at_unix_ms }: ExecutionWindow): string {
  if (ended_at_unix_ms === null) return "-";
  return formatMilliseconds(ended_at_unix_ms - started_at_unix_ms);
}
