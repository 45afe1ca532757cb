import { isJsonObject } from "@codex-ts/protocol";
import type { JsonValue } from "@codex-ts/protocol";
import type { ServerMessage, Transcript } from "./every-method.ts";
import { KNOWN } from "./known.ts";

/** Differences of two transcripts, one line each, and how many more are known. */
export function compareTranscripts(
  real: Transcript,
  ours: Transcript,
): { readonly differences: readonly string[]; readonly known: number } {
  const found: string[] = [];
  for (const [label, response] of real.responses) {
    compare(neutral(response), neutral(ours.responses.get(label) ?? null), label, found);
  }
  for (const [thread, list] of byThread(real.notifications)) {
    compareInOrder(list, byThread(ours.notifications).get(thread) ?? [], found);
  }
  const differences = found.filter((line) => !KNOWN.some((pattern) => pattern.test(line)));
  return { differences: [...new Set(differences)], known: found.length - differences.length };
}

/** Notifications of different threads may come in any order among each other. */
function byThread(messages: readonly ServerMessage[]): Map<string, ServerMessage[]> {
  const names = new Map<string, string>();
  const lists = new Map<string, ServerMessage[]>();
  for (const message of messages) {
    const thread = message.params?.["thread"];
    const id = message.params?.["threadId"] ?? (isJsonObject(thread) ? thread["id"] : undefined);
    const key = typeof id === "string" ? id : "";
    const name = names.get(key) ?? `thread ${names.size}`;
    names.set(key, name);
    lists.set(name, [...(lists.get(name) ?? []), message]);
  }
  return lists;
}

/** Pairs notifications of the same kind in their order; the rest is missing or extra. */
function compareInOrder(
  real: readonly ServerMessage[],
  ours: readonly ServerMessage[],
  found: string[],
): void {
  let at = 0;
  for (const message of real) {
    const kind = kindOf(message);
    const next = ours.findIndex((each, index) => index >= at && kindOf(each) === kind);
    if (next === -1) {
      found.push(`notification ${kind}: missing`);
      continue;
    }
    for (const extra of ours.slice(at, next)) found.push(`notification ${kindOf(extra)}: extra`);
    const [expected, actual] = [message.params ?? null, ours[next]?.params ?? null];
    compare(neutral(expected), neutral(actual), `notification ${kind}`, found);
    at = next + 1;
  }
  for (const extra of ours.slice(at)) found.push(`notification ${kindOf(extra)}: extra`);
}

function kindOf({ method = "", params }: ServerMessage): string {
  const types = ["item", "status", "turn"].map((name) => {
    const value = params?.[name];
    if (!isJsonObject(value)) return "";
    const { type, status } = value;
    if (typeof type === "string") return type;
    return typeof status === "string" ? status : "";
  });
  return [method, ...types].filter((word) => word !== "").join(" ");
}

const TIMES = /(?:At|AtMs|durationMs|Cursor)$/;
const NEUTRAL: readonly (readonly [RegExp, string])[] = [
  [/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, "<id>"],
  [/\d{4}[-/]\d{2}[-/]\d{2}(?:T[\d.:Z-]*)?/g, "<date>"],
  [/\/[\w./-]*codex-ts-app-server-\w+/g, "<work>"],
];

/** Without ids, times and paths. */
function neutral(value: JsonValue, name = ""): JsonValue {
  if (Array.isArray(value)) return value.map((part) => neutral(part));
  if (isJsonObject(value)) {
    return Object.fromEntries(
      Object.entries(value).map(([key, member]) => [key, neutral(member ?? null, key)]),
    );
  }
  if (value !== null && TIMES.test(name)) return "<time>";
  if (typeof value !== "string") return value;
  return NEUTRAL.reduce((text, [pattern, word]) => text.replaceAll(pattern, word), value);
}

function compare(real: JsonValue, ours: JsonValue, path: string, found: string[]): void {
  if (JSON.stringify(real) === JSON.stringify(ours)) return;
  const isBoth =
    real !== null && ours !== null && typeof real === "object" && typeof ours === "object";
  if (!isBoth || Array.isArray(real) !== Array.isArray(ours)) {
    found.push(`${path}: real ${clip(real)}, ours ${clip(ours)}`);
    return;
  }
  const [left, right] = [real, ours] as [Record<string, JsonValue>, Record<string, JsonValue>];
  for (const key of new Set([...Object.keys(left), ...Object.keys(right)])) {
    if (!(key in right)) found.push(`${path}.${key}: missing, real ${clip(left[key] ?? null)}`);
    else if (!(key in left)) found.push(`${path}.${key}: extra, ours ${clip(right[key] ?? null)}`);
    else compare(left[key] ?? null, right[key] ?? null, `${path}.${key}`, found);
  }
}

function clip(value: JsonValue): string {
  const text = JSON.stringify(value);
  return text.length <= 160 ? text : `${text.slice(0, 160)}…`;
}
