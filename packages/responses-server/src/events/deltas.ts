import type { JsonValue } from "@codex-ts/protocol";
import {
  customToolCallItem,
  emptyMessageItem,
  functionCallItem,
  itemAdded,
  itemDone,
  messageItem,
  reasoningItem,
  textPart,
} from "./items.ts";
import type { MessageItemOptions, ReasoningOptions } from "./items.ts";
import type { ServerEvent } from "./server-event.ts";

/** `response.output_text.delta` of the item that was added last, or of the given one. */
export function textDelta(delta: string, itemId?: string): ServerEvent {
  return {
    type: "response.output_text.delta",
    ...itemIdMember(itemId),
    content_index: 0,
    delta,
    logprobs: [],
  };
}

/** `response.reasoning_summary_part.added`. */
export function reasoningSummaryPartAdded(summaryIndex = 0, itemId?: string): ServerEvent {
  return {
    type: "response.reasoning_summary_part.added",
    ...itemIdMember(itemId),
    summary_index: summaryIndex,
    part: { type: "summary_text", text: "" },
  };
}

/** `response.reasoning_summary_text.delta`. */
export function reasoningSummaryDelta(
  delta: string,
  summaryIndex = 0,
  itemId?: string,
): ServerEvent {
  return {
    type: "response.reasoning_summary_text.delta",
    ...itemIdMember(itemId),
    summary_index: summaryIndex,
    delta,
  };
}

/** `response.reasoning_text.delta`. */
export function reasoningTextDelta(delta: string, contentIndex = 0, itemId?: string): ServerEvent {
  return {
    type: "response.reasoning_text.delta",
    ...itemIdMember(itemId),
    content_index: contentIndex,
    delta,
  };
}

/** `response.function_call_arguments.delta`. */
export function functionCallArgumentsDelta(delta: string, itemId?: string): ServerEvent {
  return { type: "response.function_call_arguments.delta", ...itemIdMember(itemId), delta };
}

/** `response.custom_tool_call_input.delta`. */
export function customToolCallInputDelta(
  delta: string,
  callId?: string,
  itemId?: string,
): ServerEvent {
  return {
    type: "response.custom_tool_call_input.delta",
    ...itemIdMember(itemId),
    ...(callId !== undefined && { call_id: callId }),
    delta,
  };
}

/** A whole assistant message as the API streams it: added, one delta per part, done. */
export function streamedMessage(
  parts: string | readonly string[],
  options: MessageItemOptions = {},
): readonly ServerEvent[] {
  const deltas = typeof parts === "string" ? [parts] : parts;
  const text = deltas.join("");
  return [
    itemAdded(emptyMessageItem(options)),
    { type: "response.content_part.added", content_index: 0, part: textPart("") },
    ...deltas.map((delta) => textDelta(delta)),
    { type: "response.output_text.done", content_index: 0, text, logprobs: [] },
    { type: "response.content_part.done", content_index: 0, part: textPart(text) },
    itemDone(messageItem(text, options)),
  ];
}

/** A whole reasoning item as the API streams it: each summary part, then each raw part, then done. */
export function streamedReasoning(options: ReasoningOptions): readonly ServerEvent[] {
  const { summary = [], content = [], id } = options;
  return [
    itemAdded(reasoningItem({ ...(id !== undefined && { id }) })),
    ...summary.flatMap((text, index): ServerEvent[] => [
      reasoningSummaryPartAdded(index),
      reasoningSummaryDelta(text, index),
      { type: "response.reasoning_summary_text.done", summary_index: index, text },
      {
        type: "response.reasoning_summary_part.done",
        summary_index: index,
        part: { type: "summary_text", text },
      },
    ]),
    ...content.map((text, index) => reasoningTextDelta(text, index)),
    itemDone(reasoningItem(options)),
  ];
}

/** A whole function call as the API streams it: added, arguments, done. */
export function streamedFunctionCall(
  name: string,
  args: JsonValue,
  callId: string,
): readonly ServerEvent[] {
  const item = functionCallItem(name, args, callId);
  return [
    itemAdded({ ...item, status: "in_progress", arguments: "" }),
    functionCallArgumentsDelta(item.arguments),
    { type: "response.function_call_arguments.done", arguments: item.arguments },
    itemDone(item),
  ];
}

/** A whole call of a free-text tool as the API streams it: added, input, done. */
export function streamedCustomToolCall(
  name: string,
  input: string,
  callId: string,
): readonly ServerEvent[] {
  const item = customToolCallItem(name, input, callId);
  return [
    itemAdded({ ...item, status: "in_progress", input: "" }),
    customToolCallInputDelta(input),
    { type: "response.custom_tool_call_input.done", input },
    itemDone(item),
  ];
}

function itemIdMember(itemId: string | undefined): { readonly item_id?: string } {
  return itemId === undefined ? {} : { item_id: itemId };
}
