import { isJsonObject } from "@codex-ts/protocol";
import { ABSENT, differences } from "../compare/differences.ts";
import type { Difference } from "../compare/differences.ts";
import type { ServerMessage, Transcript } from "./client.ts";
import { KNOWN } from "./known.ts";
import { neutral } from "./neutral.ts";

/** Differences of two transcripts, each once, and how many more are known. */
export function compareTranscripts(
  real: Transcript,
  ours: Transcript,
): { readonly differences: readonly Difference[]; readonly known: number } {
  const found: Difference[] = [];
  for (const [label, response] of real.responses) {
    found.push(
      ...differences(neutral(response), neutral(ours.responses.get(label) ?? null), label),
    );
  }
  const ourThreads = byThread(ours.notifications);
  for (const [thread, list] of byThread(real.notifications)) {
    found.push(...differencesInOrder(list, ourThreads.get(thread) ?? []));
  }
  const unknown = found.filter(({ field }) => !KNOWN.some((pattern) => pattern.test(field)));
  const distinct = new Map(unknown.map((each) => [JSON.stringify(each), each]));
  return { differences: [...distinct.values()], known: found.length - unknown.length };
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
function differencesInOrder(
  real: readonly ServerMessage[],
  ours: readonly ServerMessage[],
): Difference[] {
  const found: Difference[] = [];
  const alone = (message: ServerMessage, sides: Pick<Difference, "expected" | "actual">): void => {
    found.push({ field: `notification ${kindOf(message)}`, ...sides });
  };
  let at = 0;
  for (const message of real) {
    const kind = kindOf(message);
    const next = ours.findIndex((each, index) => index >= at && kindOf(each) === kind);
    if (next === -1) {
      alone(message, { expected: "sent", actual: ABSENT });
      continue;
    }
    found.push(...extras(ours, at, next));
    const [expected, actual] = [message.params ?? null, ours[next]?.params ?? null];
    found.push(...differences(neutral(expected), neutral(actual), `notification ${kind}`));
    at = next + 1;
  }
  found.push(...extras(ours, at, ours.length));
  return found;
}

/** What ours sent more, from place `from` on. */
function extras(ours: readonly ServerMessage[], from: number, to: number): Difference[] {
  return ours.slice(from, to).map((message, index) => {
    const when = isCountOfInterrupted(ours, from + index) ? " as a turn is interrupted" : "";
    const field = `notification ${kindOf(message)}${when}`;
    return { field, expected: ABSENT, actual: "sent" };
  });
}

const COUNTS: ReadonlySet<string | undefined> = new Set([
  "thread/tokenUsage/updated",
  "account/rateLimits/updated",
]);
/** Come between the counts of a turn and its end. */
const BEFORE_END: ReadonlySet<string | undefined> = new Set([
  ...COUNTS,
  "thread/readState/changed",
  "thread/status/changed",
]);

/** Whether nothing comes after these counts but the end of an interrupted turn. */
function isCountOfInterrupted(messages: readonly ServerMessage[], at: number): boolean {
  if (!COUNTS.has(messages[at]?.method)) return false;
  const next = messages.slice(at).find(({ method }) => !BEFORE_END.has(method));
  return next !== undefined && kindOf(next) === "turn/completed interrupted";
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
