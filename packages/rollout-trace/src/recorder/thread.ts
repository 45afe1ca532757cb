import type { ResponseItem } from "@codex-ts/protocol";
import type { ExecutionStatus, RolloutStatus } from "../raw-event.ts";
import { TraceWriter, type TraceEventContext, type TraceWriterOptions } from "../writer.ts";
import { BundleRecorder } from "./bundle-recorder.ts";
import { CodeCellTrace, startCodeCell, type CodeCellStart } from "./code-cell.ts";
import { CompactionTraceContext, type CompactionTraceOptions } from "./compaction.ts";
import { InferenceTraceContext, type InferenceTraceOptions } from "./inference.ts";
import { McpCallTrace } from "./mcp.ts";
import { toProtocolRecord, type TraceProtocolEvent } from "./protocol-event.ts";
import type { ToolRuntimeEvent } from "./runtime-event.ts";
import { recordRuntimeEvent } from "./runtime-recorder.ts";
import { toWireMetadata, type ThreadTraceMetadata } from "./thread-metadata.ts";
import { startToolDispatch, type ToolDispatchTrace, type ToolInvocation } from "./tool-dispatch.ts";
import { toBundleItem } from "./trace-item.ts";

/** How to start recording a root thread; see {@link TraceWriterOptions} for what is not described here. */
export interface StartRootTraceOptions extends Omit<
  TraceWriterOptions,
  "rolloutId" | "rootThreadId"
> {
  readonly metadata: ThreadTraceMetadata;
}

/** State of a child agent when its turn ended; wire spelling. */
export type AgentResultStatus =
  | "pending_init"
  | "running"
  | "interrupted"
  | "shutdown"
  | "not_found"
  | { readonly completed: string | null }
  | { readonly errored: string };

/**
 * The recorder of one thread. Disabled threads have the same type, accept every call and build nothing, so a caller
 * never asks whether tracing is on.
 *
 * Calls never throw and return when the record is written. What a record refers to (its turn, its tool call, its child
 * thread) must have been recorded before: a record about something unknown is dropped, because one such event makes a
 * whole bundle unreadable to Codex's reducer. Every thread must be closed.
 */
export class ThreadTrace {
  /** Id of the thread; `""` when disabled. */
  readonly threadId: string;
  readonly #bundle: BundleRecorder | undefined;
  readonly #isRoot: boolean;
  #isEnded = false;
  #isClosed = false;

  /**
   * Makes a bundle below `root` and records the start of the rollout and its root thread. When that fails, the warning
   * is given and the thread is a disabled one.
   */
  static startRoot(options: StartRootTraceOptions): ThreadTrace {
    const { metadata, ...writerOptions } = options;
    let writer: TraceWriter;
    try {
      writer = TraceWriter.create({
        ...writerOptions,
        rolloutId: metadata.threadId,
        rootThreadId: metadata.threadId,
      });
    } catch (error) {
      warnQuietly(options, `rollout trace is off: ${describe(error)}`);
      return DISABLED_THREAD;
    }
    const bundle = new BundleRecorder(writer);
    bundle.append({
      type: "rollout_started",
      trace_id: writer.traceId,
      root_thread_id: metadata.threadId,
    });
    return startThread(bundle, metadata, true);
  }

  /** A thread that records nothing. */
  static disabled(): ThreadTrace {
    return DISABLED_THREAD;
  }

  /** @internal */
  constructor(bundle: BundleRecorder | undefined, threadId: string, isRoot: boolean) {
    this.#bundle = bundle;
    this.threadId = threadId;
    this.#isRoot = isRoot;
    bundle?.openHandle();
  }

  /** Whether new work is recorded; false also after recording stopped, and after `close`. */
  get isEnabled(): boolean {
    return this.#open?.isRecording === true;
  }

  /** Folder of the bundle; `undefined` when disabled. */
  get bundlePath(): string | undefined {
    return this.#bundle?.bundlePath;
  }

  /** The bundle while this thread may write to it. */
  get #open(): BundleRecorder | undefined {
    return this.#isClosed ? undefined : this.#bundle;
  }

  /**
   * Starts recording a freshly spawned thread in the same bundle. For resumed threads use {@link ThreadTrace.disabled},
   * for independent ones (a review) {@link ThreadTrace.startRoot}.
   */
  startChild(metadata: ThreadTraceMetadata): ThreadTrace {
    const bundle = this.#open;
    if (bundle === undefined || !bundle.isRecording) return DISABLED_THREAD;
    return startThread(bundle, metadata, false);
  }

  /** Records the end of the thread, and for the root that of the rollout. Only the first call counts. */
  recordEnded(status: RolloutStatus): void {
    const bundle = this.#open;
    if (bundle === undefined || this.#isEnded) return;
    this.#isEnded = true;
    bundle.append({ type: "thread_ended", thread_id: this.threadId, status });
    if (this.#isRoot) bundle.append({ type: "rollout_ended", status });
  }

  recordTurnStarted({ turnId }: { readonly turnId: string }): void {
    const bundle = this.#open;
    if (bundle === undefined || bundle.turns.has(turnId)) return;
    const isWritten = bundle.append(
      { type: "codex_turn_started", codex_turn_id: turnId, thread_id: this.threadId },
      this.#context(turnId),
    );
    if (isWritten) bundle.turns.set(turnId, this.threadId);
  }

  /** `completed`, `failed`, or `cancelled` for an aborted turn. */
  recordTurnEnded({
    turnId,
    status,
  }: {
    readonly turnId: string;
    readonly status: ExecutionStatus;
  }): void {
    const context = this.#context(turnId);
    if (this.#open?.knowsTurn(context) !== true) return;
    this.#open.append({ type: "codex_turn_ended", codex_turn_id: turnId, status }, context);
  }

  /** Records a session event that clients are sent, if it is one of the few that matter to a trace. */
  recordProtocolEvent(event: TraceProtocolEvent): void {
    const bundle = this.#open;
    if (bundle === undefined) return;
    const record = toProtocolRecord(event);
    if (record === undefined) return;
    const payload = bundle.writePayload("protocol_event", record.body);
    if (payload === undefined) return;
    bundle.append({
      type: "protocol_event_observed",
      event_type: record.eventType,
      event_payload: payload,
    });
  }

  /** Records what a running tool does, from the session event about it. */
  recordToolCallEvent({
    turnId,
    event,
  }: {
    readonly turnId: string;
    readonly event: ToolRuntimeEvent;
  }): void {
    const bundle = this.#open;
    if (bundle !== undefined) recordRuntimeEvent(bundle, this.#context(turnId), event);
  }

  /** Records, on the child, that its parent was told the outcome of a turn. */
  recordAgentResult(result: {
    readonly childTurnId: string;
    readonly parentThreadId: string;
    readonly childAgentPath: string;
    /** The text as delivered to the parent. */
    readonly message: string;
    readonly status: AgentResultStatus;
  }): void {
    const bundle = this.#open;
    const { childTurnId, parentThreadId, message } = result;
    const context = this.#context(childTurnId);
    const edgeId = `edge:agent_result:${this.threadId}:${childTurnId}:${parentThreadId}`;
    if (bundle?.knowsTurn(context) !== true || bundle.agentResultEdges.has(edgeId)) return;
    const payload = bundle.writePayload("agent_result", {
      child_agent_path: result.childAgentPath,
      message,
      status: result.status,
    });
    const isWritten = bundle.append(
      {
        type: "agent_result_observed",
        edge_id: edgeId,
        child_thread_id: this.threadId,
        child_codex_turn_id: childTurnId,
        parent_thread_id: parentThreadId,
        message,
        carried_payload: payload ?? null,
      },
      context,
    );
    if (isWritten) bundle.agentResultEdges.add(edgeId);
  }

  /**
   * Records that an item entered live history (schema 2; nothing in schema 1). Call it for every item, in order, with
   * the object that entered: the trace writes what a reducer can use.
   *
   * - an item of a response (the object an {@link InferenceTraceContext | attempt} saw): under the server's id, or the
   *   id the trace gave it. Without this record the item is missing from the thread until a request repeats it.
   * - an `agent_message` of another agent: with its whole body, under an id of the trace when it has none.
   * - any other item (user input, tool output): only with `wireItemId`, the id it has in requests. Requests in the
   *   shape of 0.140 have none, and the next request shows the item anyway.
   */
  recordHistoryItemAccepted({
    turnId,
    item,
    wireItemId,
  }: {
    readonly turnId: string;
    readonly item: ResponseItem;
    readonly wireItemId?: string | undefined;
  }): void {
    const bundle = this.#open;
    if (bundle === undefined || bundle.schemaVersion !== 2) return;
    const context = this.#context(turnId);
    if (!bundle.knowsTurn(context)) return;
    if (item.type === "agent_message") {
      this.#acceptAgentMessage(bundle, context, item, wireItemId);
      return;
    }
    const itemId = wireItemId ?? bundle.itemIds.find(item);
    if (itemId === undefined) return;
    bundle.append({ type: "history_item_accepted", item_id: itemId }, context);
  }

  #acceptAgentMessage(
    bundle: BundleRecorder,
    context: TraceEventContext,
    item: ResponseItem,
    wireItemId: string | undefined,
  ): void {
    const itemId = wireItemId ?? bundle.itemIds.assign(item);
    const body = toBundleItem(item, itemId);
    if (body === undefined) return;
    const payload = bundle.writePayload("protocol_event", body);
    if (payload === undefined) return;
    bundle.append(
      { type: "history_item_accepted", item_id: itemId, agent_message_payload: payload },
      context,
    );
  }

  /** The attempts of one turn at one model. */
  inferenceContext(options: InferenceTraceOptions): InferenceTraceContext {
    return new InferenceTraceContext(this.#open, this.threadId, options);
  }

  /** One remote compaction. */
  compactionContext(options: CompactionTraceOptions): CompactionTraceContext {
    return new CompactionTraceContext(this.#open, this.threadId, options);
  }

  /**
   * Records a tool call before it is handed to its tool, also one that will be refused (unknown tool, bad arguments).
   * `build` is called only when the call would be recorded; it may return `undefined` for a call that should not be.
   */
  startToolDispatch(build: () => ToolInvocation | undefined): ToolDispatchTrace {
    return startToolDispatch(this.#open, this.threadId, build);
  }

  /** Records the start of a code cell; call it before any tool call of the cell. */
  startCodeCell(start: CodeCellStart): CodeCellTrace {
    return startCodeCell(this.#open, this.threadId, start);
  }

  /** The recorder of a cell started earlier, for the tool that waits for it. */
  codeCell({
    turnId,
    runtimeCellId,
  }: {
    readonly turnId: string;
    readonly runtimeCellId: string;
  }): CodeCellTrace {
    return new CodeCellTrace(this.#open, this.#context(turnId), runtimeCellId);
  }

  /** Gives a recorded tool call an id that its MCP server can be told. */
  startMcpCall(toolCallId: string): McpCallTrace {
    const bundle = this.#open;
    const tool = bundle?.tools.get(toolCallId);
    if (bundle === undefined || tool === undefined || tool.hasMcpCorrelation) {
      return new McpCallTrace(undefined);
    }
    const mcpCallId = bundle.randomUuid();
    const isWritten = bundle.append({
      type: "mcp_tool_call_correlation_assigned",
      tool_call_id: toolCallId,
      mcp_call_id: mcpCallId,
    });
    tool.hasMcpCorrelation = isWritten;
    return new McpCallTrace(isWritten ? mcpCallId : undefined);
  }

  /** Records which call started the process a `write_stdin` call talks to (schema 2; nothing in schema 1). */
  recordStdinTargetResolved({
    turnId,
    toolCallId,
    execToolCallId,
  }: {
    readonly turnId: string;
    readonly toolCallId: string;
    readonly execToolCallId: string;
  }): void {
    const bundle = this.#open;
    const context = this.#context(turnId);
    if (bundle?.schemaVersion !== 2 || !bundle.knowsTurn(context)) return;
    if (!bundle.tools.has(toolCallId) || !bundle.tools.has(execToolCallId)) return;
    bundle.append(
      {
        type: "stdin_target_resolved",
        tool_call_id: toolCallId,
        exec_tool_call_id: execToolCallId,
      },
      context,
    );
  }

  /**
   * Lets go of the bundle. When its last thread is closed, schema 2 gets its `recording_completed` and the log is
   * closed; records that come later, also from attempts and handles made earlier, are dropped.
   */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#bundle?.closeHandle();
  }

  #context(turnId: string): TraceEventContext {
    return { threadId: this.threadId, turnId };
  }
}

const DISABLED_THREAD = new ThreadTrace(undefined, "", false);

function startThread(
  bundle: BundleRecorder,
  metadata: ThreadTraceMetadata,
  isRoot: boolean,
): ThreadTrace {
  const { threadId, agentPath } = metadata;
  // A second start of one thread cannot be reduced.
  if (bundle.threads.has(threadId)) return DISABLED_THREAD;
  const metadataPayload = bundle.writePayload("session_metadata", toWireMetadata(metadata));
  const isWritten = bundle.append({
    type: "thread_started",
    thread_id: threadId,
    agent_path: agentPath,
    metadata_payload: metadataPayload ?? null,
  });
  if (!isWritten) return DISABLED_THREAD;
  bundle.threads.add(threadId);
  return new ThreadTrace(bundle, threadId, isRoot);
}

function warnQuietly({ onWarning }: StartRootTraceOptions, message: string): void {
  try {
    onWarning?.(message);
  } catch {
    // An observer's trouble is not the run's.
  }
}

function describe(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
