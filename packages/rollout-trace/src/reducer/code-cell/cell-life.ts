import type { CodeCell } from "../../model/runtime.ts";
import type { CellStatus, ExecutionStatus } from "../../format/raw-event.ts";
import type { Draft } from "../draft.ts";
import type { SchemaRules } from "../../schema/schema-rules.ts";

/** When an event happened. */
export interface Stamp {
  readonly timeUnixMs: number;
  readonly seq: number;
}

/** An initial response or an end, as its event has it. */
export interface CellLifeEvent extends Stamp {
  readonly isEnd: boolean;
  readonly runtimeCellId: string;
  readonly status: CellStatus;
  readonly payloadId: string | null;
}

export function applyLifeEvent(
  cell: Draft<CodeCell>,
  event: CellLifeEvent,
  rules: SchemaRules["codeCells"],
): void {
  if (event.isEnd) {
    finishCell(cell, event.status, event);
    if (rules.keepResponses && (rules.lastEndHasResult || event.payloadId !== null))
      cell.raw_result_payload_id = event.payloadId;
    return;
  }
  cell.runtime_cell_id = event.runtimeCellId;
  // The end of a turn gives a cell the time of a first response, but no response.
  const isFirst = rules.keepResponses
    ? cell.initial_response_status === null
    : cell.initial_response_at_unix_ms === null;
  if (isFirst) {
    cell.initial_response_at_unix_ms = event.timeUnixMs;
    cell.initial_response_seq = event.seq;
    if (rules.keepResponses) {
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
