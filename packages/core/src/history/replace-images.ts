import type { ResponseItem } from "@codex-ts/protocol";

/** Text a text-only model reads in the place of an image. Machine-read; Codex writes the same. */
const OMITTED_IMAGE = "image content omitted because you do not support image input";

/** The item with a note in the place of each image. */
export function replaceImages(item: ResponseItem, note: string = OMITTED_IMAGE): ResponseItem {
  const noted = { type: "input_text", text: note } as const;
  switch (item.type) {
    case "message":
      if (!item.content.some((part) => part.type === "input_image")) return item;
      return {
        ...item,
        content: item.content.map((part) => (part.type === "input_image" ? noted : part)),
      };
    case "function_call_output":
    case "custom_tool_call_output":
      if (typeof item.output === "string") return item;
      return {
        ...item,
        output: item.output.map((part) => (part.type === "input_image" ? noted : part)),
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
    case "additional_tools":
    case "other":
      return item;
    default:
      return item satisfies never;
  }
}
