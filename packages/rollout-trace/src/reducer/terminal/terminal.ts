import type { TerminalOperation, TerminalRequest, ToolCall } from "../../model/runtime.ts";
import type { PayloadReference } from "../../format/payload.ts";
import type { ExecutionStatus } from "../../format/raw-event.ts";
import { quote } from "../../reader/problem.ts";
import type { ReducerContext } from "../context.ts";
import { addUnique } from "../draft.ts";
import type { Draft } from "../draft.ts";
import { readStdinInvocation } from "./stdin-invocation.ts";
import { readExecBegin, readTerminalEnd } from "./terminal-body.ts";
import { joinSession } from "./terminal-session.ts";
import type { ToolInvocation } from "../tool/tool-facts.ts";

interface NewOperation {
  readonly request: TerminalRequest;
  readonly processId: string | null;
  readonly payloadId: string;
}

/** A write to a running process that only its dispatch shows. */
export function startDispatchedStdin(
  context: ReducerContext,
  tool: Draft<ToolCall>,
  invocation: ToolInvocation,
): void {
  const read = readStdinInvocation(context, invocation);
  if (read === undefined) return;
  startOperation(context, tool, {
    request: read.request,
    processId: read.sessionId,
    payloadId: invocation.payloadId,
  });
}

/** A command or a write as the runtime began it. */
export function startRuntimeOperation(
  context: ReducerContext,
  tool: Draft<ToolCall>,
  reference: PayloadReference,
): void {
  const kind = tool.kind.type;
  if (kind !== "exec_command" && kind !== "write_stdin") return;
  if (tool.terminal_operation_id !== null) {
    context.problem(
      "terminal_conflict",
      `tool call ${quote(tool.tool_call_id)} gets a second terminal operation`,
      { objectId: tool.tool_call_id },
    );
    return;
  }
  const begin = readExecBegin(context.payload(reference), kind);
  if (begin === undefined) return;
  const { request, processId } = begin;
  startOperation(context, tool, { request, processId, payloadId: reference.raw_payload_id });
}

function startOperation(
  context: ReducerContext,
  tool: Draft<ToolCall>,
  { request, processId, payloadId }: NewOperation,
): void {
  const operation: Draft<TerminalOperation> = {
    operation_id: `terminal_operation:${context.operations.size + 1}`,
    terminal_id: null,
    tool_call_id: tool.tool_call_id,
    kind: request.type,
    execution: context.startedNow(),
    request: { ...request } as Draft<TerminalRequest>,
    result: null,
    model_observations: [],
    raw_payload_ids: [payloadId],
  };
  context.operations.set(operation.operation_id, operation);
  if (processId !== null) joinSession(context, tool.thread_id, operation, processId);
  tool.terminal_operation_id = operation.operation_id;
  tool.summary = { type: "terminal", operation_id: operation.operation_id };
}

/** Ends the tool's operation, if it has one, with what the body says. A second end overwrites the first. */
export function finishOperation(
  context: ReducerContext,
  tool: Draft<ToolCall>,
  status: ExecutionStatus,
  reference: PayloadReference | null,
): void {
  const operation =
    tool.terminal_operation_id === null
      ? undefined
      : context.operations.get(tool.terminal_operation_id);
  if (operation === undefined) return;
  context.endNow(operation.execution, status);
  if (reference === null) return;
  addUnique(operation.raw_payload_ids, reference.raw_payload_id);
  const end = readTerminalEnd(context.payload(reference), operation.kind, context.rules.terminals);
  if (end === undefined) return;
  if (end.processId !== null) learnProcess(context, tool, operation, end.processId);
  operation.result = { ...end.result };
}

function learnProcess(
  context: ReducerContext,
  tool: Draft<ToolCall>,
  operation: Draft<TerminalOperation>,
  processId: string,
): void {
  const known = context.processOfOperation.get(operation.operation_id);
  if (known === undefined) joinSession(context, tool.thread_id, operation, processId);
  else if (known !== processId) {
    context.problem(
      "terminal_conflict",
      `${operation.operation_id} changed its process id from ${quote(known)} to ${quote(processId)}`,
      { objectId: operation.operation_id },
    );
  }
}

/** Notes for each operation what the model saw of it: the items its tool is linked with. */
export function observeOperations(context: ReducerContext): void {
  for (const tool of context.tools.values()) {
    const calls = tool.model_visible_call_item_ids;
    const outputs = tool.model_visible_output_item_ids;
    if (tool.terminal_operation_id === null || calls.length + outputs.length === 0) continue;
    const operation = context.operations.get(tool.terminal_operation_id);
    if (operation === undefined) continue;
    operation.model_observations = [
      { call_item_ids: [...calls], output_item_ids: [...outputs], source: "direct_tool_call" },
    ];
  }
}
