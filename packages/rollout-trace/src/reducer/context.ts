import type {
  CodeCell,
  Compaction,
  CompactionRequest,
  InferenceCall,
  InteractionEdge,
  TerminalOperation,
  TerminalSession,
  ToolCall,
} from "../model/runtime.ts";
import type { AgentThread, CodexTurn, ExecutionWindow, RolloutHeader } from "../model/session.ts";
import type { PayloadReference } from "../format/payload.ts";
import type { RawTraceEvent } from "../format/raw-event.ts";
import { TraceReadError } from "../reader/problem.ts";
import type { TraceDiagnostic, TraceProblemCode, TraceProblemFacts } from "../reader/problem.ts";
import type { ContentObserver } from "./content-observer.ts";
import type { Draft } from "./draft.ts";
import type { QueuedCell, QueuedEdge } from "./pending.ts";
import type { Item } from "./conversation/item.ts";
import type { ItemList } from "./conversation/item-list.ts";
import type { LoadedPayload } from "./loaded-payload.ts";
import { MemberTexts } from "./request-cache/member-texts.ts";
import type { RequestCache } from "./request-cache/request-cache.ts";
import { createThreadHistory } from "./conversation/thread-history.ts";
import type { ThreadHistory } from "./conversation/thread-history.ts";
import type { ToolFacts } from "./tool/tool-facts.ts";
import type { SchemaRules } from "../schema/schema-rules.ts";

/** Two reading modes: `tolerant` reduces what is there and lists problems, `strict` stops where Codex's reducer stops. */
export type TraceReadMode = "tolerant" | "strict";

export interface ReducerContextOptions {
  readonly mode: TraceReadMode;
  readonly rules: SchemaRules;
  readonly header: RolloutHeader;
  readonly requestCache: RequestCache;
  readonly diagnostics: TraceDiagnostic[];
  readonly observer: ContentObserver | undefined;
}

/** All state of one reduction. The files of this directory hold the rules; this holds what they work on. */
export class ReducerContext {
  readonly isStrict: boolean;
  readonly rules: SchemaRules;
  readonly requestCache: RequestCache;
  readonly header: Draft<RolloutHeader>;
  /** Who asked for the contents of requests, with what was printed of them before. */
  readonly observer:
    | { readonly contents: ContentObserver; readonly members: MemberTexts }
    | undefined;

  readonly threads: Map<string, Draft<AgentThread>> = new Map();
  readonly turns: Map<string, Draft<CodexTurn>> = new Map();
  readonly items: Map<string, Item> = new Map();
  readonly inferences: Map<string, Draft<InferenceCall>> = new Map();
  readonly cells: Map<string, Draft<CodeCell>> = new Map();
  readonly tools: Map<string, Draft<ToolCall>> = new Map();
  readonly sessions: Map<string, Draft<TerminalSession>> = new Map();
  readonly operations: Map<string, Draft<TerminalOperation>> = new Map();
  readonly compactions: Map<string, Draft<Compaction>> = new Map();
  readonly compactionRequests: Map<string, Draft<CompactionRequest>> = new Map();
  readonly edges: Map<string, Draft<InteractionEdge>> = new Map();
  readonly rawPayloads: Map<string, PayloadReference> = new Map();

  readonly histories: Map<string, ThreadHistory> = new Map();
  /** The items each inference call's request showed the model. */
  readonly requestItems: Map<string, ItemList> = new Map();
  /** Over all threads: a forked child repeats the call ids of its parent. */
  readonly itemsByCallId: Map<string, Item[]> = new Map();
  readonly inferencesOfTurn: Map<string, string[]> = new Map();
  readonly cellsOfTurn: Map<string, string[]> = new Map();
  readonly toolOfCallId: Map<string, string> = new Map();
  readonly toolFacts: Map<string, ToolFacts> = new Map();
  readonly toolsOfCell: Map<string, string[]> = new Map();
  /** Process id of each terminal operation, once known. */
  readonly processOfOperation: Map<string, string> = new Map();
  readonly queuedCells: Map<string, QueuedCell> = new Map();
  readonly queuedEdges: QueuedEdge[] = [];
  /** Ids of items that are the target of an edge. */
  readonly deliveredItems: Set<string> = new Set();
  readonly edgesOfSourceTool: Map<string, string[]> = new Map();
  /** Whether `recording_completed` was the last event. */
  isRecordingComplete = false;
  /** Schema 3: whether some payload was cut or left out because of the recording's limits. */
  hasPartialPayloads = false;
  /** Of a session event that belongs to the turn that ends next; see `turn-failure.ts`. */
  lastError: string | undefined;
  /** See `unsettled.ts`. */
  readonly unsettledItems: Set<Item> = new Set();

  readonly #diagnostics: TraceDiagnostic[];
  readonly #reported = new Set<string>();
  #listSerial = 0;
  #problemCount = 0;
  #event: RawTraceEvent | undefined;
  #line: number | undefined;
  #payloads: readonly LoadedPayload[] = [];

  constructor(options: ReducerContextOptions) {
    this.isStrict = options.mode === "strict";
    this.rules = options.rules;
    this.requestCache = options.requestCache;
    this.header = { ...options.header };
    this.#diagnostics = options.diagnostics;
    this.observer = options.observer && { contents: options.observer, members: new MemberTexts() };
  }

  /** Makes `event` the one that all problems and payload look-ups refer to. */
  enter(event: RawTraceEvent, line: number | undefined, payloads: readonly LoadedPayload[]): void {
    this.#event = event;
    this.#line = line;
    this.#payloads = payloads;
  }

  /** The event being applied. */
  get event(): RawTraceEvent {
    if (this.#event === undefined) throw new Error("no event is being applied");
    return this.#event;
  }

  /** A payload named by the current event. */
  payload(reference: PayloadReference): LoadedPayload {
    const id = reference.raw_payload_id;
    const loaded = this.#payloads.find((payload) => payload.reference.raw_payload_id === id);
    if (loaded === undefined) throw new Error("payload is not one of this event");
    return loaded;
  }

  /**
   * Reports that the bundle breaks a rule. Strict: throws. Tolerant: notes it and returns, and the caller goes on with
   * its fallback. A repeated problem of the same object is noted once.
   */
  problem(
    code: TraceProblemCode,
    message: string,
    facts: TraceProblemFacts = {},
    cause?: unknown,
  ): void {
    this.#problemCount += 1;
    const all = { ...this.#place(), ...facts };
    if (this.isStrict) throw new TraceReadError(code, message, all, cause);
    // History repeats in every request; saying the same about the same item each time would drown the rest.
    const key = facts.objectId === undefined ? undefined : `${code} ${facts.objectId}`;
    if (key !== undefined && this.#reported.has(key)) return;
    if (key !== undefined) this.#reported.add(key);
    this.#diagnostics.push({ code, message, ...all });
  }

  /** How often a problem was met so far, repeated ones included. */
  get problemCount(): number {
    return this.#problemCount;
  }

  /** The history of a thread; made on first use. */
  history(threadId: string): ThreadHistory {
    let history = this.histories.get(threadId);
    if (history === undefined) {
      history = createThreadHistory(threadId);
      this.histories.set(threadId, history);
    }
    return history;
  }

  /** Number of a new list of items; what it uses is marked with it, see `UsedItems`. */
  beginList(): number {
    this.#listSerial += 1;
    return this.#listSerial;
  }

  /** A window that starts with the current event. */
  startedNow(): Draft<ExecutionWindow> {
    return {
      started_at_unix_ms: this.event.wall_time_unix_ms,
      started_seq: this.event.seq,
      ended_at_unix_ms: null,
      ended_seq: null,
      status: "running",
    };
  }

  /** Ends a window with the current event. */
  endNow(window: Draft<ExecutionWindow>, status: ExecutionWindow["status"]): void {
    window.ended_at_unix_ms = this.event.wall_time_unix_ms;
    window.ended_seq = this.event.seq;
    window.status = status;
  }

  #place(): TraceProblemFacts {
    if (this.#event === undefined) return {};
    return {
      ...(this.#line === undefined ? {} : { line: this.#line }),
      seq: this.#event.seq,
      eventType: this.#event.payload.type,
    };
  }
}
