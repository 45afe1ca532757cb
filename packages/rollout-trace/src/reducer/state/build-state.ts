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
  const recordsOf = <T>(map: ReadonlyMap<string, T>): { [id: string]: T } =>
    sortedObject(map, ownership === "taken" ? (value) => value : copyRecord);
  const calls = recordsOf<Draft<InferenceCall>>(context.inferences);
  const printed = new WeakMap<object, string[]>();
  for (const [callId, items] of requestItems) {
    const call = calls[callId];
    if (call !== undefined) call.request_item_ids = items.ids(printed);
  }
  return {
    ...header,
    threads: recordsOf(maps.threads),
    codex_turns: recordsOf(maps.codex_turns),
    conversation_items: recordsOf(maps.conversation_items),
    inference_calls: calls,
    code_cells: recordsOf(maps.code_cells),
    tool_calls: recordsOf(maps.tool_calls),
    terminal_sessions: recordsOf(maps.terminal_sessions),
    terminal_operations: recordsOf(maps.terminal_operations),
    compactions: recordsOf(maps.compactions),
    compaction_requests: recordsOf(maps.compaction_requests),
    interaction_edges: recordsOf(maps.interaction_edges),
    // Nothing changes a reference once it is known, and those of one trace may share a great many parts.
    raw_payloads: sortedObject(maps.raw_payloads, (reference) => reference),
  };
}

/** An object with its keys in the order of their UTF-8 bytes, also those that look like integers. */
function sortedObject<T>(map: ReadonlyMap<string, T>, take: (value: T) => T): { [id: string]: T } {
  // Made without a prototype and given one at the end: `__proto__` is a key like any other, and large objects grow fast.
  const object = Object.create(null) as { [id: string]: T };
  for (const id of sortedIds(map)) object[id] = take(map.get(id) as T);
  return Object.setPrototypeOf(object, Object.prototype) as { [id: string]: T };
}
