import type { ImageDetail, MessagePhase } from "../content-item.ts";
import { messagePhaseCodec } from "../content-item.ts";
import type { Codec } from "../internal/codec.ts";
import { anyJson, boolean, listOf, text } from "../internal/codec.ts";
import { optional, required } from "../internal/object-codec.ts";
import { taggedUnion } from "../internal/union-codec.ts";
import type { JsonObject, JsonValue } from "../json.ts";
import { webSearchActionCodec } from "../response-item-codec.ts";
import type { WebSearchAction } from "../response-item.ts";
import type { UserInput } from "../user-input.ts";
import { userInputCodec } from "../user-input.ts";
import type { WireDuration } from "./exec-events.ts";
import { durationCodec } from "./exec-events.ts";

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
      /** The history was compacted. */
      readonly type: "ContextCompaction";
      readonly id: string;
    }
  | {
      readonly type: "ImageGeneration";
      readonly id: string;
      readonly status: string;
      readonly revised_prompt?: string;
      readonly result: string;
      readonly saved_path?: string;
    }
  | DynamicToolCallItem
  | OtherTurnItem;

/** A call of a tool that the client of a session brought along. Source: session files of 0.171, observed. */
export interface DynamicToolCallItem {
  readonly type: "DynamicToolCall";
  readonly id: string;
  readonly namespace?: string;
  readonly tool: string;
  readonly arguments: JsonValue;
  /** `completed` or `failed` in session files. */
  readonly status: string;
  /** Output of the tool; absent while it runs. */
  readonly content_items?: readonly DynamicToolContent[];
  /** Absent while the tool runs. */
  readonly success?: boolean;
  readonly error?: string;
  readonly duration?: WireDuration;
}

/** One part of such a tool's output. Its members are in camelCase, like the app server's. */
export type DynamicToolContent =
  | { readonly type: "inputText"; readonly text: string }
  | { readonly type: "inputImage"; readonly imageUrl: string }
  | OtherDynamicToolContent;

/** A kind of part this package has no table for, e.g. audio. */
export interface OtherDynamicToolContent {
  readonly type: "other";
  /** The object as received, with its own `type`. */
  readonly raw: JsonObject;
}

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

const dynamicToolContentCodec: Codec<DynamicToolContent> = taggedUnion<
  Exclude<DynamicToolContent, OtherDynamicToolContent>,
  OtherDynamicToolContent
>(
  { inputText: { text: required(text) }, inputImage: { imageUrl: required(text) } },
  { unknown: (raw) => ({ type: "other", raw }), writeUnknown: (part) => part.raw },
);

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
    ContextCompaction: { id: required(text) },
    ImageView: { id: required(text), path: required(text) },
    ImageGeneration: {
      id: required(text),
      status: required(text),
      revised_prompt: optional(text),
      result: required(text),
      saved_path: optional(text),
    },
    DynamicToolCall: {
      id: required(text),
      namespace: optional(text),
      tool: required(text),
      arguments: required(anyJson),
      status: required(text),
      content_items: optional(listOf(dynamicToolContentCodec)),
      success: optional(boolean),
      error: optional(text),
      duration: optional(durationCodec),
    },
  },
  { unknown: (raw) => ({ type: "other", raw }), writeUnknown: (item) => item.raw },
);
