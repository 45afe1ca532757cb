import type { ResponseItem } from "@codex-ts/protocol";
import type { ModelClientSession } from "../client/model-session.ts";
import type { WorkspaceReading } from "../context/workspace/workspace-reading.ts";
import type { ToolReporter } from "../tools/tool.ts";
import type { TurnOptions } from "../thread/thread-options.ts";
import type { TurnItem } from "../events/turn-event.ts";
import type { ThreadState } from "../thread/thread-state.ts";
import type { TurnEvents } from "../events/turn-event-queue.ts";

/** One turn while it runs. */
export class TurnContext {
  readonly turnId: string;
  readonly thread: ThreadState;
  readonly events: TurnEvents;
  #session: ModelClientSession | undefined;
  readonly signal: AbortSignal;
  readonly options: TurnOptions;
  readonly startedMs: number;
  readonly #workspace: WorkspaceReading;
  lastAgentMessage: string | null = null;
  firstTokenMs: number | undefined;

  constructor(init: {
    readonly turnId: string;
    readonly thread: ThreadState;
    readonly events: TurnEvents;
    readonly signal: AbortSignal;
    readonly options: TurnOptions;
  }) {
    this.turnId = init.turnId;
    this.thread = init.thread;
    this.events = init.events;
    this.signal = init.signal;
    this.options = init.options;
    this.startedMs = init.thread.facts.now();
    this.#workspace = init.thread.workspaceAt(this.startedMs);
  }

  /** Sends the requests of this turn; given once, when the turn begins. */
  get session(): ModelClientSession {
    if (this.#session === undefined) throw new TypeError("the turn has no model session yet");
    return this.#session;
  }

  useSession(session: ModelClientSession): void {
    this.#session = session;
  }

  /** Facts about the repository, read in the background: requests sent before they are known go without. */
  get workspaces(): WorkspaceReading["facts"] {
    return this.#workspace.facts;
  }

  /** Ends what the turn does in the background. */
  async stopReading(): Promise<void> {
    await this.#workspace.stop();
  }

  /**
   * Adds an item to history and to the trace of it. The object is the one a response gave, where it came from one;
   * `toolCallId` is the id by which the trace knows the call that an output answers.
   */
  record(item: ResponseItem, toolCallId?: string): void {
    const { history, trace } = this.thread.facts;
    const stored = history.record(item);
    if (stored !== undefined) {
      trace.recordHistoryItemAccepted({ turnId: this.turnId, item: stored, toolCallId });
    }
    this.events.emit({ type: "rawItem", item });
  }

  tellTokenCount(): void {
    this.events.emit(this.thread.tokenCount.event());
  }

  warn(message: string): void {
    this.thread.facts.trace.recordProtocolEvent({ type: "warning", message });
    this.events.emit({ type: "warning", message });
  }

  /** What a tool call tells. It may go on telling after the turn: a command in the background ends when it ends. */
  reporterFor(callId: string): ToolReporter {
    const { turnId, events } = this;
    const { trace } = this.thread.facts;
    return {
      itemStarted: (item) => {
        const id = this.thread.nextItemId();
        events.emit({ type: "itemStarted", item: { id, ...item } satisfies TurnItem });
        return id;
      },
      itemCompleted: (id, item) => {
        events.emit({ type: "itemCompleted", item: { id, ...item } satisfies TurnItem });
      },
      outputDelta: (itemId, chunk) => {
        events.emit({ type: "commandOutputDelta", itemId, chunk });
      },
      runtimeEvent: (event) => {
        trace.recordToolCallEvent({ turnId, event });
      },
      stdinTarget: (execToolCallId) => {
        trace.recordStdinTargetResolved({ turnId, toolCallId: callId, execToolCallId });
      },
    };
  }
}
