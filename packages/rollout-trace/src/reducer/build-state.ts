import { compareUtf8 } from "../json/compare-utf8.ts";
import type { InteractionEdge } from "../model/runtime.ts";
import type { ReducedTrace } from "../model/trace.ts";
import { quote } from "../reader/problem.ts";
import type { ReducerContext } from "./context.ts";
import type { Draft } from "./draft.ts";
import { mergeEdge, toRecord } from "./edge.ts";

/** How the state relates to the reducer that made it. */
export type StateOwnership =
  /** The reducer is done; the state takes its records. */
  | "taken"
  /** The reducer goes on; the state is a copy. */
  | "copied";

/** The state as if the log ended here. */
export function buildState(context: ReducerContext, ownership: StateOwnership): ReducedTrace {
  const give = <T>(map: ReadonlyMap<string, T>): { [id: string]: T } =>
    sortedObject(map, ownership === "taken" ? (value) => value : copyOf);
  for (const [threadId, thread] of context.threads)
    thread.conversation_item_ids = conversationOf(context, threadId);
  const printed = new WeakMap<object, string[]>();
  for (const [callId, items] of context.requestItems) {
    const call = context.inferences.get(callId);
    if (call !== undefined) call.request_item_ids = items.ids(printed);
  }
  const records = new Map([...context.items].map(([id, item]) => [id, item.record]));
  const { schema_version, trace_id, rollout_id, root_thread_id } = context.header;
  const { started_at_unix_ms, ended_at_unix_ms, status, recording_complete } = context.header;
  return {
    schema_version,
    trace_id,
    rollout_id,
    started_at_unix_ms,
    ended_at_unix_ms,
    status,
    ...(recording_complete === undefined ? {} : { recording_complete }),
    root_thread_id,
    threads: give(context.threads),
    codex_turns: give(context.turns),
    conversation_items: give(records),
    inference_calls: give(context.inferences),
    code_cells: give(context.cells),
    tool_calls: give(context.tools),
    terminal_sessions: give(context.sessions),
    terminal_operations: give(context.operations),
    compactions: give(context.compactions),
    compaction_requests: give(context.compactionRequests),
    interaction_edges: give(finalEdges(context)),
    raw_payloads: give(context.rawPayloads),
  };
}

function conversationOf(context: ReducerContext, threadId: string): string[] {
  const items = [...(context.histories.get(threadId)?.conversation ?? [])];
  if (context.schema === 2) items.sort((left, right) => left.number - right.number);
  return items.map((item) => item.record.item_id);
}

/** The edges made so far, and those that still wait but have a thread to end at. */
function finalEdges(context: ReducerContext): Map<string, Draft<InteractionEdge>> {
  const edges = new Map(context.edges);
  for (const queued of context.queuedEdges) {
    const threadId = queued.fallbackThreadId;
    if (threadId === null || !context.threads.has(threadId)) continue;
    const edge = toRecord(queued, { type: "thread", thread_id: threadId });
    const known = edges.get(edge.edge_id);
    // A copy: asking for the state must not change what the next event finds.
    const merged = known === undefined ? edge : mergeEdge(copyOf(known), edge);
    if (merged === undefined) {
      context.problem("edge_conflict", `edge ${quote(edge.edge_id)} has conflicting ends`, {
        objectId: edge.edge_id,
      });
    } else edges.set(edge.edge_id, merged);
  }
  return edges;
}

/** An object with its keys in the order of their UTF-8 bytes, whatever they are called. */
function sortedObject<T>(map: ReadonlyMap<string, T>, give: (value: T) => T): { [id: string]: T } {
  // Made without a prototype and given one at the end: `__proto__` is a key like any other, and large objects grow fast.
  const object = Object.create(null) as { [id: string]: T };
  for (const id of sortedIds(map.keys())) object[id] = give(map.get(id) as T);
  return Object.setPrototypeOf(object, Object.prototype) as { [id: string]: T };
}

/** Without surrogates JavaScript's own order is the same, and faster. */
function sortedIds(ids: Iterable<string>): string[] {
  const sorted = [...ids];
  return sorted.some((id) => SURROGATE.test(id)) ? sorted.toSorted(compareUtf8) : sorted.toSorted();
}

const SURROGATE = /[\ud800-\udfff]/;

/** A deep copy of plain data. */
function copyOf<T>(value: T): T {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(copyOf) as T;
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [key, copyOf(member)]),
  ) as T;
}
