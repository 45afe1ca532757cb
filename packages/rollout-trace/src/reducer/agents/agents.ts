import { isJsonObject } from "@codex-ts/protocol";
import type { JsonValue } from "@codex-ts/protocol";
import type { InteractionAnchor, InteractionKind, ToolCall } from "../../model/runtime.ts";
import type { PayloadReference } from "../../format/payload.ts";
import { parseStrictJson } from "../../json/parse-strict.ts";
import { compareUtf8 } from "../../json/compare-utf8.ts";
import { quote } from "../../reader/problem.ts";
import { readActivity, readClose, readInteraction, readSpawnEnd } from "./agent-bodies.ts";
import type { ActivityBody } from "./agent-bodies.ts";
import type { ReducerContext } from "../context.ts";
import { addUnique } from "../draft.ts";
import type { Draft } from "../draft.ts";
import { makeEdge, queueEdge, toRecord } from "./interaction-edge.ts";
import type { QueuedEdge } from "../pending.ts";
import type { EventPayload } from "../../format/raw-event.ts";
import type { LoadedPayload } from "../loaded-payload.ts";
import { reportUnknownThread } from "../thread.ts";

/** The start of something one agent does to another, as 0.132 records it. */
export function observeAgentBegin(
  context: ReducerContext,
  tool: Draft<ToolCall>,
  reference: PayloadReference,
): void {
  const kind = tool.kind.type;
  if (kind !== "assign_agent_task" && kind !== "send_message" && kind !== "close_agent") return;
  const payload = context.payload(reference);
  const body = payload.wholeJson();
  if (body !== undefined) observeInteraction(context, tool, payload, { body, kind, isEnd: false });
}

/** The end of it, or from 0.140 on the one event there is. */
export function observeAgentEnd(
  context: ReducerContext,
  tool: Draft<ToolCall>,
  reference: PayloadReference,
): void {
  if (tool.kind.type === "mcp" && !context.rules.agents.mayReportOverMcp) return;
  const payload = context.payload(reference);
  const body = payload.wholeJson();
  if (body === undefined) return;
  if (isJsonObject(body) && body["agent_thread_id"] !== undefined) {
    observeActivity(context, tool, payload, body);
    return;
  }
  const kind = tool.kind.type;
  if (kind === "assign_agent_task" || kind === "send_message" || kind === "close_agent")
    observeInteraction(context, tool, payload, { body, kind, isEnd: true });
  if (kind === "spawn_agent") observeSpawnEnd(context, tool, payload, body);
}

function observeInteraction(
  context: ReducerContext,
  tool: Draft<ToolCall>,
  payload: LoadedPayload,
  {
    body,
    kind,
    isEnd,
  }: {
    readonly body: JsonValue;
    readonly kind: "assign_agent_task" | "send_message" | "close_agent";
    readonly isEnd: boolean;
  },
): void {
  if (kind === "close_agent") {
    const close = readClose(payload, body, isEnd);
    if (close === undefined) payload.misshapen("is not about closing an agent");
    else closeAgent(context, tool, close.receiverThreadId, isEnd);
    return;
  }
  const interaction = readInteraction(payload, body, isEnd);
  if (interaction === undefined) {
    payload.misshapen("is not about sending to an agent");
    return;
  }
  queueEdge(context, {
    ...edgeOfTool(context, tool, kind, isEnd),
    targetThreadId: interaction.receiverThreadId,
    content: interaction.prompt,
  });
}

function observeSpawnEnd(
  context: ReducerContext,
  tool: Draft<ToolCall>,
  payload: LoadedPayload,
  body: JsonValue,
): void {
  const spawn = readSpawnEnd(payload, body);
  if (spawn === undefined) {
    payload.misshapen("is not the end of spawning an agent");
    return;
  }
  if (spawn.newThreadId === null) return;
  queueEdge(context, {
    ...edgeOfTool(context, tool, "spawn_agent", true),
    edgeId: `edge:spawn:${spawn.senderThreadId}:${spawn.newThreadId}`,
    targetThreadId: spawn.newThreadId,
    fallbackThreadId: spawn.newThreadId,
    content: spawn.prompt,
  });
}

function observeActivity(
  context: ReducerContext,
  tool: Draft<ToolCall>,
  payload: LoadedPayload,
  body: JsonValue,
): void {
  const activity = readActivity(payload, body, context.rules.agents);
  // That an agent is done makes no edge, whatever tool the event is said to belong to.
  if (activity?.kind === "completed") return;
  const kind = activity === undefined ? undefined : edgeKindOf(tool, activity.kind);
  if (activity === undefined || kind === undefined) {
    payload.misshapen(`is no agent activity of a ${tool.kind.type} call`);
    return;
  }
  const threadId = activity.agentThreadId;
  if (kind === "close_agent") {
    closeAgent(context, tool, threadId, true);
    return;
  }
  const content = messageArgument(context, tool);
  if (content === undefined) return;
  const edge = { ...edgeOfTool(context, tool, kind, true), targetThreadId: threadId, content };
  queueEdge(
    context,
    kind === "spawn_agent"
      ? { ...edge, edgeId: `edge:spawn:${tool.thread_id}:${threadId}`, fallbackThreadId: threadId }
      : edge,
  );
}

/** Which activity belongs to which kind of call; any other pair is a contradiction. */
function edgeKindOf(
  tool: Draft<ToolCall>,
  activity: Exclude<ActivityBody["kind"], "completed">,
): Exclude<InteractionKind, "agent_result"> | undefined {
  const kind = tool.kind.type;
  switch (activity) {
    case "started":
      return kind === "spawn_agent" ? kind : undefined;
    case "interacted":
      return kind === "assign_agent_task" || kind === "send_message" ? kind : undefined;
    case "interrupted":
      return kind === "close_agent" ? kind : undefined;
  }
  return activity satisfies never;
}

/**
 * The text the model asked to send, which an activity event does not repeat; `undefined` after reporting that it is not
 * there, and, without that, where the recording's limits left it out.
 */
function messageArgument(context: ReducerContext, tool: Draft<ToolCall>): string | undefined {
  const invocation = context.toolFacts.get(tool.tool_call_id)?.invocation;
  if (invocation === "lost") return undefined;
  const isPartial = invocation?.isPartial === true;
  const text = invocation?.arguments ?? null;
  const found = text === null || isPartial ? undefined : parsedMessage(text);
  if (found === undefined) {
    const what = isPartial ? "was not recorded whole" : "holds no message for the agent";
    context.problem(
      "payload_shape",
      `invocation of tool call ${quote(tool.tool_call_id)} ${what}`,
      { objectId: tool.tool_call_id },
    );
  }
  return found;
}

function parsedMessage(text: string): string | undefined {
  try {
    const value = parseStrictJson(text);
    const message = isJsonObject(value) ? value["message"] : undefined;
    return typeof message === "string" ? message : undefined;
  } catch {
    return undefined;
  }
}

/** An agent is closed whether or not it sees it, so the edge ends at its thread. */
function closeAgent(
  context: ReducerContext,
  tool: Draft<ToolCall>,
  threadId: string,
  isEnd: boolean,
): void {
  if (!context.threads.has(threadId)) return;
  const edge = { ...edgeOfTool(context, tool, "close_agent", isEnd), content: "" };
  makeEdge(
    context,
    toRecord({ ...edge, targetThreadId: threadId }, { type: "thread", thread_id: threadId }),
  );
}

function edgeOfTool(
  context: ReducerContext,
  tool: Draft<ToolCall>,
  kind: InteractionKind,
  isEnd: boolean,
): Omit<QueuedEdge, "targetThreadId" | "content"> {
  const payloadIds = [
    tool.raw_invocation_payload_id,
    ...tool.raw_runtime_payload_ids,
    tool.raw_result_payload_id,
  ].filter((id) => id !== null);
  return {
    edgeId: `edge:tool:${tool.tool_call_id}`,
    kind,
    source: { type: "tool_call", tool_call_id: tool.tool_call_id },
    fallbackThreadId: null,
    startedAtUnixMs: tool.execution.started_at_unix_ms,
    endedAtUnixMs: isEnd ? context.event.wall_time_unix_ms : null,
    payloadIds: [...new Set(payloadIds)],
  };
}

/** The tool's result belongs to what it did: to its first edge, else to the first that waits. */
export function carryToolResult(
  context: ReducerContext,
  tool: Draft<ToolCall>,
  payloadId: string,
): void {
  const toolId = tool.tool_call_id;
  const edgeId = context.edgesOfSourceTool.get(toolId)?.toSorted(compareUtf8)[0];
  const edge = edgeId === undefined ? undefined : context.edges.get(edgeId);
  if (edge !== undefined) {
    addUnique(edge.carried_raw_payload_ids, payloadId);
    return;
  }
  const queued = context.queuedEdges.find(
    ({ source }) => source.type === "tool_call" && source.tool_call_id === toolId,
  );
  if (queued !== undefined) addUnique(queued.payloadIds, payloadId);
}

/** A child's final word reached its parent. */
export function observeAgentResult(
  context: ReducerContext,
  payload: EventPayload<"agent_result_observed">,
): void {
  const childId = payload.child_thread_id;
  if (!context.threads.has(childId)) {
    reportUnknownThread(context, childId);
    return;
  }
  const now = context.event.wall_time_unix_ms;
  queueEdge(context, {
    edgeId: payload.edge_id,
    kind: "agent_result",
    source: lastWord(context, childId, payload.child_codex_turn_id),
    targetThreadId: payload.parent_thread_id,
    content: payload.message,
    fallbackThreadId: null,
    startedAtUnixMs: now,
    endedAtUnixMs: now,
    payloadIds: payload.carried_payload === null ? [] : [payload.carried_payload.raw_payload_id],
  });
}

/** The last assistant message of a turn; of equally old ones the greatest id by its bytes. Without one, the thread. */
function lastWord(context: ReducerContext, threadId: string, turnId: string): InteractionAnchor {
  let last: { readonly itemId: string; readonly seenAt: number } | undefined;
  for (const { record } of context.history(threadId).items) {
    const isCandidate =
      record.codex_turn_id === turnId &&
      record.kind === "message" &&
      record.role === "assistant" &&
      record.agent_message === undefined;
    if (!isCandidate) continue;
    const seenAt = record.first_seen_at_unix_ms;
    const isLater =
      last === undefined ||
      seenAt > last.seenAt ||
      (seenAt === last.seenAt && compareUtf8(record.item_id, last.itemId) > 0);
    if (isLater) last = { itemId: record.item_id, seenAt };
  }
  return last === undefined
    ? { type: "thread", thread_id: threadId }
    : { type: "conversation_item", item_id: last.itemId };
}
