import type { ConversationItem, ReducedTrace } from "@codex-ts/rollout-trace";
import { lookup } from "./lookup.ts";
import { itemText, toolKinds } from "./transcript.ts";

/** The last calls of a turn, where the model made the same again and again. */
export interface RepeatedCall {
  readonly tool: string;
  readonly input: string;
  readonly times: number;
}

const LEAST_TIMES = 3;

/** `undefined`: the last calls of the turn differ in tool or arguments, or are fewer than three. */
export function repeatedCall(state: ReducedTrace, turnId: string): RepeatedCall | undefined {
  const turn = lookup(state.codex_turns, turnId);
  const thread = turn && lookup(state.threads, turn.thread_id);
  if (thread === undefined) return undefined;
  const kinds = toolKinds(state);
  const calls = thread.conversation_item_ids
    .flatMap((id) => lookup(state.conversation_items, id) ?? [])
    .filter((item) => item.codex_turn_id === turnId && CALLS.has(item.kind))
    .map((item) => ({ item, tool: kinds.get(item.item_id) ?? "tool", input: itemText(item) }));
  const last = calls.at(-1);
  if (last === undefined || isCut(last.item)) return undefined;
  const before = calls.findLastIndex(
    ({ item, tool, input }) => isCut(item) || tool !== last.tool || input !== last.input,
  );
  const times = calls.length - 1 - before;
  return times < LEAST_TIMES ? undefined : { tool: last.tool, input: last.input, times };
}

const CALLS: ReadonlySet<ConversationItem["kind"]> = new Set(["function_call", "custom_tool_call"]);

/** The state has only the beginning of long arguments, which says nothing of the rest. */
function isCut({ body }: ConversationItem): boolean {
  return body.parts.some(
    (part) => part.type === "payload_ref" || (part.type === "json" && part.summary.endsWith("...")),
  );
}
