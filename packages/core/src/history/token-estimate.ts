import type {
  ContentItem,
  FunctionCallOutputContentItem,
  MessageItem,
  ResponseItem,
} from "@codex-ts/protocol";
import { ITEM_METADATA_MEMBER } from "./item-identity.ts";
import type { StoredItem } from "./item-identity.ts";
import { isToolOutput } from "./tool-output.ts";
import { estimateTokens } from "./truncate.ts";

/** Bytes an inline image counts as; its base64 text says nothing about what a model makes of it. */
const IMAGE_BYTES = 7373;
/** Bytes of an encrypted text that are not what was encrypted. */
const ENCRYPTION_OVERHEAD_BYTES = 650;

/** Characters of a compaction item that count as a token, as in 0.171. */
const ENCRYPTED_CHARACTERS_PER_TOKEN = 12;

/** How messages are measured: as they are sent, or by their texts alone, as in 0.171. */
export type MessageMeasure = "as_sent" | "by_text";

/** Items are never changed in place, so each is measured once. */
const known: Readonly<Record<MessageMeasure, WeakMap<ResponseItem, number>>> = {
  as_sent: new WeakMap(),
  by_text: new WeakMap(),
};

/** Estimated tokens of one item in a prompt. Source: docs/behavior/core.md 3.5; sums seen in 0.140 and 0.171. */
function estimateItemTokens(item: ResponseItem, measure: MessageMeasure): number {
  let tokens = known[measure].get(item);
  if (tokens === undefined) {
    const byText = measure === "by_text" ? tokensByText(item) : undefined;
    tokens = byText ?? estimateTokens(itemBytes(item));
    known[measure].set(item, tokens);
  }
  return tokens;
}

/** As in 0.171, of the kinds it counts in ways of their own. */
function tokensByText(item: ResponseItem): number | undefined {
  if (item.type === "message") return estimateMessageTokens(item, IMAGE_TOKENS);
  if (item.type === "additional_tools") return estimateTextTokens(JSON.stringify(item.tools));
  if (item.type === "compaction") {
    return Math.ceil(item.encrypted_content.length / ENCRYPTED_CHARACTERS_PER_TOKEN);
  }
  return undefined;
}

/** Estimated tokens of what a message says, each text by itself. */
export function estimateMessageTokens({ content }: MessageItem, ofImage: number): number {
  return content.reduce(
    (sum, part) => sum + ("text" in part ? estimateTextTokens(part.text) : ofImage),
    0,
  );
}

/** Estimated tokens of an image. */
export const IMAGE_TOKENS: number = estimateTokens(IMAGE_BYTES);

/** Estimated tokens of a text. */
export function estimateTextTokens(text: string): number {
  return estimateTokens(Buffer.byteLength(text));
}

/** Estimated tokens of all these items. */
export function estimateTokensOf(items: readonly ResponseItem[], measure: MessageMeasure): number {
  return items.reduce((sum, item) => sum + estimateItemTokens(item, measure), 0);
}

/** Tokens in the context of the next request that the last response did not count. */
export function estimateUncountedTokens(
  items: readonly ResponseItem[],
  options: {
    /** The server counts the reasoning it is sent. */
    readonly reasoningIsCounted: boolean;
    readonly measure: MessageMeasure;
  },
): number {
  const lastOfModel = items.findLastIndex(isOfModel);
  const added = lastOfModel === -1 ? [] : items.slice(lastOfModel + 1);
  const earlier = options.reasoningIsCounted ? [] : earlierReasoning(items);
  return estimateTokensOf([...added, ...earlier], options.measure);
}

/** Servers leave reasoning before the last question out of their count, and read it all the same. */
function earlierReasoning(items: readonly ResponseItem[]): readonly ResponseItem[] {
  const lastQuestion = items.findLastIndex(
    (item) => item.type === "message" && item.role === "user",
  );
  return items
    .slice(0, Math.max(0, lastQuestion))
    .filter((item) => item.type === "reasoning" && !!item.encrypted_content);
}

function isOfModel(item: ResponseItem): boolean {
  switch (item.type) {
    case "message":
      return item.role === "assistant";
    case "reasoning":
    case "local_shell_call":
    case "function_call":
    case "custom_tool_call":
    case "tool_search_call":
    case "web_search_call":
    case "image_generation_call":
    case "compaction":
    case "context_compaction":
      return true;
    case "agent_message":
    case "function_call_output":
    case "custom_tool_call_output":
    case "tool_search_output":
    case "compaction_trigger":
    case "additional_tools":
    case "other":
      return false;
    default:
      return item satisfies never;
  }
}

function itemBytes(item: ResponseItem): number {
  const encrypted = encryptedText(item);
  if (encrypted !== undefined) {
    return Math.max(0, Math.floor((encrypted.length * 3) / 4) - ENCRYPTION_OVERHEAD_BYTES);
  }
  // What only identifies an item is not counted.
  const {
    id: _id,
    [ITEM_METADATA_MEMBER]: _metadata,
    ...counted
  } = item as StoredItem & {
    readonly id?: string;
  };
  const text = JSON.stringify(counted);
  const images = imageUrls(item);
  const imageTextBytes = images.reduce((sum, url) => sum + JSON.stringify(url).length, 0);
  return Buffer.byteLength(text) - imageTextBytes + images.length * IMAGE_BYTES;
}

function encryptedText(item: ResponseItem): string | undefined {
  const isEncrypted =
    item.type === "reasoning" || item.type === "compaction" || item.type === "context_compaction";
  return isEncrypted ? (item.encrypted_content ?? undefined) : undefined;
}

function imageUrls(item: ResponseItem): readonly string[] {
  const parts: readonly (ContentItem | FunctionCallOutputContentItem)[] =
    item.type === "message"
      ? item.content
      : isToolOutput(item) && typeof item.output !== "string"
        ? item.output
        : [];
  return parts.flatMap((part) =>
    part.type === "input_image" && part.image_url.startsWith("data:") ? [part.image_url] : [],
  );
}
