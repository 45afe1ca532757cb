import type { JsonValue, MessagePhase } from "@codex-ts/protocol";
import type { ServerEvent } from "./server-event.ts";
import type {
  ServerCustomToolCallItem,
  ServerFunctionCallItem,
  ServerItem,
  ServerItemStatus,
  ServerMessageItem,
  ServerReasoningItem,
  ServerTextPart,
} from "./server-item.ts";

/** Content of a reasoning item. */
export interface ReasoningOptions {
  /** One entry per summary part. Default none. */
  readonly summary?: readonly string[];
  /** One entry per raw reasoning part. Default: no `content` member. */
  readonly content?: readonly string[];
  /** Default: no such member. */
  readonly encryptedContent?: string;
  readonly id?: string;
}

/** `response.output_item.added`. */
export function itemAdded(item: ServerItem): ServerEvent {
  return { type: "response.output_item.added", item };
}

/** `response.output_item.done`: the event an agent acts on. */
export function itemDone(item: ServerItem): ServerEvent {
  return { type: "response.output_item.done", item };
}

/** A finished assistant message, without deltas. See `streamedMessage` for the whole sequence. */
export function message(text: string, id?: string): ServerEvent {
  return itemDone(messageItem(text, { id }));
}

/** A finished reasoning item, without deltas. */
export function reasoning(options: ReasoningOptions = {}): ServerEvent {
  return itemDone(reasoningItem(options));
}

/** A finished function call, without argument deltas. Arguments that are no text are sent as JSON. */
export function functionCall(name: string, args: JsonValue, callId: string): ServerEvent {
  return itemDone(functionCallItem(name, args, callId));
}

/** A finished call of a free-text tool, without input deltas. */
export function customToolCall(name: string, input: string, callId: string): ServerEvent {
  return itemDone(customToolCallItem(name, input, callId));
}

/** Facts of a message item that are not its text. */
export interface MessageItemOptions {
  readonly id?: string | undefined;
  readonly phase?: MessagePhase | undefined;
}

/** The item inside `message`. */
export function messageItem(text: string, options: MessageItemOptions = {}): ServerMessageItem {
  return {
    ...messageHead(options, "completed"),
    content: [textPart(text)],
  };
}

/** A message item as it is when it is added: without content. */
export function emptyMessageItem(options: MessageItemOptions = {}): ServerMessageItem {
  return { ...messageHead(options, "in_progress"), content: [] };
}

/** The item inside `reasoning`. */
export function reasoningItem(options: ReasoningOptions): ServerReasoningItem {
  return {
    ...(options.id !== undefined && { id: options.id }),
    type: "reasoning",
    summary: (options.summary ?? []).map((text) => ({ type: "summary_text", text })),
    ...(options.content && {
      content: options.content.map((text) => ({ type: "reasoning_text", text })),
    }),
    ...(options.encryptedContent !== undefined && { encrypted_content: options.encryptedContent }),
  };
}

/** The item inside `functionCall`. */
export function functionCallItem(
  name: string,
  args: JsonValue,
  callId: string,
): ServerFunctionCallItem {
  return {
    id: `fc_${callId}`,
    type: "function_call",
    status: "completed",
    name,
    arguments: typeof args === "string" ? args : JSON.stringify(args),
    call_id: callId,
  };
}

/** The item inside `customToolCall`. */
export function customToolCallItem(
  name: string,
  input: string,
  callId: string,
): ServerCustomToolCallItem {
  return {
    id: `ctc_${callId}`,
    type: "custom_tool_call",
    status: "completed",
    name,
    input,
    call_id: callId,
  };
}

/** The content part of a message, as the API sends it. */
export function textPart(text: string): ServerTextPart {
  return { type: "output_text", text, annotations: [], logprobs: [] };
}

function messageHead(
  options: MessageItemOptions,
  status: ServerItemStatus,
): Omit<ServerMessageItem, "content"> {
  return {
    ...(options.id !== undefined && { id: options.id }),
    type: "message",
    status,
    role: "assistant",
    ...(options.phase && { phase: options.phase }),
  };
}
