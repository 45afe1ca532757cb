import type { InferenceCall } from "../../model/runtime.ts";
import type { ReducedTrace } from "../../model/trace.ts";
import type { ReducerContext } from "../context.ts";
import { copyRecord } from "./copy-record.ts";
import type { Draft } from "../draft.ts";
import { sortedIds, viewState } from "./state-view.ts";

/** How the state relates to the reducer that made it. */
export type StateOwnership =
  /** The reducer is done; the state takes its records. */
  | "taken"
  /** The reducer goes on; the state is a copy. */
  | "copied";

/** The state as if the log ended here. */
export function buildState(context: ReducerContext, ownership: StateOwnership): ReducedTrace {
  const { header, maps, requestItems } = viewState(context);
  const give = <T>(map: ReadonlyMap<string, T>): { [id: string]: T } =>
    sortedObject(map, ownership === "taken" ? (value) => value : copyRecord);
  const calls = give<Draft<InferenceCall>>(context.inferences);
  const printed = new WeakMap<object, string[]>();
  for (const [callId, items] of requestItems) {
    const call = calls[callId];
    if (call !== undefined) call.request_item_ids = items.ids(printed);
  }
  return {
    ...header,
    threads: give(maps.threads),
    codex_turns: give(maps.codex_turns),
    conversation_items: give(maps.conversation_items),
    inference_calls: calls,
    code_cells: give(maps.code_cells),
    tool_calls: give(maps.tool_calls),
    terminal_sessions: give(maps.terminal_sessions),
    terminal_operations: give(maps.terminal_operations),
    compactions: give(maps.compactions),
    compaction_requests: give(maps.compaction_requests),
    interaction_edges: give(maps.interaction_edges),
    raw_payloads: give(maps.raw_payloads),
  };
}

/** An object with its keys in the order of their UTF-8 bytes, whatever they are called. */
function sortedObject<T>(map: ReadonlyMap<string, T>, give: (value: T) => T): { [id: string]: T } {
  // Made without a prototype and given one at the end: `__proto__` is a key like any other, and large objects grow fast.
  const object = Object.create(null) as { [id: string]: T };
  for (const id of sortedIds(map)) object[id] = give(map.get(id) as T);
  return Object.setPrototypeOf(object, Object.prototype) as { [id: string]: T };
}
