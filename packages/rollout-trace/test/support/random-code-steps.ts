import type { CodeCellResponse, CodeCellTrace } from "@codex-ts/rollout-trace";
import type { RandomRun, Step, Work } from "./random-session.ts";
import { dispatchOne } from "./random-tool-steps.ts";

function randomEnd(run: RandomRun): CodeCellResponse {
  return run.oneOf<CodeCellResponse>([
    { Result: { content_items: [], error_text: null } },
    { Result: { content_items: [], error_text: "boom" } },
    { Terminated: { content_items: [] } },
  ]);
}

/** The whole of an `exec` call: its cell, calls out of it, and its first answer, or none when the process dies. */
function runCell(work: Work, run: RandomRun): void {
  const { session, cells, tools } = work;
  const turnId = session.turnId;
  const tool = dispatchOne(work, run, "exec");
  if (tool === undefined || turnId === undefined) return;
  const runtimeCellId = String(run.pick(4));
  const cell: CodeCellTrace = session.trace.startCodeCell({
    turnId,
    runtimeCellId,
    modelVisibleCallId: tool.call.callId,
    sourceJs: tool.call.input,
  });
  for (let count = run.pick(3); count > 0; count -= 1) callFromCell(work, run, runtimeCellId);
  tools.push(tool);
  if (run.isRare(4)) return;
  if (run.pick(2) === 0) cell.recordInitialResponse(randomEnd(run));
  else {
    cell.recordInitialResponse({ Yielded: { content_items: [] } });
    cells.push(runtimeCellId);
  }
}

function callFromCell({ session }: Work, run: RandomRun, runtimeCellId: string): void {
  const turnId = session.turnId ?? "";
  const dispatch = session.trace.startToolDispatch(() => ({
    turnId,
    toolCallId: run.ids.next("exec"),
    toolName: run.oneOf(["exec_command", "apply_patch", "write_stdin"]),
    toolNamespace: null,
    requester: { type: "code_cell", runtimeCellId, runtimeToolId: run.ids.next("tool") },
    payload: { type: "function", arguments: '{"session_id":1,"chars":"y"}' },
  }));
  if (run.isRare(4)) return;
  const value = run.oneOf([
    { output: "text", exit_code: 0, original_token_count: 3, chunk_id: "c" },
    "plain text",
    null,
    [{ type: "input_text", text: "a" }],
  ]);
  dispatch.recordCompleted({
    status: run.oneOf(["completed", "failed"]),
    result: { type: "code_mode_response", value },
  });
}

function endCell({ session, cells }: Work, run: RandomRun): void {
  if (session.turnId === undefined || cells.length === 0) return;
  const [runtimeCellId] = cells.splice(run.pick(cells.length), 1);
  if (runtimeCellId === undefined) return;
  session.trace.codeCell({ turnId: session.turnId, runtimeCellId }).recordEnded(randomEnd(run));
}

export const CODE_STEPS: readonly Step[] = [runCell, runCell, endCell];
