import type { ResponseItem } from "@codex-ts/protocol";
import type { TraceEventContext } from "../writer/trace-writer.ts";
import type { BundleRecorder } from "./bundle-recorder.ts";
import type { PayloadReference } from "../format/payload.ts";
import { hasMember } from "../schema/schema-rules.ts";
import { toBundleItem } from "./trace-item.ts";

/** One item that entered the live history of a thread. */
export interface AcceptedHistoryItem {
  readonly turnId: string;
  /** The object that entered; for an item of a response the one its attempt saw. */
  readonly item: ResponseItem;
  /** The id the item has in requests, where requests carry ids; those in the shape of 0.140 do not. */
  readonly wireItemId?: string | undefined;
  /** For the output of a recorded call: the id of its {@link ToolDispatchTrace}. Default: the call id of the item. */
  readonly toolCallId?: string | undefined;
  /**
   * Members an output has in the history beside those of its type, such as where it comes from. Schema 3 records them
   * with it. Default: none.
   */
  readonly furtherMembers?: object | undefined;
}

/**
 * Schema 1 has no such event, but items of the same call id are distinguished by when they entered. An item that neither
 * came from a response nor has an id in requests is not accepted: a reducer could join the acceptance with nothing, and
 * would show a message of another agent twice.
 */
export function recordAccepted(
  bundle: BundleRecorder,
  context: TraceEventContext,
  { item, wireItemId, toolCallId, furtherMembers }: AcceptedHistoryItem,
): void {
  bundle.callIds.accept(context.threadId, item, toolCallId);
  if (!bundle.rules.log.events.history_item_accepted || !bundle.knowsTurn(context)) return;
  const itemId = wireItemId ?? bundle.itemIds.find(item).id;
  if (itemId === undefined) return;
  const isFromAgent = item.type === "agent_message" && !bundle.itemIds.isOfResponse(item);
  if (isFromAgent) recordAgentMessage(bundle, context, item, itemId);
  else {
    const output = toolOutput(bundle, item, { itemId, furtherMembers });
    bundle.append(
      {
        type: "history_item_accepted",
        item_id: itemId,
        ...(output === undefined ? {} : { tool_output_payload: output }),
      },
      context,
    );
  }
}

/** Schema 3: the output of a tool call travels with its acceptance, because no request may ever show it. */
function toolOutput(
  bundle: BundleRecorder,
  item: ResponseItem,
  {
    itemId,
    furtherMembers,
  }: { readonly itemId: string; readonly furtherMembers?: object | undefined },
): PayloadReference | undefined {
  if (!hasMember(bundle.rules, "history_item_accepted", "tool_output_payload")) return undefined;
  if (item.type !== "function_call_output" && item.type !== "custom_tool_call_output")
    return undefined;
  const json = toBundleItem(item, { id: itemId });
  if (json === undefined) return undefined;
  const body = bundle.callIds.rename(json, item);
  const { call_id: callId } = body;
  if (typeof callId !== "string" || !bundle.tools.has(callId)) return undefined;
  return bundle.writePayload("protocol_event", { ...body, ...furtherMembers });
}

/** A message of another agent comes from no response of this thread, so its body travels with its acceptance. */
function recordAgentMessage(
  bundle: BundleRecorder,
  context: TraceEventContext,
  item: ResponseItem,
  itemId: string,
): void {
  const body = toBundleItem(item, { id: itemId });
  if (body === undefined) return;
  const payload = bundle.writePayload("protocol_event", body);
  if (payload === undefined) return;
  bundle.append(
    { type: "history_item_accepted", item_id: itemId, agent_message_payload: payload },
    context,
  );
}
