import type { ConversationItem, ConversationPart } from "../../model/conversation.ts";
import type { NormalizedItem } from "../normalize/normalized-item.ts";

/** Whether a stored item and an incoming one are the same, the Responses id aside. */
export function contentMatches(stored: ConversationItem, incoming: NormalizedItem): boolean {
  return (
    stored.role === incoming.role &&
    stored.channel === incoming.channel &&
    stored.kind === incoming.kind &&
    stored.call_id === incoming.callId &&
    stored.agent_message?.author === incoming.agentMessage?.author &&
    stored.agent_message?.recipient === incoming.agentMessage?.recipient &&
    bodyMatches(stored, incoming)
  );
}

/** The same, but items that carry different Responses ids never match. Schema 1 items carry none. */
export function itemMatches(stored: ConversationItem, incoming: NormalizedItem): boolean {
  const storedId = stored.responses_item_id;
  const incomingId = incoming.responsesId;
  if (storedId !== undefined && incomingId !== undefined && storedId !== incomingId) return false;
  return contentMatches(stored, incoming);
}

/** Reasoning comes back in different stages of readability; its encrypted form identifies it. */
function bodyMatches(stored: ConversationItem, incoming: NormalizedItem): boolean {
  if (partsEqual(stored.body.parts, incoming.parts)) return true;
  if (stored.kind !== "reasoning") return false;
  const encoded = firstEncoded(stored.body.parts);
  const other = firstEncoded(incoming.parts);
  return encoded !== undefined && other !== undefined && partEqual(encoded, other);
}

export function partsEqual(
  left: readonly ConversationPart[],
  right: readonly ConversationPart[],
): boolean {
  if (left.length !== right.length) return false;
  return left.every((part, index) => {
    const other = right[index];
    return other !== undefined && partEqual(part, other);
  });
}

export function firstEncoded(parts: readonly ConversationPart[]): ConversationPart | undefined {
  return parts.find((part) => part.type === "encoded");
}

function partEqual(left: ConversationPart, right: ConversationPart): boolean {
  switch (left.type) {
    case "text":
    case "summary":
      return left.type === right.type && left.text === right.text;
    case "encoded":
      return left.type === right.type && left.label === right.label && left.value === right.value;
    case "json":
      return left.type === right.type && left.summary === right.summary;
    case "code":
      return (
        left.type === right.type && left.language === right.language && left.source === right.source
      );
    case "payload_ref":
      return left.type === right.type && left.label === right.label && samePayload(left, right);
  }
  return left satisfies never;
}

type PayloadPart = Extract<ConversationPart, { readonly type: "payload_ref" }>;

/** With a content hash the content decides; without one only the very same payload is the same. */
function samePayload(left: PayloadPart, right: PayloadPart): boolean {
  if (left.content_sha256 === undefined && right.content_sha256 === undefined)
    return left.raw_payload_id === right.raw_payload_id;
  return left.content_sha256 === right.content_sha256;
}

/** Whether the two differ in nothing but which payload their references name. */
export function differsByPayloadOnly(stored: ConversationItem, incoming: NormalizedItem): boolean {
  const { parts } = stored.body;
  return (
    parts.length === incoming.parts.length &&
    parts.every((part, index) => {
      const other = incoming.parts[index];
      if (other === undefined) return false;
      const areReferences = part.type === "payload_ref" && other.type === "payload_ref";
      return areReferences ? part.label === other.label : partEqual(part, other);
    })
  );
}

/** Whether an item can be recognized again when another payload repeats its bytes. */
export function isRecognizable(incoming: NormalizedItem): boolean {
  return incoming.parts.every(
    (part) => part.type !== "payload_ref" || part.content_sha256 !== undefined,
  );
}
