import type { ErrorPolicy } from "@codex-ts/api";
import type { TurnEvent, TurnFailure, TurnItem } from "@codex-ts/core";
import type { TokenUsage } from "@codex-ts/protocol";
import type { ThreadFacts, TurnRenderer } from "./turn-renderer.ts";

export interface JsonlRendererOptions {
  readonly write: (text: string) => unknown;
  /** Which generation of lines: `0.169` counts cache writes in the usage. */
  readonly errorPolicy: ErrorPolicy;
}

/**
 * One object per line, the lines of `codex exec --json`. Source: docs/behavior/core.md 6.1 and recordings of 0.140 and
 * 0.169.
 */
export function createJsonlRenderer({ write, errorPolicy }: JsonlRendererOptions): TurnRenderer {
  const numbers = new ItemNumbers();
  // Codex's lines of a finished plan and of a review stand right before the last line of their turn, behind that of an error.
  let lastItems: object[] = [];
  let isReviewed = false;
  return {
    threadStarted: ({ thread }: ThreadFacts) =>
      void write(toLine({ type: "thread.started", thread_id: thread.threadId })),
    turnEvent(event) {
      const lines = linesOf(event, numbers, errorPolicy);
      isReviewed ||= event.type === "reviewCompleted";
      if (event.type === "itemCompleted" && (isReviewed || event.item.type === "todo_list")) {
        lastItems.push(...lines);
        return;
      }
      const isEnd = TURN_ENDS.has(event.type);
      if (isEnd) lines.splice(Math.max(lines.length - 1, 0), 0, ...lastItems);
      if (isEnd) lastItems = [];
      for (const line of lines) write(toLine(line));
    },
  };
}

const TURN_ENDS: ReadonlySet<TurnEvent["type"]> = new Set([
  "turnCompleted",
  "turnFailed",
  "turnAborted",
]);

function linesOf(event: TurnEvent, numbers: ItemNumbers, errorPolicy: ErrorPolicy): object[] {
  switch (event.type) {
    case "turnStarted":
      return [{ type: "turn.started" }];
    case "itemStarted":
      return itemLines("item.started", event.item, { numbers, errorPolicy });
    case "itemUpdated":
      return itemLines("item.updated", event.item, { numbers, errorPolicy });
    case "itemCompleted":
      return itemLines("item.completed", event.item, { numbers, errorPolicy });
    case "warning": {
      const item = { id: numbers.next(), type: "error", message: event.message };
      return [{ type: "item.completed", item }];
    }
    case "streamRetry":
      return [{ type: "error", message: `${event.message} (${event.details})` }];
    case "turnCompleted":
      return [{ type: "turn.completed", usage: toUsage(event.usage, errorPolicy) }];
    case "turnFailed": {
      const { message } = event.error;
      return [
        { type: "error", message },
        { type: "turn.failed", error: { message, ...factsOf(event.error) } },
      ];
    }
    // Nothing is printed for these: an aborted turn has no last line, deltas and requests are not shown.
    case "turnAborted":
    case "approvalRequested":
    case "approvalResolved":
    case "agentMessageDelta":
    case "reasoningDelta":
    case "commandOutputDelta":
    case "inferenceStarted":
    case "inferenceFinished":
    case "compactionStarted":
    case "compactionInstalled":
    // A message with the same follows.
    case "reviewCompleted":
    case "rawItem":
    case "tokenCount":
    // The lines are those of the thread itself, as in Codex.
    case "agentEvent":
      return [];
    default:
      return event satisfies never;
  }
}

/**
 * Facts about a failure beside Codex's message, as extra members of an object that Codex's readers know: they skip unknown
 * members, while a line of an unknown type might stop them.
 */
function factsOf({ status, serverMessage, upstreamRequestId }: TurnFailure): object {
  return {
    ...(status !== undefined && { status }),
    ...(serverMessage !== undefined && { server_message: serverMessage }),
    ...(upstreamRequestId !== undefined && { upstream_request_id: upstreamRequestId }),
  };
}

/** Text items have one line, when they are complete. */
function itemLines(
  type: string,
  item: TurnItem,
  { numbers, errorPolicy }: { readonly numbers: ItemNumbers; readonly errorPolicy: ErrorPolicy },
): object[] {
  const isText =
    item.type === "agent_message" || item.type === "reasoning" || item.type === "error";
  if (isText && type !== "item.completed") return [];
  const id = numbers.of(item.id);
  if (type === "item.completed") numbers.forget(item.id);
  // A search takes a number, and is shown with the id of the response all the same.
  if (item.type === "web_search") {
    const { query, action } = item;
    const isOther = errorPolicy === "0.140" && action.type !== "search";
    const shown = isOther ? { type: "other" } : action;
    return [{ type, item: { id: item.id, type: item.type, query, action: shown } }];
  }
  return [{ type, item: { ...item, id } }];
}

function toUsage(usage: TokenUsage, errorPolicy: ErrorPolicy): object {
  return {
    input_tokens: usage.input_tokens,
    cached_input_tokens: usage.cached_input_tokens,
    ...(errorPolicy === "0.169" && {
      cache_write_input_tokens: usage.cache_write_input_tokens ?? 0,
    }),
    output_tokens: usage.output_tokens,
    reasoning_output_tokens: usage.reasoning_output_tokens,
  };
}

/** `item_0`, `item_1`, …: the number of an item is the order in which it first appears on a line. */
class ItemNumbers {
  readonly #open = new Map<string, string>();
  #count = 0;

  next(): string {
    return `item_${this.#count++}`;
  }

  of(itemId: string): string {
    const known = this.#open.get(itemId);
    if (known !== undefined) return known;
    const id = this.next();
    this.#open.set(itemId, id);
    return id;
  }

  /** A server may use an id again, for example when a broken stream is repeated: that is another item. */
  forget(itemId: string): void {
    this.#open.delete(itemId);
  }
}

/**
 * JSON leaves some characters as they are that others take for something else: a terminal may obey DEL and C1 controls, and
 * readers of lines, Node's among them, end one at U+2028 and U+2029. They are written as escapes.
 */
function toLine(value: object): string {
  const json = JSON.stringify(value).replaceAll(
    /[\u007f-\u009f\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
  return `${json}\n`;
}
