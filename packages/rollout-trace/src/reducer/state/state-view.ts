import { compareUtf8 } from "../../json/compare-utf8.ts";
import type { InteractionEdge } from "../../model/runtime.ts";
import type { RolloutHeader } from "../../model/session.ts";
import type { ReducedTrace } from "../../model/trace.ts";
import { quote } from "../../reader/problem.ts";
import type { ReducerContext } from "../context.ts";
import { copyRecord } from "./copy-record.ts";
import type { Draft } from "../draft.ts";
import { mergeEdge, toRecord } from "../agents/interaction-edge.ts";
import type { ItemList } from "../conversation/item-list.ts";
import { comparePlaces } from "../conversation/place.ts";
import { observeOperations } from "../terminal/terminal.ts";

type MapName = Exclude<keyof ReducedTrace, keyof RolloutHeader>;

/** The maps of a state by name, in the order of a state. */
type StateMaps = {
  readonly [Name in MapName]: ReadonlyMap<string, ReducedTrace[Name][string]>;
};

/**
 * A state as the reducer keeps it: good until the next event. Only the lists of items that requests showed are not in
 * their records: nearly each is a beginning of the next one, and written out they are larger than all the rest.
 */
export interface StateView {
  readonly header: RolloutHeader;
  readonly maps: StateMaps;
  readonly requestItems: ReadonlyMap<string, ItemList>;
}

/** The state as if the log ended here. */
export function viewState(context: ReducerContext): StateView {
  observeOperations(context);
  for (const [threadId, thread] of context.threads)
    thread.conversation_item_ids = conversationOf(context, threadId);
  return {
    header: headerOf(context),
    maps: {
      threads: context.threads,
      codex_turns: context.turns,
      conversation_items: new Map([...context.items].map(([id, item]) => [id, item.record])),
      inference_calls: context.inferences,
      code_cells: context.cells,
      tool_calls: context.tools,
      terminal_sessions: context.sessions,
      terminal_operations: context.operations,
      compactions: context.compactions,
      compaction_requests: context.compactionRequests,
      interaction_edges: finalEdges(context),
      raw_payloads: context.rawPayloads,
    },
    requestItems: context.requestItems,
  };
}

function headerOf(context: ReducerContext): RolloutHeader {
  const { header, isRecordingComplete: isComplete } = context;
  switch (context.rules.log.completion) {
    case "unknown":
      break;
    case "flag":
      header.recording_complete = isComplete;
      break;
    case "status": {
      const closed = context.hasPartialPayloads ? "closed_with_partial_payloads" : "complete";
      header.recording_status = isComplete ? closed : "unclosed";
      break;
    }
  }
  return header;
}

function conversationOf(context: ReducerContext, threadId: string): string[] {
  const items = [...(context.histories.get(threadId)?.conversation ?? [])];
  if (context.rules.items.orderInConversation === "creation") items.sort(comparePlaces);
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
    const merged = known === undefined ? edge : mergeEdge(copyRecord(known), edge);
    if (merged === undefined) {
      context.problem("edge_conflict", `edge ${quote(edge.edge_id)} has conflicting ends`, {
        objectId: edge.edge_id,
      });
    } else edges.set(edge.edge_id, merged);
  }
  return edges;
}

/** The ids of a map in the order of their UTF-8 bytes. Without surrogates JavaScript's own order is the same, and faster. */
export function sortedIds(map: ReadonlyMap<string, unknown>): string[] {
  const sorted = [...map.keys()];
  return sorted.some((id) => SURROGATE.test(id)) ? sorted.toSorted(compareUtf8) : sorted.toSorted();
}

const SURROGATE = /[\ud800-\udfff]/;
