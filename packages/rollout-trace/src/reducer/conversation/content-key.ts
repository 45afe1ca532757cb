import type { ConversationItem, ConversationPart } from "../../model/conversation.ts";
import { firstEncoded } from "./match.ts";
import type { NormalizedItem } from "../normalize/normalized-item.ts";

const SAMPLE_LENGTH = 16;

/**
 * Numbers under which an item is filed and looked up: equal items share one. Different items may share one too, so
 * what is found must still be compared.
 */
export function contentKeysOfItem(item: ConversationItem): readonly number[] {
  return contentKeys(item.kind, item.role, item.call_id, item.body.parts);
}

export function contentKeysOfIncoming(incoming: NormalizedItem): readonly number[] {
  return contentKeys(incoming.kind, incoming.role, incoming.callId, incoming.parts);
}

function contentKeys(
  kind: string,
  role: string,
  callId: string | null,
  parts: readonly ConversationPart[],
): readonly number[] {
  const base = mix(mix(mix(17, kind), role), callId ?? "");
  const body = parts.reduce(mixPart, base);
  const encoded = kind === "reasoning" ? firstEncoded(parts) : undefined;
  return encoded === undefined ? [body] : [body, mixPart(mix(base, "encoded"), encoded)];
}

function mixPart(hash: number, part: ConversationPart): number {
  const typed = mix(hash, part.type);
  switch (part.type) {
    case "text":
    case "summary":
      return mix(typed, part.text);
    case "encoded":
      return mix(mix(typed, part.label), part.value);
    case "json":
      return mix(typed, part.summary);
    case "code":
      return mix(typed, part.source);
    case "payload_ref":
      return mix(mix(typed, part.label), part.content_sha256 ?? part.raw_payload_id);
  }
  return part satisfies never;
}

/** Length, beginning, middle and end tell texts apart well enough, at a cost that does not grow with them. */
function mix(hash: number, text: string): number {
  let mixed = mixRange(Math.imul(hash ^ text.length, 0x01000193), text, 0, SAMPLE_LENGTH);
  if (text.length > SAMPLE_LENGTH) {
    const middle = text.length >> 1;
    mixed = mixRange(mixed, text, middle, middle + SAMPLE_LENGTH);
    mixed = mixRange(mixed, text, text.length - SAMPLE_LENGTH, text.length);
  }
  return mixed;
}

function mixRange(hash: number, text: string, start: number, end: number): number {
  let mixed = hash;
  const stop = Math.min(end, text.length);
  for (let index = start; index < stop; index += 1)
    mixed = Math.imul(mixed ^ text.charCodeAt(index), 0x01000193);
  return mixed;
}
