import type { ToolCall } from "../../model/runtime.ts";
import { quote } from "../../reader/problem.ts";
import { carryToolResult } from "../agents/agents.ts";
import { observeAgentBegin, observeAgentEnd } from "../agents/agents.ts";
import {
  addNestedTool,
  linkStartedCell,
  requesterOf,
  linkWait,
} from "../code-cell/code-cell-tools.ts";
import type { ReducerContext } from "../context.ts";
import { addUnique } from "../draft.ts";
import type { Draft } from "../draft.ts";
import type { EventPayload } from "../../format/raw-event.ts";
import {
  finishOperation,
  startDispatchedStdin,
  startRuntimeOperation,
} from "../terminal/terminal.ts";
import { reportUnknownThread } from "../thread.ts";
import { toInvocation } from "./tool-facts.ts";
import type { ToolFacts } from "./tool-facts.ts";
import {
  attachOutput,
  deferLinksElsewhere,
  itemsOfCall,
  linkToolToInferences,
} from "./tool-links.ts";
import { checkTurn } from "../turn.ts";

export function startTool(
  context: ReducerContext,
  payload: EventPayload<"tool_call_started">,
): void {
  const toolId = payload.tool_call_id;
  const callId = payload.model_visible_call_id;
  if (context.tools.has(toolId)) {
    context.problem("duplicate", `tool call ${quote(toolId)} starts twice`, { objectId: toolId });
    return;
  }
  if (callId !== null && context.toolOfCallId.has(callId)) {
    context.problem(
      "duplicate",
      `tool call ${quote(toolId)} has call id ${quote(callId)}, which another tool call has`,
      { objectId: toolId },
    );
  }
  const threadId = threadOfTool(context, toolId);
  if (threadId === undefined) return;
  const requester = requesterOf(context, threadId, payload);
  const items =
    callId === null ? { calls: [], outputs: [] } : itemsOfCall(context, threadId, callId);
  const tool: Draft<ToolCall> = {
    tool_call_id: toolId,
    mcp_call_id: null,
    model_visible_call_id: callId,
    code_mode_runtime_tool_id: payload.code_mode_runtime_tool_id,
    thread_id: threadId,
    started_by_codex_turn_id: context.event.codex_turn_id,
    execution: context.startedNow(),
    requester,
    kind: payload.kind,
    model_visible_call_item_ids: items.calls.map((item) => item.record.item_id),
    model_visible_output_item_ids: items.outputs.map((item) => item.record.item_id),
    terminal_operation_id: null,
    summary: payload.summary,
    raw_invocation_payload_id: payload.invocation_payload?.raw_payload_id ?? null,
    raw_result_payload_id: null,
    raw_runtime_payload_ids: [],
  };
  const found = readInvocation(context, payload);
  context.toolFacts.set(toolId, { invocation: found });
  const invocation = found === "lost" ? undefined : found;
  if (payload.kind.type === "write_stdin" && invocation !== undefined)
    startDispatchedStdin(context, tool, invocation);
  context.tools.set(toolId, tool);
  if (callId !== null && !context.toolOfCallId.has(callId)) {
    context.toolOfCallId.set(callId, toolId);
    deferLinksElsewhere(context, callId, threadId);
  }
  if (invocation !== undefined) linkWait(context, tool, invocation);
  addNestedTool(context, tool);
  linkStartedCell(context, tool);
  linkToolToInferences(context, tool);
  for (const item of items.outputs) attachOutput(tool, item);
}

/** The envelope's thread, else that of its turn; `undefined` after reporting that there is none. */
function threadOfTool(context: ReducerContext, toolId: string): string | undefined {
  const { thread_id: fromEnvelope, codex_turn_id: turnId } = context.event;
  const threadId =
    fromEnvelope ?? (turnId === null ? undefined : context.turns.get(turnId)?.thread_id);
  if (threadId === undefined) {
    context.problem("context_mismatch", `tool call ${quote(toolId)} names no thread`, {
      objectId: toolId,
    });
    return undefined;
  }
  if (!context.threads.has(threadId)) reportUnknownThread(context, threadId);
  if (turnId !== null) checkTurn(context, turnId, threadId, () => `tool call ${quote(toolId)}`);
  return threadId;
}

function readInvocation(
  context: ReducerContext,
  { kind, invocation_payload: reference }: EventPayload<"tool_call_started">,
): ToolFacts["invocation"] {
  if (reference === null) return undefined;
  const payload = context.payload(reference);
  if (payload.isLost) return "lost";
  // Where no wait is read from it, Codex looks into it for the target of a `write_stdin` only.
  const isRead = kind.type === "write_stdin" || context.rules.codeCells.waitTarget === "arguments";
  const value = isRead ? payload.json() : payload.peek();
  if (value === undefined) return undefined;
  const isPartial = payload.lostParts.size > 0;
  return toInvocation(value, { payloadId: reference.raw_payload_id, isPartial });
}

/** The tool an event is about, or `undefined` after reporting that it was never started. */
function knownTool(context: ReducerContext, toolId: string): Draft<ToolCall> | undefined {
  const tool = context.tools.get(toolId);
  if (tool === undefined) {
    context.problem(
      "unknown_reference",
      `event of tool call ${quote(toolId)}, which was never started`,
      { objectId: toolId },
    );
  }
  return tool;
}

export function correlateMcpCall(
  context: ReducerContext,
  payload: EventPayload<"mcp_tool_call_correlation_assigned">,
): void {
  const tool = knownTool(context, payload.tool_call_id);
  if (tool === undefined) return;
  if (tool.mcp_call_id === null) tool.mcp_call_id = payload.mcp_call_id;
  else {
    context.problem(
      "duplicate",
      `tool call ${quote(tool.tool_call_id)} gets a second mcp call id`,
      {
        objectId: tool.tool_call_id,
      },
    );
  }
}

export function startToolRuntime(
  context: ReducerContext,
  payload: EventPayload<"tool_call_runtime_started">,
): void {
  const tool = knownTool(context, payload.tool_call_id);
  if (tool === undefined) return;
  addUnique(tool.raw_runtime_payload_ids, payload.runtime_payload.raw_payload_id);
  // The runtime knows better than the dispatcher what kind of call it became.
  if (payload.kind !== undefined) {
    tool.kind = payload.kind;
    // Observed with 0.169: what is no `exec` call any more has started no cell.
    if (tool.started_code_cell_id !== undefined) delete tool.started_code_cell_id;
    linkStartedCell(context, tool);
  }
  startRuntimeOperation(context, tool, payload.runtime_payload);
  observeAgentBegin(context, tool, payload.runtime_payload);
}

export function endToolRuntime(
  context: ReducerContext,
  payload: EventPayload<"tool_call_runtime_ended">,
): void {
  const tool = knownTool(context, payload.tool_call_id);
  if (tool === undefined) return;
  addUnique(tool.raw_runtime_payload_ids, payload.runtime_payload.raw_payload_id);
  finishOperation(context, tool, payload.status, payload.runtime_payload);
  observeAgentEnd(context, tool, payload.runtime_payload);
}

export function endTool(context: ReducerContext, payload: EventPayload<"tool_call_ended">): void {
  const tool = knownTool(context, payload.tool_call_id);
  if (tool === undefined) return;
  context.endNow(tool.execution, payload.status);
  const result = payload.result_payload;
  tool.raw_result_payload_id = result?.raw_payload_id ?? null;
  // The dispatcher's view of the output counts only while the runtime has said nothing.
  if (tool.raw_runtime_payload_ids.length === 0)
    finishOperation(context, tool, payload.status, result);
  if (result !== null) carryToolResult(context, tool, result.raw_payload_id);
}
