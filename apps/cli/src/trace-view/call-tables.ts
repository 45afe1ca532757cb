import type { ExecutionWindow, InferenceCall, ReducedTrace } from "@codex-ts/rollout-trace";
import type { WireCallFacts, WireJoin } from "@codex-ts/rollout-trace/wire";
import { clipId } from "../render/clip.ts";
import { formatMilliseconds } from "../render/inference-line.ts";
import { renderTable } from "../render/table.ts";
import { lookup } from "./lookup.ts";
import { toolName } from "./transcript.ts";
import { viaText } from "./wire-findings.ts";

/** The requests in the order they were sent, which numbers them from 1. */
export function requestsInOrder(trace: Pick<ReducedTrace, "inference_calls">): InferenceCall[] {
  return inOrderOfStart(Object.values(trace.inference_calls));
}

/**
 * Every request with both ids, in the order they were sent; with its agent where there are several, and with how it
 * travelled where that was recorded.
 */
export function renderRequestTable(trace: ReducedTrace, wire?: WireJoin): string {
  const calls = requestsInOrder(trace);
  const hasSeveralAgents = Object.keys(trace.threads).length > 1;
  const head = ["model", "status", "response_id", "upstream_request_id"];
  return renderTable([
    [
      "request",
      ...(hasSeveralAgents ? ["agent"] : []),
      ...head,
      ...(wire === undefined ? [] : ["via", "tries", "first event"]),
      "tokens in/out",
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
      clipId(call.response_id ?? "-"),
      clipId(call.upstream_request_id ?? "-"),
      ...(wire === undefined ? [] : wireCells(wire.calls.get(call.inference_call_id))),
      call.usage === null ? "-" : `${call.usage.input_tokens}/${call.usage.output_tokens}`,
      durationOf(call.execution),
      toolsOf(trace, call.tool_call_ids_started_by_response),
    ]),
  ]);
}

function wireCells(facts: WireCallFacts | undefined): string[] {
  const last = facts?.attempts.at(-1);
  const firstEventUs = last?.ended?.t.first_event ?? undefined;
  return [
    viaText(last, facts?.connection),
    facts === undefined ? "-" : String(facts.attempts.length),
    firstEventUs === undefined ? "-" : formatMilliseconds(firstEventUs / 1000),
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

function durationOf({ started_at_unix_ms, ended_at_unix_ms }: ExecutionWindow): string {
  if (ended_at_unix_ms === null) return "-";
  return formatMilliseconds(ended_at_unix_ms - started_at_unix_ms);
}

function inOrderOfStart<T extends { readonly execution: ExecutionWindow }>(calls: T[]): T[] {
  return calls.toSorted((a, b) => a.execution.started_seq - b.execution.started_seq);
}
