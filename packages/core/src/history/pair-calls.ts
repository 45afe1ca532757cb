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
  const called = new Set(items.flatMap((item) => callOf(item)?.key ?? []));
  const paired: ResponseItem[] = [];
  for (const item of items) {
    const output = outputKey(item);
    if (output !== undefined && !called.has(output) && !isServerSide(item)) continue;
    paired.push(item);
    const call = callOf(item);
    if (call === undefined || withOutput.has(call.key)) continue;
    const missing = call.missingOutput;
    const id = threadId && derivedItemId(missing.type, `${threadId} missing output ${call.key}`);
    paired.push(id === undefined ? missing : ({ ...missing, id } as ResponseItem));
  }
  return paired;
}

/** The items without the first one and, where that is a call or an output, without the other half of the pair. */
export function withoutFirst(items: readonly ResponseItem[]): readonly ResponseItem[] {
  const [first, ...rest] = items;
  if (first === undefined) return rest;
  const key = callOf(first)?.key ?? outputKey(first);
  if (key === undefined) return rest;
  return rest.filter((item) => callOf(item)?.key !== key && outputKey(item) !== key);
}

/** The output of a search for tools that finds none. */
export function emptySearchOutput(callId: string | null, execution: string): ToolSearchOutputItem {
  return { type: "tool_search_output", call_id: callId, status: "completed", execution, tools: [] };
}

/** A call that needs an output. */
interface PairedCall {
  /** Joins it with its output: the family of the pair and the call id. */
  readonly key: string;
  readonly missingOutput: ResponseItem;
}

function callOf(item: ResponseItem): PairedCall | undefined {
  switch (item.type) {
    case "function_call":
      return functionPair(item.call_id);
    case "local_shell_call":
      return item.call_id ? functionPair(item.call_id) : undefined;
    case "custom_tool_call": {
      const { call_id } = item;
      return {
        key: `custom ${call_id}`,
        missingOutput: { type: "custom_tool_call_output", call_id, output: MISSING_OUTPUT },
      };
    }
    case "tool_search_call": {
      const { call_id, execution } = item;
      if (!call_id) return undefined;
      return { key: `search ${call_id}`, missingOutput: emptySearchOutput(call_id, execution) };
    }
    case "message":
    case "agent_message":
    case "reasoning":
    case "function_call_output":
    case "custom_tool_call_output":
    case "tool_search_output":
    case "web_search_call":
    case "image_generation_call":
    case "compaction":
    case "compaction_trigger":
    case "context_compaction":
    case "other":
      return undefined;
    default:
      return item satisfies never;
  }
}

function functionPair(callId: string): PairedCall {
  return {
    key: `function ${callId}`,
    missingOutput: { type: "function_call_output", call_id: callId, output: MISSING_OUTPUT },
  };
}

function outputKey(item: ResponseItem): string | undefined {
  switch (item.type) {
    case "function_call_output":
      return `function ${item.call_id}`;
    case "custom_tool_call_output":
      return `custom ${item.call_id}`;
    case "tool_search_output":
      return `search ${item.call_id ?? ""}`;
    case "message":
    case "agent_message":
    case "reasoning":
    case "local_shell_call":
    case "function_call":
    case "tool_search_call":
    case "custom_tool_call":
    case "web_search_call":
    case "image_generation_call":
    case "compaction":
    case "compaction_trigger":
    case "context_compaction":
    case "other":
      return undefined;
    default:
      return item satisfies never;
  }
}

function isServerSide(item: ResponseItem): boolean {
  return item.type === "tool_search_output" && item.execution === "server";
}
