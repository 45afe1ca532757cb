import type { ConversationProducer } from "../../model/conversation.ts";
import { linkOutputToCell } from "../code-cell/code-cell.ts";
import type { ReducerContext } from "../context.ts";
import { adoptResponsesId, fileUnderContent } from "./create-item.ts";
import type { Draft } from "../draft.ts";
import { deliver } from "../agents/interaction-edge.ts";
import type { Item } from "./item.ts";
import { partsEqual } from "./match.ts";
import type { NormalizedItem } from "../normalize/normalized-item.ts";
import { addProducer } from "./item.ts";
import { mergeReasoning } from "../normalize/reasoning-parts.ts";
import { linkItemToTool } from "../tool/tool-links.ts";
import { settleLinks } from "./unsettled.ts";

/**
 * Applies a sighting of an item, new or known, to it and to what it belongs.
 * Source: docs/behavior/rollout-trace.md 7.5.
 */
export function applySighting(
  context: ReducerContext,
  item: Item,
  incoming: NormalizedItem,
  producers: readonly ConversationProducer[],
): void {
  const { record } = item;
  if (record.responses_item_id === undefined && incoming.responsesId !== undefined)
    adoptResponsesId(item, incoming.responsesId);
  if (record.kind === "reasoning" && !partsEqual(record.body.parts, incoming.parts)) {
    const merged = mergeReasoning(record.body.parts, incoming.parts);
    if (!partsEqual(merged, record.body.parts)) {
      record.body.parts = [...merged] as Draft<typeof merged>;
      fileUnderContent(item);
    }
  }
  for (const producer of producers) addProducer(item, producer);
  link(context, item, incoming.callId);
}

/**
 * The part of a sighting that depends on other objects. `callId`: by which the item was shown; an output that is known by
 * its own id may be shown under another call id than the one it came with, also when that was not recorded, and is joined
 * with what it names.
 * Observed with 0.171.
 */
export function link(
  context: ReducerContext,
  item: Item,
  callId: string | null = item.record.call_id,
): void {
  settleLinks(context, item);
  if (callId !== null) {
    linkItemToTool(context, item, callId);
    linkOutputToCell(context, item, callId);
  }
  deliver(context, item);
}
