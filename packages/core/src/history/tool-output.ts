import type {
  CustomToolCallOutputItem,
  FunctionCallOutputItem,
  ResponseItem,
} from "@codex-ts/protocol";

/** Whether the item is the output of a call that this side ran, of either kind. */
export function isToolOutput(
  item: ResponseItem,
): item is FunctionCallOutputItem | CustomToolCallOutputItem {
  return item.type === "function_call_output" || item.type === "custom_tool_call_output";
}
