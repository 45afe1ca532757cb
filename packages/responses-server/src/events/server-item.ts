import type {
  CustomToolCallItem,
  FunctionCallItem,
  MessageItem,
  OtherItem,
  ReasoningItem,
  ResponseItem,
} from "@codex-ts/protocol";

/** State of an item while it is being made. */
export type ServerItemStatus = "in_progress" | "completed" | "incomplete";

/** Text part of a response, with the members the API adds to it. */
export interface ServerTextPart {
  readonly type: "output_text";
  readonly text: string;
  readonly annotations: readonly [];
  readonly logprobs: readonly [];
}

/** An assistant message as the API sends it. */
export interface ServerMessageItem extends MessageItem {
  readonly status: ServerItemStatus;
  readonly content: readonly ServerTextPart[];
}

/** A function call as the API sends it. */
export interface ServerFunctionCallItem extends FunctionCallItem {
  readonly status: ServerItemStatus;
}

/** A call of a free-text tool as the API sends it. */
export interface ServerCustomToolCallItem extends CustomToolCallItem {
  readonly status: ServerItemStatus;
}

/** A reasoning item as the API sends it; most servers leave `status` out. */
export interface ServerReasoningItem extends ReasoningItem {
  readonly status?: ServerItemStatus;
}

/**
 * An item in a server event. A missing `id` is filled in when the event is sent, where items of that kind have one in
 * the API. Items of other types or shapes are sent with `rawEvent`.
 */
export type ServerItem =
  | Exclude<ResponseItem, OtherItem>
  | ServerMessageItem
  | ServerFunctionCallItem
  | ServerCustomToolCallItem
  | ServerReasoningItem;
