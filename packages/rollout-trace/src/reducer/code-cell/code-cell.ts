import { compareUtf8 } from "../../json/compare-utf8.ts";
import type { CodeCell } from "../../model/runtime.ts";
import { quote } from "../../reader/problem.ts";
import { applyLifeEvent } from "./cell-life.ts";
import type { CellLifeEvent, Stamp } from "./cell-life.ts";
import { linkCellToTool } from "./code-cell-tools.ts";
import type { ReducerContext } from "../context.ts";
import type { QueuedCell } from "../pending.ts";
import { addUnique } from "../draft.ts";
import type { Draft } from "../draft.ts";
import type { EventPayload } from "../../format/raw-event.ts";
import type { Item } from "../conversation/item.ts";
import { addProducer } from "../conversation/item.ts";
import { addToList } from "../conversation/thread-history.ts";
import { deferLinksElsewhere, itemsWithCallId } from "../tool/tool-links.ts";
import { checkTurn } from "../turn.ts";

export function startCell(
  context: ReducerContext,
  payload: EventPayload<"code_cell_started">,
): void {
  const callId = payload.model_visible_call_id;
  const cellId = `code_cell:${callId}`;
  const threadId = threadOfCell(context, cellId);
  if (threadId === undefined) return;
  const { cellOfRuntimeId } = context.history(threadId);
  const mapped = cellOfRuntimeId.get(payload.runtime_cell_id);
  if (mapped !== undefined && mapped !== cellId) {
    context.problem(
      "code_cell_conflict",
      `runtime cell ${quote(payload.runtime_cell_id)} is ${quote(mapped)} and becomes ${quote(cellId)}`,
      { objectId: cellId },
    );
  }
  if (context.cells.has(cellId) || context.queuedCells.has(cellId)) {
    context.problem("duplicate", `code cell ${quote(cellId)} starts twice`, { objectId: cellId });
    return;
  }
  cellOfRuntimeId.set(payload.runtime_cell_id, cellId);
  const queued: QueuedCell = {
    cellId,
    callId,
    runtimeCellId: payload.runtime_cell_id,
    sourceJs: payload.source_js,
    threadId,
    turnId: context.event.codex_turn_id,
    started: stampOf(context),
    lifeEvents: [],
    waitToolIds: [],
  };
  if (!tryStart(context, queued)) context.queuedCells.set(cellId, queued);
}

/** The envelope's thread, else that of its turn; `undefined` after reporting that there is none. */
function threadOfCell(context: ReducerContext, cell: string): string | undefined {
  const { thread_id: fromEnvelope, codex_turn_id: turnId } = context.event;
  const threadId =
    fromEnvelope ?? (turnId === null ? undefined : context.turns.get(turnId)?.thread_id);
  const isUnnamed = fromEnvelope === null && context.rules.codeCells.nameTheirThread;
  if (threadId === undefined || isUnnamed)
    context.problem("context_mismatch", `code cell ${quote(cell)} names no thread`);
  return threadId;
}

/** Called after every list of items: one of them may be the source a cell waits for. */
export function startQueuedCells(context: ReducerContext): void {
  if (context.queuedCells.size === 0) return;
  const queued = [...context.queuedCells.values()].toSorted((left, right) =>
    compareUtf8(left.cellId, right.cellId),
  );
  for (const cell of queued) if (tryStart(context, cell)) context.queuedCells.delete(cell.cellId);
}

function tryStart(context: ReducerContext, queued: QueuedCell): boolean {
  const { cellId, callId, threadId, started } = queued;
  const items = itemsWithCallId(context, threadId, callId);
  const source = items.find((item) => item.record.kind === "custom_tool_call");
  if (source === undefined) return false;
  if (queued.turnId === null)
    context.problem("context_mismatch", `code cell ${quote(cellId)} names no turn`);
  else checkTurn(context, queued.turnId, threadId, () => `code cell ${quote(cellId)}`);
  const outputs = items.filter((item) => item.record.kind === "custom_tool_call_output");
  const cell: Draft<CodeCell> = {
    code_cell_id: cellId,
    model_visible_call_id: callId,
    thread_id: threadId,
    codex_turn_id: queued.turnId ?? "",
    source_item_id: source.record.item_id,
    output_item_ids: outputs.map((item) => item.record.item_id),
    runtime_cell_id: queued.runtimeCellId,
    execution: {
      started_at_unix_ms: started.timeUnixMs,
      started_seq: started.seq,
      ended_at_unix_ms: null,
      ended_seq: null,
      status: "running",
    },
    runtime_status: "starting",
    initial_response_at_unix_ms: null,
    initial_response_seq: null,
    ...(context.rules.codeCells.keepResponses
      ? {
          initial_response_status: null,
          raw_initial_response_payload_id: null,
          raw_result_payload_id: null,
        }
      : {}),
    yielded_at_unix_ms: null,
    yielded_seq: null,
    source_js: queued.sourceJs,
    nested_tool_call_ids: (context.toolsOfCell.get(cellId) ?? []).toSorted(compareUtf8),
    wait_tool_call_ids: [...queued.waitToolIds],
  };
  context.cells.set(cellId, cell);
  if (queued.turnId !== null) addToList(context.cellsOfTurn, queued.turnId, cellId);
  for (const item of outputs) addProducer(item, { type: "code_cell", code_cell_id: cellId });
  deferLinksElsewhere(context, callId, threadId);
  linkCellToTool(context, cell);
  for (const event of queued.lifeEvents.toSorted((left, right) => left.seq - right.seq))
    applyLifeEvent(cell, event, context.rules.codeCells);
  return true;
}

export function observeCell(
  context: ReducerContext,
  payload: EventPayload<"code_cell_initial_response" | "code_cell_ended">,
): void {
  const runtimeId = payload.runtime_cell_id;
  const threadId = threadOfCell(context, runtimeId);
  if (threadId === undefined) return;
  const cellId = context.history(threadId).cellOfRuntimeId.get(runtimeId);
  const cell = cellId === undefined ? undefined : context.cells.get(cellId);
  const queued = cellId === undefined ? undefined : context.queuedCells.get(cellId);
  const event: CellLifeEvent = {
    ...stampOf(context),
    isEnd: payload.type === "code_cell_ended",
    runtimeCellId: runtimeId,
    status: payload.status,
    payloadId: payload.response_payload?.raw_payload_id ?? null,
  };
  if (cell !== undefined) applyLifeEvent(cell, event, context.rules.codeCells);
  else if (queued !== undefined) queued.lifeEvents.push(event);
  else {
    context.problem(
      "unknown_reference",
      `event of runtime cell ${quote(runtimeId)}, which was never started`,
      { objectId: runtimeId },
    );
  }
}

/** An output item belongs to the cell with its call id, in any thread in which it is seen. */
export function linkOutputToCell(context: ReducerContext, item: Item, callId: string): void {
  if (item.record.kind !== "custom_tool_call_output") return;
  const cell = context.cells.get(`code_cell:${callId}`);
  if (cell === undefined) return;
  addUnique(cell.output_item_ids, item.record.item_id);
  addProducer(item, { type: "code_cell", code_cell_id: cell.code_cell_id });
}

function stampOf(context: ReducerContext): Stamp {
  return { timeUnixMs: context.event.wall_time_unix_ms, seq: context.event.seq };
}
