import type {
  FunctionCallOutput,
  FunctionCallOutputContentItem,
  ImageDetail,
} from "@codex-ts/protocol";
import { ToolError } from "../tool.ts";

/** One part of a tool's result. */
export type ToolContent =
  | { readonly type: "text"; readonly text: string }
  | {
      readonly type: "image";
      /** A data URL with base64, or an HTTP one the server can fetch. */
      readonly image_url: string;
      /** Default `high`. */
      readonly detail?: ImageDetail;
    }
  | {
      readonly type: "image";
      /** The bytes of an image file. */
      readonly data: Uint8Array;
      /** Media type of the bytes, e.g. `image/png`. */
      readonly mimeType: string;
      /** Default `high`. */
      readonly detail?: ImageDetail;
    };

/**
 * Result of a tool: a text, an image, or several of them in order. Texts are shortened to the model's budget for tool
 * outputs; at most 256 parts and 20 MiB of image URLs. A model that takes no images reads a note that there was one.
 */
export type ToolResult = string | ToolContent | readonly ToolContent[];

/** A list without end must not fill the memory. */
const MAX_PARTS = 256;
/** Servers refuse larger requests, and history sends an image again each time. */
const MAX_IMAGE_CHARACTERS = 20 * 1024 * 1024;

const IMAGE_TYPE = /^image\/[\w.+-]+$/;
const DATA_URL_HEAD = /^data:image\/[\w.+-]+;base64,/;

/** The result in the form the model reads; a single text is plain. Throws `ToolError` for an invalid result. */
export function toOutput(toolName: string, result: ToolResult): FunctionCallOutput {
  if (typeof result === "string") return result;
  const contents: readonly unknown[] = Array.isArray(result) ? result : [result];
  if (contents.length > MAX_PARTS) {
    throw bad(toolName, `${contents.length} parts, more than ${MAX_PARTS}`);
  }
  const parts = contents.map((content) => toPart(toolName, content));
  const imageCharacters = parts
    .map((part) => (part.type === "input_image" ? part.image_url.length : 0))
    .reduce((sum, length) => sum + length, 0);
  if (imageCharacters > MAX_IMAGE_CHARACTERS) {
    throw bad(toolName, `${imageCharacters} bytes of images, more than ${MAX_IMAGE_CHARACTERS}`);
  }
  const [first] = parts;
  if (first === undefined) return "";
  return parts.length === 1 && first.type === "input_text" ? first.text : parts;
}

/** Results come from code that may not be type-checked. */
function toPart(toolName: string, content: unknown): FunctionCallOutputContentItem {
  const { type, text, image_url, data, mimeType, detail } = Object(content) as Partial<
    Record<string, unknown>
  >;
  if (type === "text" && typeof text === "string") return { type: "input_text", text };
  if (type !== "image") throw bad(toolName, "a value that is neither text nor content");
  const url = data instanceof Uint8Array ? dataUrl(toolName, data, mimeType) : image_url;
  if (typeof url !== "string" || !isImageUrl(url)) {
    throw bad(toolName, "an image that is neither bytes nor a data URL nor an HTTP URL");
  }
  return { type: "input_image", image_url: url, detail: isDetail(detail) ? detail : "high" };
}

/** Megabytes are looked through for what may not be in them: to match them as a whole can exhaust the stack. */
function isImageUrl(url: string): boolean {
  const head = DATA_URL_HEAD.exec(url)?.[0];
  if (head === undefined) return /^https?:\/\/./.test(url) && !/\s/.test(url);
  const body = url.slice(head.length).replace(/={1,2}$/, "");
  return body !== "" && !/[^A-Za-z0-9+/]/.test(body);
}

function dataUrl(toolName: string, data: Uint8Array, mimeType: unknown): string {
  if (typeof mimeType !== "string" || !IMAGE_TYPE.test(mimeType)) {
    throw bad(toolName, `an image of type \`${String(mimeType)}\``);
  }
  const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  return `data:${mimeType};base64,${bytes.toString("base64")}`;
}

function isDetail(value: unknown): value is ImageDetail {
  return value === "auto" || value === "low" || value === "high" || value === "original";
}

function bad(toolName: string, what: string): ToolError {
  return new ToolError(`${toolName} failed: it returned ${what}`);
}
