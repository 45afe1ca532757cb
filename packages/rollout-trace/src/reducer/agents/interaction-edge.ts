import { inPlace } from "../conversation/place.ts";
import type { InteractionAnchor, InteractionEdge } from "../../model/runtime.ts";
import { quote } from "../../reader/problem.ts";
import type { ReducerContext } from "../context.ts";
import type { QueuedEdge } from "../pending.ts";
import { readDelivery } from "./delivery.ts";
import type { Delivery } from "./delivery.ts";
import { addUnique } from "../draft.ts";
import type { Draft } from "../draft.ts";
import type { Item } from "../conversation/item.ts";
import { addToList } from "../conversation/thread-history.ts";

/** Makes the edge at once when the receiver already saw the message, else queues it. */
export function queueEdge(context: ReducerContext, edge: QueuedEdge): void {
  const seen = findDelivered(context, edge);
  if (seen !== undefined) {
    makeEdgeToItem(context, edge, seen);
    return;
  }
  const queued = context.queuedEdges.find((other) => other.edgeId === edge.edgeId);
  if (queued === undefined) context.queuedEdges.push(edge);
  else mergeQueued(context, queued, edge);
}

function findDelivered(context: ReducerContext, edge: QueuedEdge): Item | undefined {
  const history = context.histories.get(edge.targetThreadId);
  if (history === undefined) return undefined;
  // Some items never enter the conversation, such as those of a response that was not accepted.
  const { deliverTo } = context.rules.agents;
  const items = deliverTo === "thread" ? inPlace(history.items) : [...history.conversation];
  return items.find((item) => {
    if (context.deliveredItems.has(item.record.item_id)) return false;
    const delivery = readDelivery(context, item);
    return delivery !== undefined && isFor(context, edge, item, delivery);
  });
}

function mergeQueued(context: ReducerContext, queued: QueuedEdge, edge: QueuedEdge): void {
  const agrees =
    queued.kind === edge.kind &&
    sameAnchor(queued.source, edge.source) &&
    queued.targetThreadId === edge.targetThreadId &&
    queued.content === edge.content &&
    queued.fallbackThreadId === edge.fallbackThreadId;
  if (!agrees) {
    context.problem("edge_conflict", `edge ${quote(edge.edgeId)} has conflicting deliveries`, {
      objectId: edge.edgeId,
    });
    return;
  }
  queued.startedAtUnixMs = Math.min(queued.startedAtUnixMs, edge.startedAtUnixMs);
  queued.endedAtUnixMs = latest(queued.endedAtUnixMs, edge.endedAtUnixMs);
  for (const id of edge.payloadIds) addUnique(queued.payloadIds, id);
}

/** An item was sighted: if it delivers a queued message, the edge ends there. */
export function deliver(context: ReducerContext, item: Item): void {
  if (context.queuedEdges.length === 0 || context.deliveredItems.has(item.record.item_id)) return;
  const delivery = readDelivery(context, item);
  if (delivery === undefined) return;
  const index = context.queuedEdges.findIndex((edge) => isFor(context, edge, item, delivery));
  const [edge] = index === -1 ? [] : context.queuedEdges.splice(index, 1);
  if (edge !== undefined) makeEdgeToItem(context, edge, item);
}

function isFor(context: ReducerContext, edge: QueuedEdge, item: Item, delivery: Delivery): boolean {
  return (
    edge.targetThreadId === item.siblings.threadId &&
    edge.content === delivery.content &&
    delivery.author === pathOfSource(context, edge.source)
  );
}

function pathOfSource(context: ReducerContext, source: InteractionAnchor): string | undefined {
  return context.threads.get(threadOfAnchor(context, source) ?? "")?.agent_path;
}

function threadOfAnchor(context: ReducerContext, anchor: InteractionAnchor): string | undefined {
  switch (anchor.type) {
    case "thread":
      return anchor.thread_id;
    case "tool_call":
      return context.tools.get(anchor.tool_call_id)?.thread_id;
    case "conversation_item":
      return context.items.get(anchor.item_id)?.siblings.threadId;
  }
  return anchor satisfies never;
}

function makeEdgeToItem(context: ReducerContext, edge: QueuedEdge, item: Item): void {
  const itemId = item.record.item_id;
  makeEdge(context, {
    ...toRecord(edge, { type: "conversation_item", item_id: itemId }),
    carried_item_ids: [itemId],
  });
}

/** The edge of a queued one that ends at `target`, with nothing carried to an item. */
export function toRecord(edge: QueuedEdge, target: InteractionAnchor): Draft<InteractionEdge> {
  return {
    edge_id: edge.edgeId,
    kind: edge.kind,
    source: edge.source,
    target,
    started_at_unix_ms: edge.startedAtUnixMs,
    ended_at_unix_ms: edge.endedAtUnixMs,
    carried_item_ids: [],
    carried_raw_payload_ids: [...edge.payloadIds],
  };
}

/** Adds an edge, or extends the one that has its id. */
export function makeEdge(context: ReducerContext, edge: Draft<InteractionEdge>): void {
  const known = context.edges.get(edge.edge_id);
  if (known === undefined) {
    context.edges.set(edge.edge_id, edge);
    if (edge.source.type === "tool_call")
      addToList(context.edgesOfSourceTool, edge.source.tool_call_id, edge.edge_id);
  } else if (mergeEdge(known, edge) === undefined) {
    context.problem("edge_conflict", `edge ${quote(edge.edge_id)} has conflicting ends`, {
      objectId: edge.edge_id,
    });
    return;
  }
  if (edge.target.type === "conversation_item") context.deliveredItems.add(edge.target.item_id);
}

/** Extends `known` by what `edge` says about the same interaction; `undefined` when the two contradict each other. */
export function mergeEdge(
  known: Draft<InteractionEdge>,
  edge: Draft<InteractionEdge>,
): Draft<InteractionEdge> | undefined {
  const agrees =
    known.kind === edge.kind &&
    sameAnchor(known.source, edge.source) &&
    sameAnchor(known.target, edge.target);
  if (!agrees) return undefined;
  known.started_at_unix_ms = Math.min(known.started_at_unix_ms, edge.started_at_unix_ms);
  known.ended_at_unix_ms = latest(known.ended_at_unix_ms, edge.ended_at_unix_ms);
  for (const id of edge.carried_item_ids) addUnique(known.carried_item_ids, id);
  for (const id of edge.carried_raw_payload_ids) addUnique(known.carried_raw_payload_ids, id);
  return known;
}

function latest(left: number | null, right: number | null): number | null {
  if (left === null || right === null) return left ?? right;
  return Math.max(left, right);
}

function sameAnchor(left: InteractionAnchor, right: InteractionAnchor): boolean {
  return left.type === right.type && anchorId(left) === anchorId(right);
}

function anchorId(anchor: InteractionAnchor): string {
  switch (anchor.type) {
    case "thread":
      return anchor.thread_id;
    case "tool_call":
      return anchor.tool_call_id;
    case "conversation_item":
      return anchor.item_id;
  }
  return anchor satisfies never;
}
