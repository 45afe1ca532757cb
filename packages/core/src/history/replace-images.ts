import type { ResponseItem } from "@codex-ts/protocol";

/** Text a text-only model reads in the place of an image. Machine-read; Codex writes the same. */
const OMITTED_IMAGE = "image content omitted because you do not support image input";

const OMITTED_PART = { type: "input_text", text: OMITTED_IMAGE } as const;

/** The item without images. */
export function replaceImages(item: ResponseItem): ResponseItem {
  switch (item.type) {
    case "message":
      if (!item.content.some((part) => part.type === "input_image")) return item;
      return {
        ...item,
        content: item.content.map((part) => (part.type === "input_image" ? OMITTED_PART : part)),
      };
    case "function_call_output":
    case "custom_tool_call_output":
      if (typeof item.output === "string") return item;
      return {
        ...item,
        output: item.output.map((part) => (part.type === "input_image" ? OMITTED_PART : part)),
      };
    case "agent_message":
    case "reasoning":
    case "local_shell_call":
    case "function_call":
    case "tool_search_call":
    case "custom_tool_call":
    case "tool_search_output":
    case "web_search_call":
    case "image_generation_call":
    case "compaction":
    case "compaction_trigger":
    case "context_compaction":
    case "other":
      return item;
    default:
      return item satisfies never;
  }
}
