import { callToolResultOutput, isJsonObject } from "@codex-ts/protocol";
import type {
  CallToolResult,
  FunctionCallOutput,
  FunctionCallOutputContentItem,
  ImageDetail,
  JsonObject,
  JsonValue,
} from "@codex-ts/protocol";
import type { McpForm } from "../../compatibility/compatibility-profile.ts";
import { imageType } from "../../images/image-type.ts";
import { truncateOutput } from "../../history/truncate-output.ts";
import { storedBudget } from "../../history/truncate.ts";
import type { OutputBudget } from "../../history/truncate.ts";

/** Room for the marker of a cut: a text that is longer by it would be cut again where it is stored. */
const MARKER_BYTES = 40;
const BYTES_PER_TOKEN = 4;
/** Servers refuse larger requests, and history sends an image again each time. */
const MAX_IMAGE_CHARACTERS = 20 * 1024 * 1024;

/** How a model takes the results of calls. */
export interface ResultReader {
  readonly form: McpForm["results"];
  readonly takesImages: boolean;
  readonly imageDetail: ImageDetail;
  readonly budget: OutputBudget;
}

/** A result without what the model cannot take; clients see the same. Machine-read, the same in Codex. */
export function withoutUnreadable(
  result: CallToolResult,
  { form, takesImages }: Pick<ResultReader, "form" | "takesImages">,
): CallToolResult {
  const content = result.content.map((block): JsonValue => {
    const type = isJsonObject(block) ? block["type"] : undefined;
    if (type === "image" && !takesImages) return omitted("image");
    return type === "audio" && form === "parts" ? omitted("audio") : block;
  });
  return { ...result, content };
}

function omitted(kind: string): JsonObject {
  return {
    type: "text",
    text: `<${kind} content omitted because you do not support ${kind} input>`,
  };
}

/** The output the model reads, within the budget. */
export function toCallOutput(
  result: CallToolResult,
  { wallTimeMs, reader }: { readonly wallTimeMs: number; readonly reader: ResultReader },
): FunctionCallOutput {
  const head = `Wall time: ${(Math.max(0, wallTimeMs) / 1000).toFixed(4)} seconds\nOutput:`;
  const read = reader.form === "json" ? callToolResultOutput(result) : toParts(result);
  const output: FunctionCallOutput =
    typeof read === "string"
      ? `${head}\n${read}`
      : [{ type: "input_text", text: head }, ...read.map((part) => detailed(part, reader))];
  return truncateOutput(output, roomFor(reader.budget));
}

function toParts(result: CallToolResult): FunctionCallOutput {
  const structured = result.structuredContent ?? null;
  if (structured !== null) return JSON.stringify(structured);
  return result.content.map(toPart);
}

function toPart(block: JsonValue): FunctionCallOutputContentItem {
  if (isJsonObject(block)) {
    const { type, text, data } = block;
    if (type === "text" && typeof text === "string") return { type: "input_text", text };
    if (type === "image" && typeof data === "string") {
      const bytes = data.startsWith("data:") ? data.slice(data.indexOf(",") + 1) : data;
      const mediaType = imageType(Buffer.from(bytes.slice(0, 64), "base64"));
      if (mediaType === undefined || bytes.length > MAX_IMAGE_CHARACTERS) {
        return {
          type: "input_text",
          text: "image content omitted because it could not be processed",
        };
      }
      const url = `data:${mediaType};base64,${bytes}`;
      return { type: "input_image", image_url: url };
    }
  }
  return { type: "input_text", text: JSON.stringify(block) };
}

function detailed(
  part: FunctionCallOutputContentItem,
  { imageDetail }: ResultReader,
): FunctionCallOutputContentItem {
  return part.type === "input_image" ? { ...part, detail: part.detail ?? imageDetail } : part;
}

/** The model's budget for what is stored, less the room for a marker. */
function roomFor(budget: OutputBudget): OutputBudget {
  const { mode, limit } = storedBudget(budget);
  const marker = mode === "tokens" ? Math.ceil(MARKER_BYTES / BYTES_PER_TOKEN) : MARKER_BYTES;
  return { mode, limit: Math.max(0, limit - marker) };
}
