import type { TerminalOperation } from "../../model/runtime.ts";
import { quote } from "../../reader/problem.ts";
import type { ReducerContext } from "../context.ts";
import { addUnique } from "../draft.ts";
import type { Draft } from "../draft.ts";
import type { EventPayload } from "../../format/raw-event.ts";

/** Puts an operation into the session of its process, which it may open. */
export function joinSession(
  context: ReducerContext,
  threadId: string,
  operation: Draft<TerminalOperation>,
  processId: string,
): void {
  context.processOfOperation.set(operation.operation_id, processId);
  if (context.rules.terminals.sessionsAreProcesses) {
    join(context, threadId, operation, processId);
    return;
  }
  const { sessionOfProcess } = context.history(threadId);
  const known = sessionOfProcess.get(processId);
  // Process ids come back; a new command is a new session whatever its id.
  const opensItsOwn = operation.kind === "exec_command" || known === undefined;
  const terminalId = opensItsOwn ? `terminal_session:${operation.operation_id}` : known;
  sessionOfProcess.set(processId, terminalId);
  join(context, threadId, operation, terminalId);
}

function join(
  context: ReducerContext,
  threadId: string,
  operation: Draft<TerminalOperation>,
  terminalId: string,
): void {
  const session = context.sessions.get(terminalId);
  if (session === undefined) {
    const { started_at_unix_ms, started_seq } = operation.execution;
    context.sessions.set(terminalId, {
      terminal_id: terminalId,
      thread_id: threadId,
      created_by_operation_id: operation.operation_id,
      operation_ids: [operation.operation_id],
      execution: {
        started_at_unix_ms,
        started_seq,
        ended_at_unix_ms: null,
        ended_seq: null,
        status: "running",
      },
    });
  } else if (session.thread_id === threadId) {
    addUnique(session.operation_ids, operation.operation_id);
  } else {
    context.problem(
      "terminal_conflict",
      `terminal session ${quote(terminalId)} of thread ${quote(session.thread_id)} is used in thread ${quote(threadId)}`,
      { objectId: terminalId },
    );
    return;
  }
  operation.terminal_id = terminalId;
}

/** A write found the process it writes to, which its session id alone does not always show. */
export function resolveStdinTarget(
  context: ReducerContext,
  payload: EventPayload<"stdin_target_resolved">,
): void {
  const write = operationOf(context, payload.tool_call_id);
  const command = operationOf(context, payload.exec_tool_call_id);
  const target = command?.terminal_id ?? null;
  if (write === undefined || target === null || write.terminal_id === target) return;
  const left = write.terminal_id === null ? undefined : context.sessions.get(write.terminal_id);
  if (left !== undefined) {
    left.operation_ids = left.operation_ids.filter((id) => id !== write.operation_id);
    if (left.operation_ids.length === 0) context.sessions.delete(left.terminal_id);
  }
  write.terminal_id = target;
  const processId = command && context.processOfOperation.get(command.operation_id);
  if (processId !== undefined) context.processOfOperation.set(write.operation_id, processId);
  const session = context.sessions.get(target);
  if (session !== undefined) addUnique(session.operation_ids, write.operation_id);
}

function operationOf(
  context: ReducerContext,
  toolId: string,
): Draft<TerminalOperation> | undefined {
  const tool = context.tools.get(toolId);
  if (tool === undefined) {
    context.problem(
      "unknown_reference",
      `stdin target names tool call ${quote(toolId)}, which was never started`,
      { objectId: toolId },
    );
    return undefined;
  }
  return tool.terminal_operation_id === null
    ? undefined
    : context.operations.get(tool.terminal_operation_id);
}
