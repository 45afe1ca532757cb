import type { CellStatus, ExecutionStatus } from "../format/raw-event.ts";
import { quote } from "../reader/problem.ts";
import { finishCell } from "./code-cell/cell-life.ts";
import type { ReducerContext } from "./context.ts";
import type { EventPayload } from "../format/raw-event.ts";
import { reportUnknownThread } from "./thread.ts";

export function startTurn(
  context: ReducerContext,
  payload: EventPayload<"codex_turn_started">,
): void {
  const turnId = payload.codex_turn_id;
  if (context.turns.has(turnId)) {
    context.problem("duplicate", `turn ${quote(turnId)} starts twice`, { objectId: turnId });
    return;
  }
  if (!context.threads.has(payload.thread_id)) reportUnknownThread(context, payload.thread_id);
  context.turns.set(turnId, {
    codex_turn_id: turnId,
    thread_id: payload.thread_id,
    execution: context.startedNow(),
    input_item_ids: [],
  });
}

/** Ends a turn and, in this order, the cells and inference calls of it that still run. */
export function endTurn(context: ReducerContext, payload: EventPayload<"codex_turn_ended">): void {
  const turnId = payload.codex_turn_id;
  const turn = context.turns.get(turnId);
  if (turn === undefined) {
    context.problem("unknown_reference", `end of turn ${quote(turnId)}, which was never started`, {
      objectId: turnId,
    });
    return;
  }
  const threadId = context.event.thread_id;
  if (threadId !== null && threadId !== turn.thread_id) {
    context.problem(
      "context_mismatch",
      `end of turn ${quote(turnId)} comes from thread ${quote(threadId)}, the turn belongs to ${quote(turn.thread_id)}`,
      { objectId: turnId },
    );
  }
  context.endNow(turn.execution, payload.status);
  endCells(context, turnId, CELL_END[payload.status]);
  endInferences(context, turnId, INFERENCE_END[payload.status]);
}

/** Status of a turn's running cells after its end; a yielded cell may outlive a completed turn. */
const CELL_END: { readonly [status in ExecutionStatus]: CellStatus | undefined } = {
  completed: undefined,
  cancelled: "terminated",
  failed: "failed",
  aborted: "terminated",
  running: undefined,
};

/** A response still streaming when its turn completes was dropped. */
const INFERENCE_END: { readonly [status in ExecutionStatus]: ExecutionStatus | undefined } = {
  completed: "cancelled",
  cancelled: "cancelled",
  failed: "failed",
  aborted: "aborted",
  running: undefined,
};

function endCells(context: ReducerContext, turnId: string, status: CellStatus | undefined): void {
  if (status === undefined) return;
  for (const cellId of context.cellsOfTurn.get(turnId) ?? []) {
    const cell = context.cells.get(cellId);
    if (cell?.execution.status === "running") {
      finishCell(cell, status, {
        timeUnixMs: context.event.wall_time_unix_ms,
        seq: context.event.seq,
      });
    }
  }
}

function endInferences(
  context: ReducerContext,
  turnId: string,
  status: ExecutionStatus | undefined,
): void {
  if (status === undefined) return;
  for (const callId of context.inferencesOfTurn.get(turnId) ?? []) {
    const call = context.inferences.get(callId);
    if (call?.execution.status === "running") context.endNow(call.execution, status);
  }
}

/**
 * Checks that a turn exists and belongs to the thread; reports it otherwise. The caller goes on: in tolerant mode work
 * whose turn was lost is still worth showing. `what` is asked only then.
 */
export function checkTurn(
  context: ReducerContext,
  turnId: string,
  threadId: string,
  what: () => string,
): void {
  const turn = context.turns.get(turnId);
  if (turn === undefined) {
    context.problem(
      "unknown_reference",
      `${what()} names turn ${quote(turnId)}, which was never started`,
      {
        objectId: turnId,
      },
    );
  } else if (turn.thread_id !== threadId) {
    context.problem(
      "context_mismatch",
      `${what()} names turn ${quote(turnId)} of thread ${quote(turn.thread_id)} in thread ${quote(threadId)}`,
      { objectId: turnId },
    );
  }
}
