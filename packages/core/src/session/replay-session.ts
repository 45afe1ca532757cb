import { isJsonObject, readEventMsg, readResponseItem } from "@codex-ts/protocol";
import type {
  JsonObject,
  JsonValue,
  RateLimitSnapshot,
  ResponseItem,
  TokenUsage,
  TokenUsageInfo,
} from "@codex-ts/protocol";
import { ThreadError } from "../errors.ts";
import { isSaidByUser, isUserCommand } from "../compaction/retained-messages.ts";
import { message } from "../context/context-messages.ts";
import type { RecordedContext } from "../events/recorded-context.ts";
import { cutOf } from "./cut-history.ts";
import { baseSegments } from "./base-segments.ts";
import type { OpenBase, SessionSegment } from "./base-segments.ts";
import { readContext } from "./read-context.ts";
import { agentMessage, isReviewingAfter, isUserMessage, readUsage } from "./line-facts.ts";
import { readLines, readSessionBytes } from "./read-lines.ts";
import type { RawLine } from "./read-lines.ts";
import { fileIdOf } from "./session-directory.ts";
import type { SessionGeneration } from "./session-line.ts";
import { merge } from "./world-state.ts";

/** A thread as its session file leaves it. */
export interface ReplayedSession {
  /** Payload of the first line. */
  readonly meta: JsonObject;
  readonly threadId: string;
  /** Whether its lines are numbered, as in 0.171, or as before; a file goes on as it began. */
  readonly generation: SessionGeneration;
  readonly items: readonly ResponseItem[];
  /** The surroundings the model knows; `undefined`: it is to receive all of them. */
  readonly referenceContext: RecordedContext | undefined;
  readonly worldState: JsonObject | undefined;
  /** Slug of the model of the last turn. */
  readonly model: string | undefined;
  /** The settings it was last run with, as 0.171 writes them. */
  readonly settings: JsonObject | undefined;
  /** Hash of the form of compactions that model can go on with. */
  readonly compHash: string | undefined;
  /** Texts that stand for a past in the history of some window: also in the words of another program. */
  readonly summaries: readonly string[];
  /** How often the history was compacted. */
  readonly windowNumber: number;
  readonly contextWindowId: string | undefined;
  readonly firstContextWindowId: string | undefined;
  readonly tokenInfo: TokenUsageInfo | null;
  /** Usage of every request, those of remote compactions too, as 0.171 records it. */
  readonly recordedUsage: TokenUsage | undefined;
  readonly rateLimits: RateLimitSnapshot | null;
  readonly nextOrdinal: number;
  /** The byte after the last whole line. */
  readonly endByte: number;
}

/**
 * Reads a session file to the point it has come to: the history of the last compaction and every item since. Lines that
 * cannot be read and those nobody here knows are skipped. Throws `ThreadError` `session_unreadable` when the first line
 * does not say what the session is. Source: docs/behavior/core.md 6.3.
 */
export function replaySession(path: string, openBase: OpenBase): ReplayedSession {
  return replayWithout(path, openBase, 0).replayed;
}

/** The same without the newest inputs of the user, and how many there were. */
export function replayWithout(
  path: string,
  openBase: OpenBase,
  inputs: number,
): { readonly replayed: ReplayedSession; readonly dropped: number } {
  return readingSession(path, () => {
    const { meta, threadId, segments } = readSegments(path, openBase);
    const state = new Replay(meta, threadId);
    state.apply(segments.flatMap(({ lines }) => lines));
    const dropped = state.rollBack(inputs);
    return { replayed: state.result(), dropped };
  });
}

/** Calls `read`; what it throws becomes `session_unreadable`. */
export function readingSession<Result>(path: string, read: () => Result): Result {
  try {
    return read();
  } catch (error) {
    if (ThreadError.is(error)) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new ThreadError("session_unreadable", `read session file ${path}: ${reason}`);
  }
}

/** All lines of a session, those in other files first, and what the first line of its own file says. */
export function readSegments(
  path: string,
  openBase: OpenBase,
): {
  readonly meta: JsonObject;
  readonly threadId: string;
  readonly segments: readonly SessionSegment[];
} {
  const lines = [...readLines(readSessionBytes(path))];
  const [first] = lines;
  const threadId = first?.payload["id"];
  if (first?.type !== "session_meta" || typeof threadId !== "string") {
    throw new Error("it does not begin with the line that says what the session is");
  }
  const meta = first.payload;
  const base = meta["history_base"];
  const shared = isJsonObject(base) ? baseSegments(base, openBase) : [];
  return { meta, threadId, segments: [...shared, { fileId: fileIdOf(path) ?? threadId, lines }] };
}

/** How far a session is to go back: by so many inputs of the user, or to where a turn began. */
export type BackTo = number | { readonly beforeTurnId: string };

/** State of a thread before a turn. */
interface TurnStart {
  readonly turnId: string;
  /** So many lines stand before that of its beginning. */
  readonly line: number;
  readonly inputs: number;
  readonly turnContext: JsonObject | undefined;
  readonly worldState: JsonObject | undefined;
  readonly model: string | undefined;
  readonly compHash: string | undefined;
  /** Whether the user has said something in it; a command is nothing said. */
  isUserTurn: boolean;
}

/** Something the user said. */
interface UserInput {
  /** The history it is in, and where. */
  readonly items: ResponseItem[];
  readonly index: number;
  /** So many lines stand before that of its item. */
  readonly line: number;
  /** The beginning of its turn; `undefined`: it came later, or the file does not say. */
  readonly start: TurnStart | undefined;
}

export class Replay {
  readonly #meta: JsonObject;
  readonly #threadId: string;
  #items: ResponseItem[] = [];
  #inputs: UserInput[] = [];
  #start: TurnStart | undefined;
  #starts: TurnStart[] = [];
  /** So many lines came before the one that is read, and before that of the newest item. */
  #line = -1;
  #itemLine = 0;
  /** The newest line that has what the model knows; the state beside it may be newer. */
  #turnContext: JsonObject | undefined;
  #worldState: JsonObject | undefined;
  #model: string | undefined;
  #settings: JsonObject | undefined;
  #compHash: string | undefined;
  readonly #summaries = new Set<string>();
  /** Id of the thread whose lines these are. */
  #fileOf: JsonValue | undefined;
  #windowNumber = 0;
  /** Compactions that were not taken back, oldest first. */
  #compactions: { readonly line: number; readonly windowNumber: number }[] = [];
  #compactionCount = 0;
  /** So many items of the history are those of a compaction. */
  #replacedItems = 0;
  #contextWindowId: string | undefined;
  #firstContextWindowId: string | undefined;
  #tokenInfo: TokenUsageInfo | null = null;
  #recordedUsage: TokenUsage | undefined;
  #rateLimits: RateLimitSnapshot | null = null;
  #isReviewing = false;
  #ordinal = -1;
  #endByte = 0;

  constructor(meta: JsonObject, threadId: string) {
    this.#meta = meta;
    this.#threadId = threadId;
  }

  apply(lines: readonly RawLine[]): void {
    for (const line of lines) this.#apply(line);
  }

  result(): ReplayedSession {
    return {
      meta: this.#meta,
      threadId: this.#threadId,
      generation: this.#meta["history_mode"] === "paginated" ? "0.171" : "0.140",
      items: this.#items,
      referenceContext: this.#turnContext && readContext(this.#turnContext, this.#worldState),
      worldState: this.#worldState,
      model: this.#model,
      settings: this.#settings,
      compHash: this.#compHash,
      summaries: [...this.#summaries],
      windowNumber: this.#windowNumber,
      contextWindowId: this.#contextWindowId,
      firstContextWindowId: this.#firstContextWindowId,
      tokenInfo: this.#tokenInfo,
      recordedUsage: this.#recordedUsage,
      rateLimits: this.#rateLimits,
      nextOrdinal: this.#ordinal + 1,
      endByte: this.#endByte,
    };
  }

  #apply({ type, payload, ordinal, endByte }: RawLine): void {
    this.#line += 1;
    this.#endByte = endByte;
    this.#ordinal = Math.max(this.#ordinal, ordinal ?? -1);
    switch (type) {
      case "session_meta":
        this.#noteBeginning(payload);
        return;
      case "response_item": {
        const item = readResponseItem(payload);
        if (item === undefined || item.type === "other") return;
        this.#items.push(item);
        this.#itemLine = this.#line;
        // The input a review stands for, and no reviewer's; a command of the user has no event that says so.
        if (this.#isReviewing ? isSaidByUser(item) : isUserCommand(item)) this.#noteInput();
        return;
      }
      case "inter_agent_communication":
        this.#items.push(...agentMessage(payload));
        return;
      case "compacted":
        this.#compact(payload);
        return;
      case "turn_context":
        this.#noteContext(payload);
        return;
      case "world_state":
        this.#noteWorldState(payload);
        return;
      case "token_usage_record":
        this.#recordedUsage = readUsage(payload["thread_token_usage"]) ?? this.#recordedUsage;
        return;
      case "event_msg":
        this.#event(payload);
    }
  }

  /**
   * Of a file, also of one that others begin in. A fork counts its windows anew, from one of its own once it is resumed; a
   * later file of a thread does not.
   */
  #noteBeginning({ id, context_window: window }: JsonObject): void {
    if (id === this.#fileOf) return;
    this.#fileOf = id;
    this.#windowNumber = 0;
    const windowId = isJsonObject(window) ? window["window_id"] : undefined;
    if (typeof windowId !== "string") return;
    this.#contextWindowId = windowId;
    this.#firstContextWindowId = windowId;
  }

  #noteContext(payload: JsonObject): void {
    const context = readContext(payload, this.#worldState);
    this.#turnContext = context && payload;
    this.#model = context?.model ?? this.#model;
    this.#compHash = context?.compHash;
  }

  #compact(payload: JsonObject): void {
    const { replacement_history: replacement, window_id: windowId } = payload;
    this.#items = Array.isArray(replacement)
      ? replacement.flatMap((item) => readResponseItem(item) ?? [])
      : this.#withSummary(payload["message"]);
    const summary = payload["message"];
    if (typeof summary === "string" && summary !== "") this.#summaries.add(summary);
    this.#replacedItems = this.#items.length;
    this.#windowNumber += 1;
    this.#compactionCount += 1;
    this.#compactions.push({ line: this.#line, windowNumber: this.#windowNumber });
    if (typeof windowId === "string") this.#contextWindowId = windowId;
    this.#turnContext = undefined;
    this.#worldState = undefined;
  }

  /** Older files hold the summary only: what the user said stays. */
  #withSummary(summary: JsonValue | undefined): ResponseItem[] {
    const inputs = this.#inputs.filter(({ items }) => items === this.#items);
    const said = inputs
      .flatMap(({ index }) => this.#items[index] ?? [])
      .filter((item) => !isUserCommand(item));
    return [...said, message("user", [typeof summary === "string" ? summary : ""])];
  }

  #noteWorldState({ full, state }: JsonObject): void {
    if (!isJsonObject(state)) return;
    const known = this.#worldState;
    this.#worldState = full === true || known === undefined ? state : merge(known, state);
  }

  #event(payload: JsonObject): void {
    this.#isReviewing = isReviewingAfter(payload) ?? this.#isReviewing;
    const { type, thread_settings: settings } = payload;
    if (type === "thread_settings_applied" && isJsonObject(settings)) this.#settings = settings;
    const event = readEventMsg(payload);
    if (event?.type === "token_count") {
      this.#tokenInfo = event.info ?? this.#tokenInfo;
      this.#rateLimits = event.rate_limits ?? this.#rateLimits;
    } else if (event?.type === "task_started") {
      this.#noteStart(event.turn_id);
    } else if (event?.type === "thread_rolled_back") {
      this.rollBack(event.num_turns);
    } else if (event !== undefined && isUserMessage(event) && !this.#isReviewing) {
      this.#noteInput();
    }
  }

  #noteStart(turnId: string): void {
    this.#start = {
      turnId,
      line: this.#line,
      inputs: this.#inputs.length,
      turnContext: this.#turnContext,
      worldState: this.#worldState,
      model: this.#model,
      compHash: this.#compHash,
      isUserTurn: false,
    };
    this.#starts.push(this.#start);
  }

  /** The newest item is an input. */
  #noteInput(): void {
    const start = this.#start?.inputs === this.#inputs.length ? this.#start : undefined;
    const item = this.#items.at(-1);
    const isCommand = item !== undefined && isUserCommand(item);
    if (this.#start !== undefined && !isCommand) this.#start.isUserTurn = true;
    const index = this.#items.length - 1;
    this.#inputs.push({ items: this.#items, index, line: this.#itemLine, start });
  }

  /** How many lines stay when it goes back so far, and how many inputs do not; `undefined`: there is no such turn. */
  lineOf(to: BackTo): { readonly line: number; readonly dropped: number } | undefined {
    if (typeof to === "object") {
      const start = this.#starts.findLast(({ turnId }) => turnId === to.beforeTurnId);
      return start && { line: start.line, dropped: this.#inputs.length - start.inputs };
    }
    const dropped = Math.min(Math.max(0, to), this.#inputs.length);
    const first = dropped === 0 ? undefined : this.#inputs.at(-dropped);
    return { line: first?.start?.line ?? first?.line ?? this.#line + 1, dropped };
  }

  /**
   * Takes the newest turns back in which the user has said something, as 0.140 does, whose files go on after it: what they
   * said last leaves the history with what followed, and the model knows of its surroundings what it knew before the first
   * of them. Returns how many turns there were.
   */
  rollBack(turns: number): number {
    const said = this.#starts.filter(({ isUserTurn }) => isUserTurn);
    const dropped = Math.min(Math.max(0, turns), said.length);
    const first = said.at(-dropped);
    if (dropped === 0 || first === undefined) return 0;
    this.#dropCompactions(first.line);
    this.#items.length = cutOf(this.#items, turns);
    this.#inputs = this.#inputs.filter(({ line }) => line < first.line);
    this.#starts = this.#starts.filter(({ line }) => line < first.line);
    this.#turnContext = first.turnContext;
    this.#worldState = first.worldState;
    this.#model = first.model;
    this.#compHash = first.compHash;
    return dropped;
  }

  /** Where the only compaction is taken back, 0.140 reads neither its history nor the one before. */
  #dropCompactions(line: number): void {
    const kept = this.#compactions.filter((compaction) => compaction.line < line);
    const hasDropped = kept.length < this.#compactions.length;
    this.#compactions = kept;
    const last = kept.at(-1);
    if (last !== undefined) this.#windowNumber = last.windowNumber;
    if (!hasDropped || this.#compactionCount > 1) return;
    this.#items = this.#items.slice(this.#replacedItems);
    this.#replacedItems = 0;
  }
}
