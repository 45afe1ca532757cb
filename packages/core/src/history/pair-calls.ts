import type { ResponseItem, ToolSearchOutputItem } from "@codex-ts/protocol";
import { derivedItemId } from "./item-identity.ts";

/** Output the model sees for a call that never got one. Machine-read: servers and traces know the word. */
const MISSING_OUTPUT = "aborted";

/**
 * The items with each call followed by an output and no output without its call: servers refuse anything else.
 *
 * A missing output is put right after its call, with an id made of the thread's where one is given; an orphaned one is
 * left out, except that of a search the server ran.
 */
export function completePairs(
  items: readonly ResponseItem[],
  threadId?: string,
): readonly ResponseItem[] {
  const withOutput = new Set(items.flatMap((item) => outputKey(item) ?? []));
  const called = new Set(items.flatMap((item) => callKey(item) ?? []));
  const paired: ResponseItem[] = [];
  for (const item of items) {
    const output = outputKey(item);
    if (output !== undefined && !called.has(output) && !isServerSide(item)) continue;
    paired.push(item);
    const call = callKey(item);
    if (call === undefined || withOutput.has(call)) continue;
    const missing = missingOutput(item);
    if (missing === undefined) continue;
    const id = threadId && derivedItemId(missing.type, `${threadId} missing output ${call}`);
    paired.push(id === undefined ? missing : ({ ...missing, id } as ResponseItem));
  }
  return paired;
}

/** The output of a search for tools that finds none. */
export function emptySearchOutput(callId: string | null, execution: string): ToolSearchOutputItem {
  return { type: "tool_search_output", call_id: callId, status: "completed", execution, tools: [] };
}

/** Joins a call with its output: the family of the pair and the call id. */
function callKey(item: ResponseItem): string | undefined {
  switch (item.type) {
    case "function_call":
      return `function ${item.call_id}`;
    case "local_shell_call":
      return item.call_id ? `function ${item.call_id}` : undefined;
    case "custom_tool_call":
      return `custom ${item.call_id}`;
    case "tool_search_call":
      return item.call_id ? `search ${item.call_id}` : undefined;
    default:
      return undefined;
  }
}

function outputKey(item: ResponseItem): string | undefined {
  switch (item.type) {
    case "function_call_output":
      return `function ${item.call_id}`;
    case "custom_tool_call_output":
      return `custom ${item.call_id}`;
    case "tool_search_output":
      return `search ${item.call_id ?? ""}`;
    default:
      return undefined;
  }
}

function isServerSide(item: ResponseItem): boolean {
  return item.type === "tool_search_output" && item.execution === "server";
}

function missingOutput(call: ResponseItem): ResponseItem | undefined {
  switch (call.type) {
    case "function_call":
      return { type: "function_call_output", call_id: call.call_id, output: MISSING_OUTPUT };
    case "local_shell_call":
      return { type: "function_call_output", call_id: call.call_id ?? "", output: MISSING_OUTPUT };
    case "custom_tool_call":
      return { type: "custom_tool_call_output", call_id: call.call_id, output: MISSING_OUTPUT };
    case "tool_search_call":
      return emptySearchOutput(call.call_id ?? null, call.execution);
    default:
      return undefined;
  }
}
