import { quote } from "../reader/problem.ts";
import type { ReducerContext } from "./context.ts";

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
