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
  const halves = items.map(halfOf);
  const withOutput = keysOf(halves, "output");
  const called = keysOf(halves, "call");
  const paired: ResponseItem[] = [];
  for (const [at, item] of items.entries()) {
    const half = halves[at];
    if (half?.side === "output" && !called.has(half.key) && !isServerSide(item)) continue;
    paired.push(item);
    if (half?.side !== "call" || withOutput.has(half.key)) continue;
    const missing = half.missingOutput;
    const id = threadId && derivedItemId(missing.type, `${threadId} missing output ${half.key}`);
    paired.push(id === undefined ? missing : ({ ...missing, id } as ResponseItem));
  }
  return paired;
}

/** The items without the first one and, where that is a call or an output, without the other half of the pair. */
export function withoutFirst(items: readonly ResponseItem[]): readonly ResponseItem[] {
  const [first, ...rest] = items;
  const key = first && halfOf(first)?.key;
  return key === undefined ? rest : rest.filter((item) => halfOf(item)?.key !== key);
}

/** The output of a search for tools that finds none. */
export function emptySearchOutput(callId: string | null, execution: string): ToolSearchOutputItem {
  return { type: "tool_search_output", call_id: callId, status: "completed", execution, tools: [] };
}

/** A call that needs an output, or an output. `key` joins the two: the family of the pair and the call id. */
type Half =
  | { readonly side: "call"; readonly key: string; readonly missingOutput: ResponseItem }
  | { readonly side: "output"; readonly key: string };

function halfOf(item: ResponseItem): Half | undefined {
  switch (item.type) {
    case "function_call":
      return functionCall(item.call_id);
    case "local_shell_call":
      return item.call_id ? functionCall(item.call_id) : undefined;
    case "custom_tool_call": {
      const { call_id } = item;
      return {
        side: "call",
        key: `custom ${call_id}`,
        missingOutput: { type: "custom_tool_call_output", call_id, output: MISSING_OUTPUT },
      };
    }
    case "tool_search_call": {
      const { call_id, execution } = item;
      if (!call_id) return undefined;
      return {
        side: "call",
        key: `search ${call_id}`,
        missingOutput: emptySearchOutput(call_id, execution),
      };
    }
    case "function_call_output":
      return { side: "output", key: `function ${item.call_id}` };
    case "custom_tool_call_output":
      return { side: "output", key: `custom ${item.call_id}` };
    case "tool_search_output":
      return { side: "output", key: `search ${item.call_id ?? ""}` };
    case "message":
    case "agent_message":
    case "reasoning":
    case "web_search_call":
    case "image_generation_call":
    case "compaction":
    case "compaction_trigger":
    case "context_compaction":
    case "additional_tools":
    case "other":
      return undefined;
    default:
      return item satisfies never;
  }
}

function functionCall(callId: string): Half {
  return {
    side: "call",
    key: `function ${callId}`,
    missingOutput: { type: "function_call_output", call_id: callId, output: MISSING_OUTPUT },
  };
}

function keysOf(halves: readonly (Half | undefined)[], side: Half["side"]): ReadonlySet<string> {
  return new Set(halves.flatMap((half) => (half?.side === side ? [half.key] : [])));
}

function isServerSide(item: ResponseItem): boolean {
  return item.type === "tool_search_output" && item.execution === "server";
}
