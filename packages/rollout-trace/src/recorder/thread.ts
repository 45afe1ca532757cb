import type { ExecutionStatus, RolloutStatus } from "../format/raw-event.ts";
import {
  TraceWriter,
  type TraceEventContext,
  type TraceWriterOptions,
} from "../writer/trace-writer.ts";
import { WireLog } from "../wire/recorder/wire-log.ts";
import { WireRecorder } from "../wire/recorder/wire-recorder.ts";
import { nodeFileSystem } from "../writer/node-file-system.ts";
import { recordAgentResult, type AgentResult } from "./agent-result.ts";
import { BundleRecorder } from "./bundle-recorder.ts";
import { CodeCellTrace, startCodeCell, type CodeCellStart } from "./code-cell.ts";
import { CompactionTraceContext, type CompactionTraceOptions } from "./compaction.ts";
import { recordAccepted, type AcceptedHistoryItem } from "./history.ts";
import { InferenceTraceContext, type InferenceTraceOptions } from "./inference.ts";
import { McpCallTrace, recordMcpCall } from "./mcp.ts";
import { toProtocolRecord, type TraceProtocolEvent } from "./protocol-event.ts";
import type { ToolRuntimeEvent } from "./runtime-event.ts";
import { recordRuntimeEvent } from "./runtime-recorder.ts";
import { toWireMetadata, type ThreadTraceMetadata } from "./thread-metadata.ts";
import { startToolDispatch, type ToolDispatchTrace } from "./tool-dispatch.ts";
import type { ToolInvocation } from "./tool-invocation.ts";

/** How to start recording a root thread; see {@link TraceWriterOptions} for what is not described here. */
export interface StartRootTraceOptions extends Omit<
  TraceWriterOptions,
  "rolloutId" | "rootThreadId"
> {
  readonly metadata: ThreadTraceMetadata;
  /**
   * Whether `wire.jsonl` is written beside the trace, once {@link ThreadTrace.wire} is given something: the attempts of
   * each request without their content. `frames` adds the time and size of every event. Default true.
   */
  readonly wireLog?: boolean | "frames" | undefined;
  /** The program that records, for the wire log. Default: this package. */
  readonly program?: { readonly name: string; readonly version: string } | undefined;
}

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
  /** The recorder of what its requests go through on the wire; a disabled one when that is not recorded. */
  readonly wire: WireRecorder;
  readonly #bundle: BundleRecorder | undefined;
  readonly #isRoot: boolean;
  #isEnded = false;
  #isClosed = false;

  /**
   * Makes a bundle below `root` and records the start of the rollout and its root thread. When that fails, `onWarning` is
   * called and the thread is a disabled one.
   */
  static startRoot(options: StartRootTraceOptions): ThreadTrace {
    const { metadata, wireLog, program: _program, ...writerOptions } = options;
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
    const log = wireLog === false ? undefined : openWireLog(writer, options);
    const bundle = new BundleRecorder(writer, log && { log, hasFrames: wireLog === "frames" });
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
    this.wire = new WireRecorder(bundle?.wireLog, threadId, bundle?.hasFrames === true);
    bundle?.openHandle();
  }

  /** Whether new work is recorded; false also after recording stopped, and after `close`. */
  get isEnabled(): boolean {
    return this.#open?.isRecording === true;
  }

  /** Directory of the bundle; `undefined` when disabled. */
  get bundlePath(): string | undefined {
    return this.#bundle?.bundlePath;
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
    this.#record((bundle) => {
      if (this.#isEnded) return;
      this.#isEnded = true;
      bundle.append({ type: "thread_ended", thread_id: this.threadId, status });
      if (this.#isRoot) bundle.append({ type: "rollout_ended", status });
    });
  }

  /** A turn id counts once in a bundle. */
  recordTurnStarted({ turnId }: { readonly turnId: string }): void {
    this.#record((bundle) => {
      if (bundle.turns.has(turnId)) return;
      const isWritten = bundle.append(
        { type: "codex_turn_started", codex_turn_id: turnId, thread_id: this.threadId },
        this.#context(turnId),
      );
      if (isWritten) bundle.turns.set(turnId, this.threadId);
    });
  }

  /** `completed`, `failed`, or `cancelled` for an aborted turn. */
  recordTurnEnded(turn: { readonly turnId: string; readonly status: ExecutionStatus }): void {
    const context = this.#context(turn.turnId);
    this.#record((bundle) => {
      if (!bundle.knowsTurn(context)) return;
      bundle.append(
        { type: "codex_turn_ended", codex_turn_id: turn.turnId, status: turn.status },
        context,
      );
    });
  }

  /** Records a session event that clients are sent, if it is one of the few that matter to a trace. */
  recordProtocolEvent(event: TraceProtocolEvent): void {
    this.#record((bundle) => {
      const record = toProtocolRecord(event);
      if (record === undefined) return;
      const payload = bundle.writePayload("protocol_event", record.body);
      if (payload === undefined) return;
      bundle.append({
        type: "protocol_event_observed",
        event_type: record.eventType,
        event_payload: payload,
      });
    });
  }

  /** Records what a running tool does, from the session event about it. */
  recordToolCallEvent(step: { readonly turnId: string; readonly event: ToolRuntimeEvent }): void {
    this.#record((bundle) => recordRuntimeEvent(bundle, this.#context(step.turnId), step.event));
  }

  /** Records, on the child, that its parent received the outcome of a turn. */
  recordAgentResult(result: AgentResult): void {
    this.#record((bundle) => recordAgentResult(bundle, this.#context(result.childTurnId), result));
  }

  /**
   * Records that an item entered live history (from schema 2 on; nothing in schema 1). Call it for every item, in order, with
   * the object that entered: the trace writes what a reducer can use.
   *
   * - an item of a response (the object its attempt saw): under the server's id, or the id the trace gave it. Without
   *   this record the item is missing from the thread until a request repeats it.
   * - any other item (user input, tool output, a message of another agent): only with `wireItemId`. Without an id in
   *   requests there is nothing to join it with, and the next request shows it anyway. In schema 3 the output of a
   *   recorded tool call travels with this record.
   */
  recordHistoryItemAccepted(accepted: AcceptedHistoryItem): void {
    this.#record((bundle) => recordAccepted(bundle, this.#context(accepted.turnId), accepted));
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
  codeCell(cell: { readonly turnId: string; readonly runtimeCellId: string }): CodeCellTrace {
    return new CodeCellTrace(this.#open, this.#context(cell.turnId), cell.runtimeCellId);
  }

  /** Assigns an id to a recorded tool call, to be sent to its MCP server. */
  startMcpCall(toolCallId: string): McpCallTrace {
    const bundle = this.#open;
    return new McpCallTrace(bundle?.guard(() => recordMcpCall(bundle, toolCallId)));
  }

  /** Records which call started the process a `write_stdin` call talks to (schema 2; nothing in schema 1). */
  recordStdinTargetResolved(target: {
    readonly turnId: string;
    readonly toolCallId: string;
    readonly execToolCallId: string;
  }): void {
    const context = this.#context(target.turnId);
    this.#record((bundle) => {
      if (!bundle.rules.log.events.stdin_target_resolved || !bundle.knowsTurn(context)) return;
      if (bundle.tools.get(target.toolCallId)?.kind.type !== "write_stdin") return;
      if (bundle.tools.get(target.execToolCallId)?.kind.type !== "exec_command") return;
      bundle.append(
        {
          type: "stdin_target_resolved",
          tool_call_id: target.toolCallId,
          exec_tool_call_id: target.execToolCallId,
        },
        context,
      );
    });
  }

  /** Records which code cell a `wait` call found (schema 3; nothing otherwise, where its arguments say it). */
  recordWaitTargetResolved(target: {
    readonly turnId: string;
    readonly toolCallId: string;
    readonly runtimeCellId: string;
  }): void {
    const { turnId, toolCallId, runtimeCellId } = target;
    this.#record((bundle) => {
      const tool = bundle.tools.get(toolCallId);
      const isOfTurn = tool?.context.threadId === this.threadId && tool.context.turnId === turnId;
      if (!isOfTurn || tool.hasWaitTarget) return;
      if (!bundle.rules.log.events.code_cell_wait_target_resolved) return;
      tool.hasWaitTarget = bundle.append(
        {
          type: "code_cell_wait_target_resolved",
          tool_call_id: toolCallId,
          runtime_cell_id: runtimeCellId,
        },
        this.#context(turnId),
      );
    });
  }

  /**
   * Lets go of the bundle. When its last thread is closed, schema 2 and 3 get their `recording_completed` and the log is
   * closed; records that come later, also from attempts and handles made earlier, are dropped. Resolves, and never
   * rejects, when everything recorded so far is written: at once in schema 1 and 2, but not in schema 3, of which a
   * process that exits without waiting loses the last records.
   */
  close(): Promise<void> {
    if (this.#isClosed) return this.#bundle?.settled() ?? DONE;
    this.#isClosed = true;
    return this.#bundle?.closeHandle() ?? DONE;
  }

  /** The bundle while this thread may write to it. */
  get #open(): BundleRecorder | undefined {
    return this.#isClosed ? undefined : this.#bundle;
  }

  #record(write: (bundle: BundleRecorder) => void): void {
    const bundle = this.#open;
    bundle?.guard(() => write(bundle));
  }

  #context(turnId: string): TraceEventContext {
    return { threadId: this.threadId, turnId };
  }
}

const DONE = Promise.resolve();
const DISABLED_THREAD = new ThreadTrace(undefined, "", false);

function startThread(
  bundle: BundleRecorder,
  metadata: ThreadTraceMetadata,
  isRoot: boolean,
): ThreadTrace {
  const { threadId, agentPath } = metadata;
  // A second start of one thread cannot be reduced.
  if (bundle.threads.has(threadId)) return DISABLED_THREAD;
  const metadataPayload = bundle.writePayload(
    "session_metadata",
    toWireMetadata(metadata, bundle.rules),
  );
  const isWritten = bundle.append({
    type: "thread_started",
    thread_id: threadId,
    agent_path: agentPath,
    metadata_payload: metadataPayload ?? null,
  });
  if (!isWritten) {
    bundle.closeIfUnused();
    return DISABLED_THREAD;
  }
  bundle.threads.add(threadId);
  return new ThreadTrace(bundle, threadId, isRoot);
}

/** The file is made with its first record. */
function openWireLog(writer: TraceWriter, options: StartRootTraceOptions): WireLog {
  return new WireLog({
    bundlePath: writer.bundlePath,
    traceId: writer.traceId,
    rolloutId: writer.rolloutId,
    schemaVersion: writer.schemaVersion,
    writer: options.program ?? { name: "@codex-ts/rollout-trace", version: "unknown" },
    fileSystem: options.fileSystem ?? nodeFileSystem,
    now: options.now ?? Date.now,
    onWarning: (message) => warnQuietly(options, message),
  });
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
