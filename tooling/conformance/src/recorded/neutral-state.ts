import { isJsonObject } from "@codex-ts/protocol";
import type { JsonObject, JsonValue } from "@codex-ts/protocol";
import { replaceTexts } from "../compare/replace-ids.ts";
import type { RunPlaces } from "../compare/observed-run.ts";

const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;

/**
 * A reduced state in which only what happened is left: ids are named in the order things started, times and places in
 * the log say no more than whether there are any.
 */
export function neutralState(state: JsonObject, places: RunPlaces): JsonValue {
  const names = new Map<string, string>();
  const threads = inStartOrder(state["threads"]);
  for (const [kind, ids] of [
    ["thread", threads],
    ["turn", threadByThread(inStartOrder(state["codex_turns"]), state["codex_turns"], threads)],
    [
      "inference",
      threadByThread(inStartOrder(state["inference_calls"]), state["inference_calls"], threads),
    ],
    ["item", threadByThread(itemIds(state), state["conversation_items"], threads)],
  ] as const)
    for (const id of ids) names.set(id, `<${kind} ${names.size + 1}>`);
  // Calls of scripts have no ids of the model's.
  const nested = inStartOrder(state["tool_calls"]).filter((id) => id.startsWith("exec-"));
  for (const [index, id] of nested.entries()) names.set(id, `<call ${index + 1} of scripts>`);
  // Of commands that run at the same time the real client tells the quick one first: their numbers say nothing.
  for (const [id, operation] of membersOf(state["terminal_operations"])) {
    const callId = asText(operation["tool_call_id"]);
    names.set(id, `<operation of ${names.get(callId) ?? callId}>`);
  }
  for (const [id, terminal] of membersOf(state["terminal_sessions"]))
    names.set(id, `<terminal of ${names.get(asText(terminal["created_by_operation_id"]))}>`);
  const text = (value: string): string =>
    names.get(value) ??
    replaceTexts(
      value
        .replaceAll(UUID, (id) => names.get(id) ?? "<uuid>")
        .replaceAll(/raw_payload:\d+/g, "<payload>"),
      places,
    );
  return neutral(state, text);
}

/** What threads do at once comes as it may; within each of them the order counts. */
function threadByThread(
  ids: readonly string[],
  map: JsonValue | undefined,
  threads: readonly string[],
): readonly string[] {
  const records = new Map(membersOf(map));
  const place = (id: string): number => threads.indexOf(asText(records.get(id)?.["thread_id"]));
  return ids.toSorted((left, right) => place(left) - place(right));
}

/** Items of the conversation in the order they came. */
function itemIds(state: JsonObject): string[] {
  const number = (id: string): number => Number(id.slice(id.lastIndexOf(":") + 1));
  return membersOf(state["conversation_items"])
    .map(([id]) => id)
    .toSorted((left, right) => number(left) - number(right));
}

function membersOf(map: JsonValue | undefined): [string, JsonObject][] {
  return Object.entries(isJsonObject(map) ? map : {}).filter(
    (entry): entry is [string, JsonObject] => isJsonObject(entry[1]),
  );
}

function asText(value: JsonValue | undefined): string {
  return typeof value === "string" ? value : "";
}

/** Ids of things that have an `execution`, the one that started first at the front. */
function inStartOrder(map: JsonValue | undefined): string[] {
  const seq = (value: JsonValue | undefined): number => {
    const execution = isJsonObject(value) ? value["execution"] : undefined;
    return isJsonObject(execution) ? Number(execution["started_seq"]) : 0;
  };
  return Object.entries(isJsonObject(map) ? map : {})
    .toSorted(([, left], [, right]) => seq(left) - seq(right))
    .map(([id]) => id);
}

/** Members whose value is a time or a place in the log. */
const MEASURED = /(_unix_ms|_seq|^duration_ms|^seq)$/;
/** Members whose value each program chooses by chance. */
const CHOSEN: ReadonlySet<string> = new Set(["nickname"]);
const LEFT_OUT: ReadonlySet<string> = new Set([
  "raw_payloads",
  "schema_version",
  "recording_complete",
  "recording_status",
]);

function neutral(value: JsonValue, text: (value: string) => string): JsonValue {
  if (typeof value === "string") return text(value);
  if (Array.isArray(value)) return value.map((member: JsonValue) => neutral(member, text));
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => !LEFT_OUT.has(key))
      .map(([key, member]) => [
        text(key),
        MEASURED.test(key) || CHOSEN.has(key) ? member !== null : neutral(member ?? null, text),
      ]),
  );
}
