import type { ToolCall } from "../../model/runtime.ts";
import { compareUtf8 } from "../../json/compare-utf8.ts";
import type { ReducerContext } from "../context.ts";
import { addUnique } from "../draft.ts";
import type { Draft } from "../draft.ts";
import { isCallKind, isOutputKind } from "../conversation/item.ts";
import type { Item } from "../conversation/item.ts";
import { addProducer } from "../conversation/item.ts";
import { inPlace } from "../conversation/place.ts";
import { deferLinks } from "../conversation/unsettled.ts";

/** Joins a sighted item with the tool call that has its call id, in any thread in which that tool ran. */
export function linkItemToTool(context: ReducerContext, item: Item, callId: string): void {
  const toolId = context.toolOfCallId.get(callId);
  const tool = toolId === undefined ? undefined : context.tools.get(toolId);
  if (tool === undefined) return;
  if (isCallKind(item.record.kind)) {
    addUnique(tool.model_visible_call_item_ids, item.record.item_id);
    linkToolToInferences(context, tool);
  } else if (isOutputKind(item.record.kind)) {
    attachOutput(tool, item);
  }
}

/** The items of the tool's thread that stand for its call and its output. */
export function itemsOfCall(
  context: ReducerContext,
  threadId: string,
  callId: string,
): { readonly calls: readonly Item[]; readonly outputs: readonly Item[] } {
  const items = itemsWithCallId(context, threadId, callId);
  return {
    calls: items.filter((item) => isCallKind(item.record.kind)),
    outputs: items.filter((item) => isOutputKind(item.record.kind)),
  };
}

/** The items of a thread that share a call id, in the order in which they are listed. */
export function itemsWithCallId(
  context: ReducerContext,
  threadId: string,
  callId: string,
): readonly Item[] {
  const items = context.histories.get(threadId)?.itemsByCallId.get(callId) ?? [];
  return context.rules.items.orderInCall === "id" ? items.toSorted(compareIds) : inPlace(items);
}

function compareIds(left: Item, right: Item): number {
  return compareUtf8(left.record.item_id, right.record.item_id);
}

export function attachOutput(tool: Draft<ToolCall>, item: Item): void {
  addUnique(tool.model_visible_output_item_ids, item.record.item_id);
  addProducer(item, { type: "tool", tool_call_id: tool.tool_call_id });
}

/** Every inference call whose response shows one of the tool's call items started this tool. */
export function linkToolToInferences(context: ReducerContext, tool: Draft<ToolCall>): void {
  for (const itemId of tool.model_visible_call_item_ids)
    for (const call of context.items.get(itemId)?.responseCalls ?? [])
      addUnique(call.tool_call_ids_started_by_response, tool.tool_call_id);
}

/** Marks items of other threads: Codex links them when they are next seen. */
export function deferLinksElsewhere(
  context: ReducerContext,
  callId: string,
  threadId: string,
): void {
  for (const item of context.itemsByCallId.get(callId) ?? [])
    if (item.siblings.threadId !== threadId) deferLinks(context, item);
}
