import type { SessionContent, SessionContentLine } from "@codex-ts/core";
import { isJsonObject, readEventMsg } from "@codex-ts/protocol";
import type { EventMsg, JsonObject, TokenUsageInfo } from "@codex-ts/protocol";
import type { Generation } from "../wire/generation.ts";
import { durationMs, inGeneration, toTextElement, toThreadItem } from "../wire/item.ts";
import { readMcpItem, toEndedMcpCall } from "../wire/mcp-item.ts";
import { readAgentItem } from "../wire/agent-item.ts";
import { explanationOf, readReviewItem } from "../wire/review-item.ts";
import type { ItemTimes, ThreadItem } from "../wire/item.ts";
import { toTurnError } from "../wire/status.ts";
import type { TurnError } from "../wire/status.ts";
import type { TurnStatus } from "../wire/turn.ts";
import { toEndedCommand, toFileChange } from "../wire/work-item.ts";

/** A turn as a session file has kept it. */
export interface KeptTurn {
  readonly id: string;
  readonly rootTurnId: string;
  readonly status: TurnStatus;
  readonly error: TurnError | undefined;
  /** Unix seconds. */
  readonly startedAt: number | null;
  readonly completedAt: number | null;
  readonly durationMs: number | null;
  readonly items: readonly KeptItem[];
}

/** An item of such a turn, for itself and as clients read it. */
export interface KeptItem {
  readonly item: ThreadItem;
  readonly shown: object;
}

type Draft = { -readonly [Member in keyof KeptTurn]: KeptTurn[Member] } & { items: KeptItem[] };

/** The turns that a session file holds, oldest first; those that were taken back are left out. */
export function sessionTurns(
  { lines }: Pick<SessionContent, "lines">,
  generation: Generation,
): readonly KeptTurn[] {
  const reader = new TurnReader(generation);
  // The first line of the file is not among them.
  for (const [place, line] of lines.entries()) reader.take(line, place + 1);
  return reader.turns;
}

/** The token counts a session file had come to before a turn; `null`: none yet. */
export function usageBefore(
  content: Pick<SessionContent, "lines"> | undefined,
  turnId: string,
): TokenUsageInfo | null {
  const lines = content?.lines ?? [];
  const isStart = ({ payload }: SessionContentLine): boolean =>
    payload["type"] === "task_started" && payload["turn_id"] === turnId;
  const start = lines.findIndex(isStart);
  return lastUsage({ lines: lines.slice(0, Math.max(0, start)) }) ?? null;
}

/** The token counts a session file has come to. */
export function lastUsage({ lines }: Pick<SessionContent, "lines">): TokenUsageInfo | undefined {
  for (const { type, payload } of lines.toReversed()) {
    if (type !== "event_msg" || payload["type"] !== "token_count") continue;
    const event = readEventMsg(payload);
    if (event?.type === "token_count" && event.info !== null) return event.info;
  }
  return undefined;
}

class TurnReader {
  readonly #turns: Draft[] = [];
  /** Reviews that have not ended, by turn: in files of 0.171 they stand behind the turns of their reviewers. */
  readonly #reviews = new Map<string, Draft>();
  readonly #generation: Generation;
  /** Items of older files have no ids: they are counted. */
  #count = 0;

  constructor(generation: Generation) {
    this.#generation = generation;
  }

  get turns(): readonly KeptTurn[] {
    return [...this.#turns, ...this.#reviews.values()];
  }

  take({ type, payload, timestamp }: SessionContentLine, place: number): void {
    if (type !== "event_msg") return;
    const ms = Date.parse(timestamp) || 0;
    if (this.#takeReview(payload, place, ms)) return;
    const rest = this.#takeRaw(payload, ms);
    if (rest === undefined) return;
    const event = readEventMsg(rest);
    if (event === undefined) return;
    const { root_turn_id: root } = rest;
    this.#takeBoundary(event, ms, typeof root === "string" ? root : undefined);
    this.#takeItem(event, ms);
  }

  /** Lines that only reviews have. Whether it was one. */
  #takeReview(payload: JsonObject, place: number, ms: number): boolean {
    const { type, turn_id: turnId, item } = payload;
    if (type === "entered_review_mode") {
      // In files of 0.140 a review begins outside of any turn; only one that was stopped has not come to its end.
      if (this.#turns.at(-1)?.status !== "interrupted") {
        this.#turns.push({ ...newTurn(`rollout-${place}`), status: "completed" });
      }
      const review = textOf(payload["user_facing_hint"]);
      this.#counted((id) => ({ type: "enteredReviewMode", id, review }), ms);
      return true;
    }
    if (type === "exited_review_mode") {
      const review = explanationOf(payload["review_output"]);
      this.#counted((id) => ({ type: "exitedReviewMode", id, review }), ms);
      return true;
    }
    if (type !== "item_completed" || !isJsonObject(item) || typeof turnId !== "string")
      return false;
    if (item["type"] === "EnteredReviewMode") this.#reviews.set(turnId, newTurn(turnId));
    const review = this.#reviews.get(turnId);
    const read = review && (readReviewItem(item) ?? rawItem(item));
    if (read === undefined) return false;
    review?.items.push(this.#kept(read, timesOf(payload, ms)));
    return true;
  }

  /** Items of kinds that the protocol package has no table for. `undefined` when the line was one. */
  #takeRaw(payload: JsonObject, ms: number): JsonObject | undefined {
    if (payload["type"] !== "item_completed" || !isJsonObject(payload["item"])) return payload;
    const item = rawItem(payload["item"]);
    if (item === undefined) return payload;
    if (item.type === "contextCompaction") this.#forgetSummary();
    this.#add(item, timesOf(payload, ms));
    return undefined;
  }

  /** The beginning and the end of turns. */
  #takeBoundary(event: EventMsg, ms: number, rootTurnId: string | undefined): void {
    if (event.type === "task_started") {
      this.#turns.push({
        ...newTurn(event.turn_id),
        rootTurnId: rootTurnId ?? event.turn_id,
        startedAt: event.started_at ?? Math.floor(ms / 1000),
      });
    } else if (event.type === "task_complete") {
      const { message = "", codex_error_info: info = null } = event.error ?? {};
      const error = event.error && toTurnError(this.#generation, { message, info });
      this.#end(event.turn_id, error === undefined ? "completed" : "failed", event, error);
    } else if (event.type === "turn_aborted") {
      this.#end(event.turn_id ?? this.#turns.at(-1)?.id, "interrupted", event, undefined);
    } else if (event.type === "thread_rolled_back") {
      // Each turn counts, though not each leaves the history of the model.
      this.#turns.splice(Math.max(0, this.#turns.length - event.num_turns));
    }
  }

  /** The items of a turn, in the words of either generation. */
  #takeItem(event: EventMsg, ms: number): void {
    if (event.type === "user_message") {
      const facts = { clientId: event.client_id ?? null, content: contentOf(event) };
      this.#counted((id) => ({ type: "userMessage", id, ...facts }), ms);
    } else if (event.type === "agent_message") {
      const { message: text, phase, memory_citation: memoryCitation } = event;
      this.#counted((id) => ({ type: "agentMessage", id, text, phase, memoryCitation }), ms);
    } else if (event.type === "agent_reasoning") {
      this.#reasoning(event.text, ms);
    } else if (event.type === "mcp_tool_call_end") {
      const startedAtMs = ms - durationMs(event.duration);
      this.#add(toEndedMcpCall(event), { startedAtMs, completedAtMs: ms });
    } else if (event.type === "patch_apply_end") {
      this.#add(toFileChange(event), { startedAtMs: ms, completedAtMs: ms });
    } else if (event.type === "context_compacted") {
      this.#forgetSummary();
      this.#counted((id) => ({ type: "contextCompaction", id }), ms);
    }
  }

  #end(
    turnId: string | undefined,
    status: TurnStatus,
    times: {
      readonly started_at?: number;
      readonly completed_at?: number;
      readonly duration_ms?: number;
    },
    error: TurnError | undefined,
  ): void {
    const turn = this.#ending(turnId);
    if (turn === undefined) return;
    turn.status = status;
    turn.error = error;
    turn.startedAt ??= times.started_at ?? null;
    turn.completedAt = times.completed_at ?? null;
    turn.durationMs = times.duration_ms ?? null;
  }

  /** The turn that ends: in files of 0.140 a review ends the turn of its reviewer. */
  #ending(turnId: string | undefined): Draft | undefined {
    const review = turnId === undefined ? undefined : this.#reviews.get(turnId);
    if (review !== undefined && turnId !== undefined) {
      this.#reviews.delete(turnId);
      this.#turns.push(review);
      return review;
    }
    const last = this.#turns.at(-1);
    const isReview = last?.items.some(({ item }) => item.type === "exitedReviewMode");
    return this.#turns.findLast(({ id }) => id === turnId) ?? (isReview ? last : undefined);
  }

  /** The summary of a compaction is no message of its turn. */
  #forgetSummary(): void {
    const items = this.#turns.at(-1)?.items ?? [];
    if (items.some(({ item }) => item.type === "userMessage")) return;
    items.length = 0;
  }

  /** The parts of one reasoning are events of their own. */
  #reasoning(text: string, ms: number): void {
    const last = this.#turns.at(-1)?.items.at(-1)?.item;
    if (last?.type !== "reasoning") {
      return this.#counted((id) => ({ type: "reasoning", id, summary: [text], content: [] }), ms);
    }
    this.#turns.at(-1)?.items.pop();
    this.#add(
      { ...last, summary: [...last.summary, text] },
      { startedAtMs: ms, completedAtMs: ms },
    );
  }

  #counted(toItem: (id: string) => ThreadItem, ms: number): void {
    this.#count += 1;
    this.#add(toItem(`item-${this.#count}`), { startedAtMs: ms, completedAtMs: ms });
  }

  #add(item: ThreadItem, times: ItemTimes): void {
    this.#turns.at(-1)?.items.push(this.#kept(item, times));
  }

  #kept(item: ThreadItem, times: ItemTimes): KeptItem {
    return { item, shown: inGeneration(item, this.#generation, times) };
  }
}

function newTurn(id: string): Draft {
  return {
    id,
    rootTurnId: id,
    // A turn without an end was cut off.
    status: "interrupted",
    error: undefined,
    startedAt: null,
    completedAt: null,
    durationMs: null,
    items: [],
  };
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function contentOf(event: Extract<EventMsg, { readonly type: "user_message" }>): readonly object[] {
  const { message: text } = event;
  const elements = event.text_elements.map(toTextElement);
  return [
    ...(text === "" ? [] : [{ type: "text", text, text_elements: elements }]),
    ...(event.images ?? []).map((url) => ({ type: "image", url })),
    ...event.local_images.map((path) => ({ type: "localImage", path })),
  ];
}

function timesOf(payload: JsonObject, ms: number): ItemTimes {
  const time = (name: string): number => {
    const value = payload[name];
    return typeof value === "number" ? value : ms;
  };
  return { startedAtMs: time("started_at_ms"), completedAtMs: time("completed_at_ms") };
}

/** Commands, patches and messages as today's session files keep them; `undefined` for all else. */
function rawItem(raw: JsonObject): ThreadItem | undefined {
  if (raw["type"] === "CommandExecution") return commandItem(raw);
  if (raw["type"] === "McpToolCall") return readMcpItem(raw);
  if (raw["type"] === "FileChange") {
    const output = { stdout: "", stderr: "", success: true };
    const ids = { type: "patch_apply_end", call_id: raw["id"] ?? "" };
    const event = readEventMsg({ ...output, ...raw, ...ids });
    return event?.type === "patch_apply_end" ? toFileChange(event) : undefined;
  }
  const ofAgents = readAgentItem(raw);
  if (ofAgents !== undefined) return ofAgents;
  const ids = { thread_id: "", turn_id: "", completed_at_ms: 0 };
  const event = readEventMsg({ type: "item_completed", ...ids, item: raw });
  return event?.type === "item_completed" ? toThreadItem(event.item) : undefined;
}

function commandItem(raw: JsonObject): ThreadItem | undefined {
  const cwd = typeof raw["cwd"] === "string" ? pathOf(raw["cwd"]) : "";
  const ids = { type: "exec_command_end", call_id: raw["id"] ?? "", turn_id: "" };
  const event = readEventMsg({ ...raw, ...ids, cwd });
  return event?.type === "exec_command_end" ? toEndedCommand(event) : undefined;
}

/** Today's files keep directories as `file:` URLs. */
function pathOf(cwd: string): string {
  if (!cwd.startsWith("file://")) return cwd;
  try {
    return decodeURIComponent(new URL(cwd).pathname);
  } catch {
    return cwd;
  }
}
