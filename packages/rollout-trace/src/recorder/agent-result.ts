import type { AgentStatus } from "@codex-ts/protocol";
import type { TraceEventContext } from "../writer/trace-writer.ts";
import type { BundleRecorder } from "./bundle-recorder.ts";

/** The outcome of a child's turn, as its parent received it. */
export interface AgentResult {
  readonly childTurnId: string;
  readonly parentThreadId: string;
  readonly childAgentPath: string;
  /** The text as delivered to the parent. */
  readonly message: string;
  /** State of the child when its turn ended. */
  readonly status: AgentStatus;
}

/** `context` is the child's. */
export function recordAgentResult(
  bundle: BundleRecorder,
  context: TraceEventContext,
  result: AgentResult,
): void {
  const { childTurnId, parentThreadId, message } = result;
  const edgeId = `edge:agent_result:${context.threadId}:${childTurnId}:${parentThreadId}`;
  if (!bundle.knowsTurn(context) || bundle.agentResultEdges.has(edgeId)) return;
  const payload = bundle.writePayload("agent_result", {
    child_agent_path: result.childAgentPath,
    message,
    status: result.status,
  });
  const isWritten = bundle.append(
    {
      type: "agent_result_observed",
      edge_id: edgeId,
      child_thread_id: context.threadId,
      child_codex_turn_id: childTurnId,
      parent_thread_id: parentThreadId,
      message,
      carried_payload: payload ?? null,
    },
    context,
  );
  if (isWritten) bundle.agentResultEdges.add(edgeId);
}
