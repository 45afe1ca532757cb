import type { ReducedTrace } from "@codex-ts/rollout-trace";
import { AGENTS } from "./agent-run.ts";
import type { AgentRun } from "./agent-run.ts";

/** What of a session is not as it has to be. */
export function troublesOf(state: ReducedTrace, { agentEvents, ends }: AgentRun): string[] {
  const threads = Object.values(state.threads);
  const edges = Object.values(state.interaction_edges);
  const found: string[] = [];
  const expectThat = (isSo: boolean, what: string): void => void (isSo || found.push(what));
  expectThat(ends.length === 2, "a turn of the root has no end");
  const isWhole = ends[0] !== "turnAborted";
  expectThat(!isWhole || threads.length > AGENTS, `there are ${threads.length} threads`);
  for (const thread of threads) {
    expectThat(thread.execution.ended_at_unix_ms !== null, `${thread.agent_path} has not ended`);
    if (thread.origin.type !== "spawned") continue;
    const { spawn_edge_id: edgeId, parent_thread_id: parentId } = thread.origin;
    expectThat(edgeId in state.interaction_edges, `${thread.agent_path} is an orphan`);
    expectThat(parentId in state.threads, `the parent of ${thread.agent_path} is not there`);
  }
  for (const [what, calls] of [
    ["turn", state.codex_turns],
    ["request", state.inference_calls],
    ["call", state.tool_calls],
  ] as const) {
    for (const [id, { execution }] of Object.entries(calls)) {
      expectThat(execution.ended_at_unix_ms !== null, `${what} ${id} has not ended`);
    }
  }
  // Each message an agent has read comes from somebody.
  const delivered = new Set(
    edges.flatMap(({ target }) => (target.type === "conversation_item" ? [target.item_id] : [])),
  );
  for (const item of Object.values(state.conversation_items)) {
    const { agent_message: mail } = item;
    if (mail === undefined) continue;
    const path = state.threads[item.thread_id]?.agent_path;
    // What a fork has of its parent was delivered there.
    if (mail.recipient !== path) continue;
    expectThat(delivered.has(item.item_id), `${mail.author} -> ${path} is not linked`);
  }
  for (const thread of threads.filter(({ origin }) => origin.type === "spawned")) {
    const ofThread = agentEvents.filter(({ agent }) => agent.threadId === thread.thread_id);
    const begun = ofThread.filter(({ event }) => event.type === "turnStarted").length;
    const over = ofThread.filter(({ event }) =>
      /^turn(Completed|Failed|Aborted)$/.test(event.type),
    );
    expectThat(begun > 0, `${thread.agent_path} has not begun`);
    expectThat(over.length >= begun, `${thread.agent_path} has a turn without an end event`);
  }
  return found;
}
