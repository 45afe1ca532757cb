import type { ResponseItem, JsonObject } from "@codex-ts/protocol";
import type { PayloadKind, PayloadReference } from "../format/payload.ts";
import type { RawTraceEventPayload, ToolCallKind } from "../format/raw-event.ts";
import type { WireLog } from "../wire/recorder/wire-log.ts";
import type { TraceEventContext, TraceWriter } from "../writer/trace-writer.ts";
import { CallIds } from "./call-ids.ts";
import { ItemIds, isComparedWhole, ownId } from "./item-ids.ts";
import type { RecordedForm, RequestItemIds } from "./item-ids.ts";
import { PromptParts } from "./prompt-parts.ts";
import { isReducible, toBundleItem } from "./trace-item.ts";
import { rulesOf } from "../schema/known-schemas.ts";
import type { SchemaRules } from "../schema/schema-rules.ts";

/** Facts about a recorded tool call that later records need. */
export interface RecordedTool {
  /** Where it was started. */
  readonly context: TraceEventContext;
  kind: ToolCallKind;
  /** Schema 3: whether it is known which code cell it waits for. */
  hasWaitTarget: boolean;
  /** Whether its invocation has the text an agent activity is reduced from. */
  readonly hasAgentMessage: boolean;
  /** False once a terminal operation exists: by a runtime start, or by the invocation of a `write_stdin`. */
  canStartRuntime: boolean;
  hasMcpCorrelation: boolean;
}

/**
 * The state that all recorders of one bundle share: the writer, the assigned ids, and which objects the log already
 * knows. An event about an object the log does not know makes a bundle unreadable to Codex's reducer, so such events are
 * not written. Nothing here is reduced state; it is a set of ids per kind.
 */
export class BundleRecorder {
  readonly rules: SchemaRules;
  readonly itemIds: ItemIds;
  readonly callIds: CallIds = new CallIds();
  readonly tools: Map<string, RecordedTool> = new Map();
  /** Schema 3: what requests have in common. */
  readonly promptParts: PromptParts;
  readonly agentResultEdges: Set<string> = new Set();
  readonly threads: Set<string> = new Set();
  /** Turn id to thread id. */
  readonly turns: Map<string, string> = new Map();
  /** `<thread id> <runtime cell id>` of every started code cell. */
  readonly cells: Set<string> = new Set();
  readonly cellCallIds: Set<string> = new Set();
  readonly compactions: Set<string> = new Set();
  /** `undefined`: the wire is not recorded. */
  readonly wireLog: WireLog | undefined;
  /** Whether the wire log has single frames, too. */
  readonly hasFrames: boolean;
  readonly #writer: TraceWriter;
  readonly #processThreads = new Map<string, string>();
  #compactionRequests = 0;
  #openHandles = 0;

  constructor(
    writer: TraceWriter,
    wire: { readonly log: WireLog; readonly hasFrames: boolean } | undefined,
  ) {
    this.#writer = writer;
    this.wireLog = wire?.log;
    this.hasFrames = wire?.hasFrames === true;
    this.rules = rulesOf(writer.schemaVersion);
    this.itemIds = new ItemIds(writer.randomUuid);
    this.promptParts = new PromptParts(writer);
  }

  get bundlePath(): string {
    return this.#writer.bundlePath;
  }

  /** Whether new work is still recorded. */
  get isRecording(): boolean {
    return this.#writer.state === "recording";
  }

  randomUuid(): string {
    return this.#writer.randomUuid();
  }

  nextCompactionRequestId(): string {
    this.#compactionRequests += 1;
    return `compaction_request:${this.#compactionRequests}`;
  }

  writePayload(kind: PayloadKind, value: unknown): PayloadReference | undefined {
    return this.#writer.writePayload(kind, value);
  }

  /** Whether the event was written. */
  append(payload: RawTraceEventPayload, context?: TraceEventContext): boolean {
    return this.#writer.append(payload, context) !== undefined;
  }

  /** Runs one record. A mistake in it, ours or the caller's, must not reach the run that is observed. */
  guard<T>(record: () => T): T | undefined {
    try {
      return record();
    } catch {
      this.#writer.warnOfOmission("record");
      return undefined;
    }
  }

  /** Whether an event with this context can be reduced. */
  knowsTurn(context: TraceEventContext): boolean {
    return this.turns.get(context.turnId) === context.threadId;
  }

  /**
   * Whether a process id belongs to the thread; the first thread that names it owns it. Schema 1 names terminal
   * sessions by process id, and one that appears in two threads cannot be reduced.
   */
  ownsProcess(threadId: string, processId: string): boolean {
    const owner = this.#processThreads.get(processId) ?? threadId;
    this.#processThreads.set(processId, owner);
    return owner === threadId;
  }

  /** A response produced this item, and it may enter history next. */
  observeResponseItem(item: ResponseItem, requestItemIds: RequestItemIds): RecordedForm {
    this.callIds.ofResponseItem(item);
    return this.itemIds.assign(item, requestItemIds);
  }

  /** Items of a model response as the trace holds them: with their ids in schema 2, without in schema 1. */
  toResponseItems(
    items: readonly ResponseItem[],
    requestItemIds: RequestItemIds,
  ): readonly JsonObject[] {
    return this.#toItems(items, (item) => this.observeResponseItem(item, requestItemIds));
  }

  /** Items of a history: those of responses under the id of their response, others under the id they carry. */
  toHistoryItems(items: readonly ResponseItem[]): readonly JsonObject[] {
    return this.#toItems(items, (item) => {
      const form = this.itemIds.find(item);
      return form.id === undefined && !isComparedWhole(item) ? { id: ownId(item) } : form;
    });
  }

  /** A request as the trace holds it: as sent, but for what no reducer would take. */
  toRequest<Request extends { readonly input: readonly unknown[] }>(
    threadId: string,
    request: Request,
  ): Request {
    const isWhole = request.input.every(isReducible);
    const input = this.callIds.renameInput(
      threadId,
      isWhole ? request.input : request.input.filter(isReducible),
    );
    return input === request.input ? request : { ...request, input };
  }

  #toItems(
    items: readonly ResponseItem[],
    formOf: (item: ResponseItem) => RecordedForm,
  ): readonly JsonObject[] {
    return items.flatMap((item) => {
      const form = formOf(item);
      const hasForm = this.rules.items.haveResponsesIds || isComparedWhole(item);
      const json = toBundleItem(item, hasForm ? form : { id: undefined });
      return json === undefined ? [] : [this.callIds.rename(json, item)];
    });
  }

  openHandle(): void {
    this.#openHandles += 1;
  }

  /** For a root thread that could not be started: nobody else would close the log. */
  closeIfUnused(): void {
    if (this.#openHandles === 0) void this.#writer.close();
  }

  /** Ends the recording when the last handle is closed. Resolves when everything so far is written. */
  closeHandle(): Promise<void> {
    this.#openHandles -= 1;
    if (this.#openHandles > 0) return this.#writer.settled();
    this.wireLog?.close();
    if (this.rules.log.events.recording_completed) this.append({ type: "recording_completed" });
    return this.#writer.close();
  }

  /** Resolves when everything so far is written. */
  settled(): Promise<void> {
    return this.#writer.settled();
  }
}
