import type { ResponseItem } from "@codex-ts/protocol";
import type { ToolRuntimeEvent } from "@codex-ts/rollout-trace";
import type { AgentSession } from "./agent-session.ts";
import type { RandomRun, Step, Work } from "./random-session.ts";
import { dispatchOne } from "./random-tool-steps.ts";
import { childMetadata, ROOT_THREAD } from "./recording.ts";

const AGENT_PATH = "/root/helper";

function childOf(run: RandomRun): Work | undefined {
  const children = run.works.slice(1);
  return children.length === 0 ? undefined : run.oneOf(children);
}

/** A message between agents, sometimes with an id that requests carry. */
function agentMessage(
  run: RandomRun,
  author: string,
  recipient: string,
  text: string,
): ResponseItem {
  const withId = run.pick(2) === 0 ? { id: run.ids.next("amsg") } : {};
  return {
    type: "agent_message",
    ...withId,
    author,
    recipient,
    content: [{ type: "input_text", text }],
  };
}

function messageOf(input: string): string {
  try {
    const { message } = JSON.parse(input) as { message?: string };
    return message ?? "";
  } catch {
    return "";
  }
}

function activity(
  { trace, turnId = "" }: AgentSession,
  callId: string,
  threadId: string,
  kind: "started" | "interacted" | "interrupted",
): void {
  trace.recordToolCallEvent({
    turnId,
    event: {
      type: "sub_agent_activity",
      event_id: callId,
      occurred_at_ms: 1,
      agent_thread_id: threadId,
      agent_path: AGENT_PATH,
      kind,
    },
  });
}

function spawn(work: Work, run: RandomRun): void {
  const { session } = work;
  if (run.works.length >= 4 || session.trace.threadId !== ROOT_THREAD) return;
  const tool = dispatchOne(work, run, "spawn_agent");
  if (tool === undefined) return;
  const child = run.open(session.trace.startChild(childMetadata(run.ids.nextUuid()))).session;
  activity(session, tool.call.callId, child.trace.threadId, "started");
  session.finish(tool.call, tool.dispatch, "{}");
  child.startTurn("go");
  if (run.pick(2) === 0)
    child.accept(agentMessage(run, "/root", AGENT_PATH, messageOf(tool.call.input)));
}

function talk(work: Work, run: RandomRun): void {
  const { session } = work;
  const child = childOf(run)?.session;
  if (child === undefined || session === child) return;
  const tool = dispatchOne(work, run, "send_message", "followup_task");
  if (tool === undefined) return;
  activity(session, tool.call.callId, child.trace.threadId, "interacted");
  session.finish(tool.call, tool.dispatch, "{}");
  if (child.turnId === undefined) child.startTurn("again");
  if (run.pick(3) > 0)
    child.accept(agentMessage(run, "/root", AGENT_PATH, messageOf(tool.call.input)));
}

function close(work: Work, run: RandomRun): void {
  const { session } = work;
  const child = childOf(run)?.session;
  const tool = child && dispatchOne(work, run, "interrupt_agent");
  if (tool === undefined) return;
  activity(session, tool.call.callId, child?.trace.threadId ?? "", "interrupted");
  session.finish(tool.call, tool.dispatch, "{}");
}

/** The same tools as older versions told of them: a begin and an end of their own for each. */
function actInPairs(work: Work, run: RandomRun): void {
  const { session } = work;
  const turnId = session.turnId ?? "";
  const child = childOf(run)?.session;
  if (child === undefined) return;
  const tool = dispatchOne(work, run, "send_message", "followup_task", "interrupt_agent");
  if (tool === undefined) return;
  const isClose = tool.call.toolName === "interrupt_agent";
  const facts = {
    call_id: tool.call.callId,
    sender_thread_id: session.trace.threadId,
    receiver_thread_id: child.trace.threadId,
  };
  // Never delivered: a begin and an end that find their text in two items cannot be reduced, by Codex either.
  const prompt = run.ids.next("prompt");
  const record = (event: ToolRuntimeEvent): void =>
    session.trace.recordToolCallEvent({ turnId, event });
  const begun = { ...facts, started_at_ms: 1 };
  record(
    isClose
      ? { ...begun, type: "collab_close_begin" }
      : { ...begun, type: "collab_agent_interaction_begin", prompt },
  );
  if (run.isRare(4)) return;
  const ended = { ...facts, completed_at_ms: 2, status: "running" } as const;
  record(
    isClose
      ? { ...ended, type: "collab_close_end" }
      : { ...ended, type: "collab_agent_interaction_end", prompt },
  );
  session.finish(tool.call, tool.dispatch, "{}");
}

/** A child ends its turn and its parent is told. */
function report({ session }: Work, run: RandomRun): void {
  const root = run.works[0]?.session;
  const childTurnId = session.turnId;
  if (root === undefined || root === session || childTurnId === undefined || !run.isRare(3)) return;
  session.endTurn("completed");
  const text = `result ${run.pick(3)}`;
  session.trace.recordAgentResult({
    childTurnId,
    parentThreadId: ROOT_THREAD,
    childAgentPath: AGENT_PATH,
    message: text,
    status: run.oneOf([{ completed: text }, { errored: "x" }, "interrupted"]),
  });
  if (root.turnId === undefined) root.startTurn("the child is done");
  if (run.pick(3) > 0) root.accept(agentMessage(run, AGENT_PATH, "/root", text));
}

export const AGENT_STEPS: readonly Step[] = [spawn, spawn, talk, close, actInPairs, report];
