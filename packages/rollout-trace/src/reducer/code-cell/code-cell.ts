import { compareUtf8 } from "../../json/compare-utf8.ts";
import type { CodeCell } from "../../model/runtime.ts";
import type { CellStatus, ExecutionStatus } from "../../format/raw-event.ts";
import { quote } from "../../reader/problem.ts";
import { linkCellToTool } from "./code-cell-tools.ts";
import type { ReducerContext } from "../context.ts";
import { addUnique } from "../draft.ts";
import type { Draft } from "../draft.ts";
import type { EventPayload } from "../../format/event-payload.ts";
import type { Item } from "../conversation/item.ts";
import { addProducer } from "../conversation/producer.ts";
import { addToList } from "../conversation/thread-history.ts";
import { compareIds, deferLinksElsewhere } from "../tool/tool-links.ts";
import { checkTurn } from "../check-turn.ts";

/** When an event happened. */
export interface Stamp {
  readonly timeUnixMs: number;
  readonly seq: number;
}

/** An initial response or an end, as the event told it. */
interface CellLifeEvent extends Stamp {
  readonly isEnd: boolean;
  readonly runtimeCellId: string;
  readonly status: CellStatus;
  readonly payloadId: string | null;
}

/** A cell that started before the response with its source was seen. */
export interface QueuedCell {
  readonly cellId: string;
  readonly callId: string;
  readonly runtimeCellId: string;
  readonly sourceJs: string;
  readonly threadId: string;
  readonly turnId: string | null;
  readonly started: Stamp;
  readonly lifeEvents: CellLifeEvent[];
}

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
  };
  if (!tryStart(context, queued)) context.queuedCells.set(cellId, queued);
}

/** The envelope's thread, else that of its turn; `undefined` after reporting that there is none. */
function threadOfCell(context: ReducerContext, cell: string): string | undefined {
  const { thread_id: fromEnvelope, codex_turn_id: turnId } = context.event;
  const threadId =
    fromEnvelope ?? (turnId === null ? undefined : context.turns.get(turnId)?.thread_id);
  if (threadId === undefined)
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
  const items = orderedItems(context, threadId, callId);
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
    ...(context.schema === 2
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
    wait_tool_call_ids: [],
  };
  context.cells.set(cellId, cell);
  if (queued.turnId !== null) addToList(context.cellsOfTurn, queued.turnId, cellId);
  for (const item of outputs) addProducer(item, { type: "code_cell", code_cell_id: cellId });
  deferLinksElsewhere(context, callId, threadId);
  linkCellToTool(context, cell);
  for (const event of queued.lifeEvents.toSorted((left, right) => left.seq - right.seq))
    applyLifeEvent(context, cell, event);
  return true;
}

/** Items with a call id in one thread; schema 1 by the bytes of their ids, schema 2 by creation. */
function orderedItems(context: ReducerContext, threadId: string, callId: string): readonly Item[] {
  const items = context.history(threadId).itemsByCallId.get(callId) ?? [];
  return context.schema === 1 ? items.toSorted(compareIds) : items;
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
  if (cell !== undefined) applyLifeEvent(context, cell, event);
  else if (queued !== undefined) queued.lifeEvents.push(event);
  else {
    context.problem(
      "unknown_reference",
      `event of runtime cell ${quote(runtimeId)}, which was never started`,
      { objectId: runtimeId },
    );
  }
}

function applyLifeEvent(
  context: ReducerContext,
  cell: Draft<CodeCell>,
  event: CellLifeEvent,
): void {
  if (event.isEnd) {
    finishCell(cell, event.status, event);
    if (context.schema === 2 && event.payloadId !== null)
      cell.raw_result_payload_id = event.payloadId;
    return;
  }
  cell.runtime_cell_id = event.runtimeCellId;
  const isFirst =
    context.schema === 1
      ? cell.initial_response_at_unix_ms === null
      : cell.initial_response_status === null;
  if (isFirst) {
    cell.initial_response_at_unix_ms = event.timeUnixMs;
    cell.initial_response_seq = event.seq;
    if (context.schema === 2) {
      cell.initial_response_status = event.status;
      cell.raw_initial_response_payload_id = event.payloadId;
    }
  }
  if (event.status === "yielded") {
    cell.yielded_at_unix_ms = event.timeUnixMs;
    cell.yielded_seq = event.seq;
  }
  cell.runtime_status = event.status;
}

/** Ends a cell; again if it had ended before. */
export function finishCell(cell: Draft<CodeCell>, status: CellStatus, at: Stamp): void {
  if (cell.initial_response_at_unix_ms === null) {
    cell.initial_response_at_unix_ms = at.timeUnixMs;
    cell.initial_response_seq = at.seq;
  }
  cell.execution.ended_at_unix_ms = at.timeUnixMs;
  cell.execution.ended_seq = at.seq;
  cell.execution.status = EXECUTION_OF_CELL[status];
  cell.runtime_status = status;
}

const EXECUTION_OF_CELL: { readonly [status in CellStatus]: ExecutionStatus } = {
  completed: "completed",
  failed: "failed",
  terminated: "cancelled",
  starting: "running",
  running: "running",
  yielded: "running",
};

/** An output item belongs to the cell with its call id, in whatever thread it is seen. */
export function linkOutputToCell(context: ReducerContext, item: Item): void {
  const { call_id: callId, kind } = item.record;
  if (callId === null || kind !== "custom_tool_call_output") return;
  const cell = context.cells.get(`code_cell:${callId}`);
  if (cell === undefined) return;
  addUnique(cell.output_item_ids, item.record.item_id);
  addProducer(item, { type: "code_cell", code_cell_id: cell.code_cell_id });
}

function stampOf(context: ReducerContext): Stamp {
  return { timeUnixMs: context.event.wall_time_unix_ms, seq: context.event.seq };
}
