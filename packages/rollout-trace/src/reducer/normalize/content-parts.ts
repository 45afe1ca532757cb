import { isJsonObject } from "@codex-ts/protocol";
import type { JsonValue } from "@codex-ts/protocol";
import { bytesToHex } from "@noble/hashes/utils.js";
import { sha256 } from "@noble/hashes/sha2.js";
import type { JsonNode } from "../../json/node.ts";
import { printCompact, printSorted } from "../../json/print.ts";
import { summarize } from "../../json/summary.ts";
import type { ConversationPart } from "../../model/conversation.ts";
import { lostPartOf } from "./lost-part.ts";
import type { SourceItem } from "./normalized-item.ts";
import type { SchemaRules } from "../../schema/schema-rules.ts";

/** A value with its exact form on demand. */
export interface SourceValue extends Pick<SourceItem, "payloadId" | "lostParts"> {
  readonly value: JsonValue | undefined;
  exact(): JsonNode;
}

const ENCODER = new TextEncoder();

/** A part that stands for any JSON: its beginning, and the payload that holds the rest. */
export function jsonPart(node: JsonNode, payloadId: string): ConversationPart {
  return compactPart(printCompact(node), payloadId);
}

/** The same for JSON that is printed already. */
export function compactPart(compact: string, payloadId: string): ConversationPart {
  return { type: "json", summary: summarize(compact), raw_payload_id: payloadId };
}

/** A part that only points to its payload. */
export function payloadPart(label: string, payloadId: string): ConversationPart {
  return { type: "payload_ref", label, raw_payload_id: payloadId };
}

/** A part that points to its payload and can be recognized in another payload by its content. */
export function hashedPart(label: string, payloadId: string, node: JsonNode): ConversationPart {
  const digest = sha256(ENCODER.encode(printSorted(node)));
  return {
    type: "payload_ref",
    label,
    raw_payload_id: payloadId,
    content_sha256: bytesToHex(digest),
  };
}

/** The parts of a `content` list: texts in the open, everything else by reference. */
export function contentParts(
  content: SourceValue,
  rules: SchemaRules["items"],
): ConversationPart[] {
  const { payloadId, lostParts } = content;
  if (!Array.isArray(content.value)) return [payloadPart("content", payloadId)];
  const elements = content.value as readonly JsonValue[];
  const parts = elements.flatMap((element, index) => {
    const type = isJsonObject(element) ? element["type"] : undefined;
    if (isJsonObject(element) && typeof type === "string" && TEXT_TYPES.has(type)) {
      const text = element["text"];
      if (typeof text === "string") return [{ type: "text", text } as const];
      const lost = lostPartOf(text, lostParts);
      return lost === undefined ? [] : [payloadPart("text", lost)];
    }
    const label = typeof type === "string" ? type : "content";
    if (!rules.areHashed) return [payloadPart(label, payloadId)];
    const image = isJsonObject(element) ? lostPartOf(element["image_url"], lostParts) : undefined;
    return [hashedPart(label, image ?? payloadId, elementNode(content.exact(), index))];
  });
  if (parts.length === 0 && rules.haveEmptyContentPart)
    return [payloadPart("empty_content", payloadId)];
  return parts;
}

const TEXT_TYPES: ReadonlySet<string> = new Set(["input_text", "output_text", "text"]);

function elementNode(node: JsonNode, index: number): JsonNode {
  return Array.isArray(node) ? (node[index] ?? null) : null;
}
