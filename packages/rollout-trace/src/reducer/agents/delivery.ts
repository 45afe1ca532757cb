import { isJsonObject } from "@codex-ts/protocol";
import type { JsonValue } from "@codex-ts/protocol";
import { parseStrictJson } from "../../json/parse-strict.ts";
import type { ConversationPart } from "../../model/conversation.ts";
import type { ReducerContext } from "../context.ts";
import type { Item } from "../conversation/item.ts";
import type { SchemaRules } from "../../schema/schema-rules.ts";

/** A message of another agent. */
export interface Delivery {
  readonly author: string;
  readonly content: string;
}

/** Reads an item as a message delivered to the agent of its thread; `undefined` for everything else. */
export function readDelivery(context: ReducerContext, item: Item): Delivery | undefined {
  const { record, siblings } = item;
  const path = context.threads.get(siblings.threadId)?.agent_path;
  if (path === undefined || record.kind !== "message" || record.role !== "assistant")
    return undefined;
  const { agent_message: address } = record;
  if (address === undefined) return readMailbox(record.body.parts, path);
  if (address.recipient !== path) return undefined;
  const content = addressedContent(record.body.parts, context.rules.agents);
  return content === undefined ? undefined : { author: address.author, content };
}

/** One part, or a readable header before the encoded message. */
function addressedContent(
  parts: readonly ConversationPart[],
  rules: SchemaRules["agents"],
): string | undefined {
  const [first, second] = parts;
  if (parts.length === 1) {
    if (first?.type === "text") return first.text;
    return first?.type === "encoded" ? first.value : undefined;
  }
  const isPair = parts.length === 2 && first?.type === "text" && second?.type === "encoded";
  return rules.messagesMayHaveHeader && isPair ? second.value : undefined;
}

/** The older form: an assistant message whose text is a JSON envelope. */
function readMailbox(parts: readonly ConversationPart[], path: string): Delivery | undefined {
  const [part] = parts;
  if (parts.length !== 1 || part?.type !== "text" || !/^\s*\{/.test(part.text)) return undefined;
  const envelope = tryParse(part.text);
  if (!isJsonObject(envelope)) return undefined;
  const { author, recipient, content, trigger_turn: triggers } = envelope;
  const encrypted = envelope["encrypted_content"] ?? null;
  const others = envelope["other_recipients"] ?? [];
  const isEnvelope =
    isAgentPath(author) &&
    isAgentPath(recipient) &&
    typeof content === "string" &&
    typeof triggers === "boolean" &&
    (encrypted === null || typeof encrypted === "string") &&
    Array.isArray(others) &&
    others.every(isAgentPath);
  if (!isEnvelope || recipient !== path) return undefined;
  return { author, content: typeof encrypted === "string" ? encrypted : content };
}

/** Absolute, below `/root`, of names in lower case; `root` names nothing else. */
export function isAgentPath(value: JsonValue | undefined): value is string {
  return typeof value === "string" && /^\/root(?:\/(?!root(?:\/|$))[a-z0-9_]+)*$/.test(value);
}

function tryParse(text: string): JsonValue | undefined {
  try {
    return parseStrictJson(text);
  } catch {
    return undefined;
  }
}
