import type { ImageDetail, MessagePhase } from "../content-item.ts";
import { messagePhaseCodec } from "../content-item.ts";
import type { Codec } from "../internal/codec.ts";
import { anyJson, listOf, text } from "../internal/codec.ts";
import { optional, required } from "../internal/object-codec.ts";
import { taggedUnion } from "../internal/union-codec.ts";
import type { JsonObject, JsonValue } from "../json.ts";
import { webSearchActionCodec } from "../response-item-codec.ts";
import type { WebSearchAction } from "../response-item.ts";
import type { UserInput } from "../user-input.ts";
import { userInputCodec } from "../user-input.ts";

/**
 * One thing a turn shows, as `item_started` and `item_completed` carry it. Its tags are in PascalCase, unlike everything
 * else of the core JSON.
 */
export type TurnItem =
  | {
      readonly type: "UserMessage";
      readonly id: string;
      readonly client_id?: string;
      readonly content: readonly UserInput[];
    }
  | {
      readonly type: "AgentMessage";
      readonly id: string;
      readonly content: readonly AgentMessageText[];
      readonly phase?: MessagePhase;
      readonly memory_citation?: JsonValue;
    }
  | { readonly type: "Plan"; readonly id: string; readonly text: string }
  | {
      readonly type: "Reasoning";
      readonly id: string;
      readonly summary_text: readonly string[];
      readonly raw_content: readonly string[];
    }
  | {
      readonly type: "WebSearch";
      readonly id: string;
      readonly query: string;
      readonly action: WebSearchAction;
    }
  | { readonly type: "ImageView"; readonly id: string; readonly path: string }
  | {
      readonly type: "ImageGeneration";
      readonly id: string;
      readonly status: string;
      readonly revised_prompt?: string;
      readonly result: string;
      readonly saved_path?: string;
    }
  | OtherTurnItem;

/** A text of an agent's message. */
export interface AgentMessageText {
  readonly type: "Text";
  readonly text: string;
}

/** A kind of item this package has no table for, among them `FileChange` and `McpToolCall`. */
export interface OtherTurnItem {
  readonly type: "other";
  /** The object as received, with its own `type`. */
  readonly raw: JsonObject;
}

/** How closely the images of a message are looked at; `null` where nothing was said. */
export type ImageDetails = readonly (ImageDetail | null)[];

export const turnItemCodec: Codec<TurnItem> = taggedUnion<
  Exclude<TurnItem, OtherTurnItem>,
  OtherTurnItem
>(
  {
    UserMessage: {
      id: required(text),
      client_id: optional(text),
      content: required(listOf(userInputCodec)),
    },
    AgentMessage: {
      id: required(text),
      content: required(listOf(taggedUnion<AgentMessageText>({ Text: { text: required(text) } }))),
      phase: optional(messagePhaseCodec),
      memory_citation: optional(anyJson),
    },
    Plan: { id: required(text), text: required(text) },
    Reasoning: {
      id: required(text),
      summary_text: required(listOf(text)),
      raw_content: required(listOf(text)),
    },
    WebSearch: {
      id: required(text),
      query: required(text),
      action: required(webSearchActionCodec),
    },
    ImageView: { id: required(text), path: required(text) },
    ImageGeneration: {
      id: required(text),
      status: required(text),
      revised_prompt: optional(text),
      result: required(text),
      saved_path: optional(text),
    },
  },
  { unknown: (raw) => ({ type: "other", raw }), writeUnknown: (item) => item.raw },
);
