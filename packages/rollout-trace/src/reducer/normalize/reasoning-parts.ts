import { isJsonObject } from "@codex-ts/protocol";
import type { JsonObject, JsonValue } from "@codex-ts/protocol";
import type { ConversationPart } from "../../model/conversation.ts";
import { payloadPart } from "./content-parts.ts";
import { lostPartOf } from "./lost-part.ts";
import { ItemError } from "./normalized-item.ts";

/** Readable texts first, then summaries, then the encrypted form. */
export function reasoningParts(
  item: JsonObject,
  lostParts: ReadonlySet<string>,
): ConversationPart[] {
  const parts = [
    ...readableParts(item["content"], lostParts),
    ...summaryParts(item["summary"], lostParts),
    ...encryptedParts(item["encrypted_content"]),
  ];
  if (parts.length === 0) throw new ItemError("reasoning is empty");
  return parts;
}

function readableParts(
  content: JsonValue | undefined,
  lostParts: ReadonlySet<string>,
): ConversationPart[] {
  if (content === undefined || content === null) return [];
  return elementsOf(content, "content").map((element) => {
    const type = element["type"];
    if (type !== "reasoning_text" && type !== "text") throw malformed("content");
    const lost = lostPartOf(element["text"], lostParts);
    if (lost !== undefined) return payloadPart("content", lost);
    return { type: "text", text: textOf(element, "content") };
  });
}

/** Unlike the other two, a summary may be absent but not `null`. */
function summaryParts(
  summary: JsonValue | undefined,
  lostParts: ReadonlySet<string>,
): ConversationPart[] {
  if (summary === undefined) return [];
  return elementsOf(summary, "summary").map((element) => {
    if (element["type"] !== "summary_text") throw malformed("summary");
    const lost = lostPartOf(element["text"], lostParts);
    if (lost !== undefined) return payloadPart("summary", lost);
    return { type: "summary", text: textOf(element, "summary") };
  });
}

function encryptedParts(value: JsonValue | undefined): ConversationPart[] {
  if (value === undefined || value === null) return [];
  if (typeof value !== "string") throw malformed("encrypted content");
  return [{ type: "encoded", label: "encrypted_content", value }];
}

function elementsOf(value: JsonValue, what: string): JsonObject[] {
  if (!Array.isArray(value)) throw malformed(what);
  return (value as readonly JsonValue[]).map((element) => {
    if (!isJsonObject(element)) throw malformed(what);
    return element;
  });
}

function textOf(element: JsonObject, what: string): string {
  const text = element["text"];
  if (typeof text !== "string") throw malformed(what);
  return text;
}

function malformed(what: string): ItemError {
  return new ItemError(`reasoning has malformed ${what}`);
}

/**
 * The parts of a reasoning item after it was seen again with other readable parts: what it lacked is filled in, what it
 * had stays, the encrypted form comes last.
 */
export function mergeReasoning(
  stored: readonly ConversationPart[],
  incoming: readonly ConversationPart[],
): readonly ConversationPart[] {
  const texts = ofType(stored, "text");
  const summaries = ofType(stored, "summary");
  if (texts.length > 0 && summaries.length > 0) return stored;
  return [
    ...(texts.length > 0 ? texts : ofType(incoming, "text")),
    ...(summaries.length > 0 ? summaries : ofType(incoming, "summary")),
    ...ofType(stored, "encoded"),
  ];
}

function ofType(
  parts: readonly ConversationPart[],
  type: ConversationPart["type"],
): readonly ConversationPart[] {
  return parts.filter((part) => part.type === type);
}
