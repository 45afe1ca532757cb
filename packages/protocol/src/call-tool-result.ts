import type { FunctionCallOutput, FunctionCallOutputContentItem } from "./content-item.ts";
import type { Codec } from "./internal/codec.ts";
import { anyJson, boolean, listOf } from "./internal/codec.ts";
import { objectOf, optional, required } from "./internal/object-codec.ts";
import type { JsonValue } from "./json.ts";
import { isJsonObject } from "./json.ts";

/** Result of a tool of an MCP server, in MCP's own spelling. */
export interface CallToolResult {
  readonly content: readonly JsonValue[];
  readonly structuredContent?: JsonValue;
  readonly isError?: boolean;
  readonly _meta?: JsonValue;
}

export const callToolResultCodec: Codec<CallToolResult> = objectOf<CallToolResult>({
  content: required(listOf(anyJson)),
  structuredContent: optional(anyJson),
  isError: optional(boolean),
  _meta: optional(anyJson),
});

/** Reads the result an MCP server returned for `tools/call`. */
export function readCallToolResult(value: unknown): CallToolResult | undefined {
  return callToolResultCodec.read(value);
}

/**
 * Output that the model reads for an MCP result (0.140): the structured content as JSON text when there is any; else,
 * when the content holds an image, its parts; else the content as JSON text.
 */
export function callToolResultOutput(result: CallToolResult): FunctionCallOutput {
  const structured = result.structuredContent ?? null;
  if (structured !== null) return JSON.stringify(structured);
  const parts = result.content.map(toPart);
  return parts.some((part) => part.type === "input_image") ? parts : JSON.stringify(result.content);
}

function toPart(block: JsonValue): FunctionCallOutputContentItem {
  if (isJsonObject(block)) {
    const { type, text, data, mimeType } = block;
    if (type === "text" && typeof text === "string") return { type: "input_text", text };
    if (type === "image" && typeof data === "string") {
      const mediaType = typeof mimeType === "string" ? mimeType : "application/octet-stream";
      const url = data.startsWith("data:") ? data : `data:${mediaType};base64,${data}`;
      return { type: "input_image", image_url: url };
    }
  }
  return { type: "input_text", text: JSON.stringify(block) };
}
