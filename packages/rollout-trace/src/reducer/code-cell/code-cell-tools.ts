import { JsonNumber } from "../../json/node.ts";
import type { JsonNode } from "../../json/node.ts";
import { parseExactJson } from "../../json/parse-exact.ts";
import type { CodeCell, ToolCall, ToolCallRequester } from "../../model/runtime.ts";
import { quote } from "../../reader/problem.ts";
import type { ReducerContext } from "../context.ts";
import { addUnique } from "../draft.ts";
import type { Draft } from "../draft.ts";
import type { EventPayload } from "../../format/raw-event.ts";
import type { ToolInvocation } from "../tool/tool-facts.ts";
import { addToList } from "../conversation/thread-history.ts";

/** Who asked for a tool, with a runtime cell id replaced by the id of its cell. */
export function requesterOf(
  context: ReducerContext,
  threadId: string,
  payload: EventPayload<"tool_call_started">,
): ToolCallRequester {
  if (payload.requester.type === "model") return { type: "model" };
  const runtimeId = payload.requester.runtime_cell_id;
  const cellId = context.history(threadId).cellOfRuntimeId.get(runtimeId);
  if (cellId === undefined) {
    context.problem(
      "unknown_reference",
      `tool call ${quote(payload.tool_call_id)} comes from runtime cell ${quote(runtimeId)}, which was never started`,
      { objectId: payload.tool_call_id },
    );
  }
  return { type: "code_cell", code_cell_id: cellId ?? `code_cell:${runtimeId}` };
}

export function addNestedTool(context: ReducerContext, tool: Draft<ToolCall>): void {
  if (tool.requester.type !== "code_cell") return;
  const cellId = tool.requester.code_cell_id;
  addToList(context.toolsOfCell, cellId, tool.tool_call_id);
  const cell = context.cells.get(cellId);
  if (cell !== undefined) addUnique(cell.nested_tool_call_ids, tool.tool_call_id);
}

/** A `wait` call belongs to the cell it waits for. */
export function linkWait(
  context: ReducerContext,
  tool: Draft<ToolCall>,
  invocation: ToolInvocation,
): void {
  if (context.rules.codeCells.waitTarget !== "arguments" || invocation.toolName !== "wait") return;
  const runtimeId = cellIdArgument(invocation.arguments);
  if (runtimeId === undefined) {
    const { payloadId } = invocation;
    context.problem("payload_shape", `${quote(payloadId)} is a wait without a cell id`, {
      payloadId,
      objectId: payloadId,
    });
    return;
  }
  addWait(context, tool, runtimeId);
}

function addWait(context: ReducerContext, tool: Draft<ToolCall>, runtimeId: string): void {
  const cellId = context.history(tool.thread_id).cellOfRuntimeId.get(runtimeId);
  const cell = cellId === undefined ? undefined : context.cells.get(cellId);
  if (cell !== undefined) addUnique(cell.wait_tool_call_ids, tool.tool_call_id);
}

/** Schema 3: an event says which cell a call waited for, for calls of every kind. */
export function resolveWaitTarget(
  context: ReducerContext,
  {
    tool_call_id: toolId,
    runtime_cell_id: runtimeId,
  }: EventPayload<"code_cell_wait_target_resolved">,
): void {
  const tool = context.tools.get(toolId);
  const facts = { objectId: toolId };
  if (tool === undefined) {
    context.problem(
      "unknown_reference",
      `wait of tool call ${quote(toolId)}, which was never started`,
      facts,
    );
    return;
  }
  const { thread_id: threadId, codex_turn_id: turnId } = context.event;
  if (threadId !== tool.thread_id || turnId === null || turnId !== tool.started_by_codex_turn_id) {
    context.problem(
      "context_mismatch",
      `wait of tool call ${quote(toolId)} belongs elsewhere`,
      facts,
    );
  }
  if (tool.resolved_wait_runtime_cell_id !== undefined) {
    context.problem("duplicate", `tool call ${quote(toolId)} waits for a second cell`, facts);
    return;
  }
  tool.resolved_wait_runtime_cell_id = runtimeId;
  addWait(context, tool, runtimeId);
  // The source of the cell may come later. Observed with 0.171.
  const cellId = context.history(tool.thread_id).cellOfRuntimeId.get(runtimeId);
  const queued = cellId === undefined ? undefined : context.queuedCells.get(cellId);
  if (queued !== undefined) addUnique(queued.waitToolIds, toolId);
}

function cellIdArgument(text: string | null): string | undefined {
  if (text === null) return undefined;
  let node: JsonNode;
  try {
    node = parseExactJson(text);
  } catch {
    return undefined;
  }
  const cellId = node instanceof Map ? node.get("cell_id") : undefined;
  return cellId instanceof JsonNumber || typeof cellId !== "string" ? undefined : cellId;
}

/** Joins the model's `exec` call with its cell, from whichever side comes last. */
export function linkStartedCell(context: ReducerContext, tool: Draft<ToolCall>): void {
  if (tool.model_visible_call_id === null) return;
  const cell = context.cells.get(`code_cell:${tool.model_visible_call_id}`);
  if (cell !== undefined) join(context, tool, cell);
}

export function linkCellToTool(context: ReducerContext, cell: Draft<CodeCell>): void {
  const toolId = context.toolOfCallId.get(cell.model_visible_call_id);
  const tool = toolId === undefined ? undefined : context.tools.get(toolId);
  if (tool !== undefined) join(context, tool, cell);
}

function join(context: ReducerContext, tool: Draft<ToolCall>, cell: Draft<CodeCell>): void {
  if (!context.rules.codeCells.areNamedByTool || tool.thread_id !== cell.thread_id) return;
  // Observed with 0.169: another turn's tool with the same call id is not the one, a tool without a turn may be.
  const turnId = tool.started_by_codex_turn_id;
  if (turnId !== null && turnId !== cell.codex_turn_id) return;
  if (tool.kind.type === "other" && tool.kind.name === "exec")
    tool.started_code_cell_id = cell.code_cell_id;
}
