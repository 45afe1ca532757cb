import type { MessagePhase } from "../content-item.ts";
import { imageDetailCodec, messagePhaseCodec } from "../content-item.ts";
import { anyJson, integer, listOf, orNull, text } from "../internal/codec.ts";
import { nullable, optional, required, withDefault } from "../internal/object-codec.ts";
import type { Variants } from "../internal/union-codec.ts";
import type { JsonValue } from "../json.ts";
import { storedItemCodec } from "../response-item-wire.ts";
import type { ResponseItem } from "../response-item.ts";
import type { TextElement } from "../user-input.ts";
import { textElementCodec } from "../user-input.ts";
import type { ImageDetails, TurnItem } from "./turn-item.ts";
import { turnItemCodec } from "./turn-item.ts";

/** Events about what people and models say. */
export type MessageEventMsg =
  | UserMessageEvent
  | AgentMessageEvent
  | { readonly type: "agent_reasoning"; readonly text: string }
  | { readonly type: "agent_reasoning_raw_content"; readonly text: string }
  | {
      readonly type: "agent_reasoning_section_break";
      readonly item_id: string;
      readonly summary_index: number;
    }
  | (DeltaEvent & { readonly type: "agent_message_content_delta" })
  | (DeltaEvent & { readonly type: "plan_delta" })
  | (DeltaEvent & { readonly type: "reasoning_content_delta"; readonly summary_index: number })
  | (DeltaEvent & { readonly type: "reasoning_raw_content_delta"; readonly content_index: number })
  | { readonly type: "raw_response_item"; readonly item: ResponseItem }
  | ItemStartedEvent
  | ItemCompletedEvent;

/** A message of the user. */
export interface UserMessageEvent {
  readonly type: "user_message";
  readonly client_id?: string;
  readonly message: string;
  /** URLs. */
  readonly images?: readonly string[];
  /** Left out when empty. */
  readonly image_details?: ImageDetails;
  /** Paths. */
  readonly local_images: readonly string[];
  /** Left out when empty. */
  readonly local_image_details?: ImageDetails;
  readonly text_elements: readonly TextElement[];
}

/** A message of the model, once it is complete. */
export interface AgentMessageEvent {
  readonly type: "agent_message";
  readonly message: string;
  readonly phase: MessagePhase | null;
  readonly memory_citation: JsonValue;
}

/** A piece of a text that is being written. */
export interface DeltaEvent {
  readonly thread_id: string;
  readonly turn_id: string;
  readonly item_id: string;
  readonly delta: string;
}

/** Something a turn shows begins. */
export interface ItemStartedEvent {
  readonly type: "item_started";
  readonly thread_id: string;
  readonly turn_id: string;
  readonly item: TurnItem;
  /** Unix milliseconds; 0 where older payloads do not say. */
  readonly started_at_ms: number;
}

/** Something a turn shows is complete. */
export interface ItemCompletedEvent {
  readonly type: "item_completed";
  readonly thread_id: string;
  readonly turn_id: string;
  readonly item: TurnItem;
  /** Unix milliseconds; 0 where older payloads do not say. */
  readonly completed_at_ms: number;
}

const delta = {
  thread_id: required(text),
  turn_id: required(text),
  item_id: required(text),
  delta: required(text),
};

const details = listOf(orNull(imageDetailCodec));
const isEmpty = (list: readonly unknown[]): boolean => list.length === 0;

export const messageEventVariants: Variants<MessageEventMsg> = {
  user_message: {
    client_id: optional(text),
    message: required(text),
    images: optional(listOf(text)),
    image_details: {
      ...optional<ImageDetails>(details),
      omits: isEmpty as (value: unknown) => boolean,
    },
    local_images: withDefault<readonly string[]>(listOf(text), []),
    local_image_details: {
      ...optional<ImageDetails>(details),
      omits: isEmpty as (value: unknown) => boolean,
    },
    text_elements: withDefault<readonly TextElement[]>(listOf(textElementCodec), []),
  },
  agent_message: {
    message: required(text),
    phase: nullable(messagePhaseCodec),
    memory_citation: nullable(anyJson),
  },
  agent_reasoning: { text: required(text) },
  agent_reasoning_raw_content: { text: required(text) },
  agent_reasoning_section_break: {
    item_id: withDefault(text, ""),
    summary_index: withDefault(integer, 0),
  },
  agent_message_content_delta: delta,
  plan_delta: delta,
  reasoning_content_delta: { ...delta, summary_index: withDefault(integer, 0) },
  reasoning_raw_content_delta: { ...delta, content_index: withDefault(integer, 0) },
  raw_response_item: { item: required(storedItemCodec) },
  item_started: {
    thread_id: required(text),
    turn_id: required(text),
    item: required(turnItemCodec),
    started_at_ms: withDefault(integer, 0),
  },
  item_completed: {
    thread_id: required(text),
    turn_id: required(text),
    item: required(turnItemCodec),
    completed_at_ms: withDefault(integer, 0),
  },
};
