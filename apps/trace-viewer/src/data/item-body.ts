import { isList, isObject, parseJson, pretty, textOf } from "./json.ts";
import type { Json } from "./json.ts";

/** One piece of what an item says, for a person. */
export type BodyPart =
  | { readonly kind: "text" | "json" | "code"; readonly label?: string; readonly text: string }
  | { readonly kind: "image"; readonly source: string; readonly bytes: number }
  | { readonly kind: "note"; readonly text: string };

/** Contents of an item, for a person. */
export interface ItemBody {
  /** Name of the tool of a call. */
  readonly tool?: string;
  readonly parts: readonly BodyPart[];
}

/** Makes the text of an item readable. Anything unknown is shown as it is. */
export function itemBody(text: string): ItemBody {
  const value = parseJson(text);
  if (!isObject(value)) return { parts: [{ kind: "text", text }] };
  const { type, name } = value;
  const tool = textOf(name);
  switch (textOf(type) ?? "") {
    case "message":
    case "agent_message":
      return { parts: contentParts(value["content"]) };
    case "reasoning":
      return { parts: reasoningParts(value) };
    case "function_call":
      return { ...(tool === undefined ? {} : { tool }), parts: callParts(value["arguments"]) };
    case "custom_tool_call":
      return { ...(tool === undefined ? {} : { tool }), parts: callParts(value["input"]) };
    case "function_call_output":
    case "custom_tool_call_output":
      return { parts: contentParts(value["output"]).map(asPrinted) };
    case "parts":
      return { parts: isList(value["parts"]) ? value["parts"].flatMap(statePart) : [] };
    case "cut_text":
      return { parts: cutParts(value) };
    case "compaction":
    case "compaction_summary":
    case "context_compaction":
      return { parts: encrypted(value["encrypted_content"]) };
    default:
      return { tool: textOf(type) ?? "item", parts: [{ kind: "json", text: pretty(value) }] };
  }
}

/** All that an item says as one text, for search and copying. */
export function plainText(text: string): string {
  const { tool, parts } = itemBody(text);
  const shown = parts.map((part) => (part.kind === "image" ? "[image]" : part.text));
  return [...(tool === undefined ? [] : [tool]), ...shown].join("\n");
}

function contentParts(content: Json | undefined): readonly BodyPart[] {
  if (typeof content === "string") return [{ kind: "text", text: content }];
  if (!isList(content))
    return content === undefined ? [] : [{ kind: "json", text: pretty(content) }];
  return content.flatMap((part): readonly BodyPart[] => {
    if (!isObject(part)) return [{ kind: "json", text: pretty(part) }];
    const text = textOf(part["text"]);
    if (text !== undefined) return [{ kind: "text", text }];
    const image = textOf(part["image_url"]);
    if (image !== undefined) return [imagePart(image)];
    if (part["type"] === "encrypted_content") return encrypted(part["encrypted_content"]);
    const lost = textOf(isObject(part["text"]) ? part["text"]["$trace_unavailable"] : undefined);
    if (lost !== undefined) return [{ kind: "note", text: `not recorded: ${lost}` }];
    return [{ kind: "json", text: pretty(part) }];
  });
}

/** Output of programs keeps its columns. */
function asPrinted(part: BodyPart): BodyPart {
  return part.kind === "text" ? { ...part, kind: "code" } : part;
}

/** Only what an image element shows without running anything. */
const IMAGE = /^data:image\/(?:png|jpeg|gif|webp|bmp|avif);base64,/;
const MAX_IMAGE_CHARACTERS = 3 * 1024 * 1024;

function imagePart(source: string): BodyPart {
  const bytes = Math.round((source.length * 3) / 4);
  if (!IMAGE.test(source)) return { kind: "note", text: `image: ${source.slice(0, 200)}` };
  if (source.length > MAX_IMAGE_CHARACTERS)
    return {
      kind: "note",
      text: `image of ${bytes.toLocaleString("en-US")} bytes, too large to show`,
    };
  return { kind: "image", source, bytes };
}

function reasoningParts(value: { readonly [key: string]: Json }): readonly BodyPart[] {
  const texts = [value["summary"], value["content"]].flatMap((list) =>
    isList(list)
      ? list.flatMap((part) => textOf(isObject(part) ? part["text"] : undefined) ?? [])
      : [],
  );
  return [
    ...texts.map((text) => ({ kind: "text", text }) as const),
    ...encrypted(value["encrypted_content"]),
  ];
}

function encrypted(value: Json | undefined): readonly BodyPart[] {
  const text = textOf(value);
  if (text === undefined) return [];
  return [{ kind: "note", text: `encrypted, ${text.length.toLocaleString("en-US")} characters` }];
}

/** Arguments are JSON in a text; a command line in them is what one wants to read. */
function callParts(value: Json | undefined): readonly BodyPart[] {
  if (typeof value !== "string")
    return value === undefined ? [] : [{ kind: "json", text: pretty(value) }];
  const parsed = parseJson(value);
  if (!isObject(parsed)) return [{ kind: "code", text: value }];
  const { cmd, command, ...rest } = parsed;
  const line = commandLine(cmd ?? command);
  if (line === undefined) return [{ kind: "json", text: pretty(parsed) }];
  const others: readonly BodyPart[] =
    Object.keys(rest).length === 0 ? [] : [{ kind: "json", text: pretty(rest) }];
  return [{ kind: "code", text: line }, ...others];
}

function commandLine(value: Json | undefined): string | undefined {
  if (isList(value) && value.every((word) => typeof word === "string")) return value.join(" ");
  return textOf(value);
}

function statePart(part: Json): readonly BodyPart[] {
  if (!isObject(part)) return [];
  const { type } = part;
  if (type === "text" || type === "summary")
    return [{ kind: "text", text: textOf(part["text"]) ?? "" }];
  if (type === "code") return [{ kind: "code", text: textOf(part["source"]) ?? "" }];
  if (type === "json") return [{ kind: "json", text: textOf(part["summary"]) ?? "" }];
  if (type === "encoded") return encrypted(part["value"]);
  return [
    {
      kind: "note",
      text: `${textOf(part["label"]) ?? "content"} in ${textOf(part["raw_payload_id"]) ?? "a payload"}`,
    },
  ];
}

function cutParts(value: { readonly [key: string]: Json }): readonly BodyPart[] {
  const note = `too long for this page: ${pretty(value["bytes"] ?? null)} bytes, SHA-256 ${textOf(value["sha256"]) ?? "unknown"}`;
  return [
    { kind: "note", text: note },
    { kind: "code", label: "beginning", text: textOf(value["head"]) ?? "" },
    { kind: "code", label: "end", text: textOf(value["tail"]) ?? "" },
  ];
}
