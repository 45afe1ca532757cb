import {
  type ApprovalDecision,
  type ApprovalRequest,
  type CodexThread,
  ThreadError,
  type TurnEvent,
  type TurnStream,
  createThread,
  resumeThread,
} from "@codex-ts/core";
import type { TokenUsageInfo } from "@codex-ts/protocol";
import { CommandError } from "../errors.ts";
import type { TurnRenderer } from "../render/turn-renderer.ts";
import type { ThreadSettings } from "../thread-settings.ts";

/** Decides about a question of a turn. */
export type Approve = (request: ApprovalRequest, signal: AbortSignal) => Promise<ApprovalDecision>;

/** End of a turn. */
export type TurnEnd = Extract<
  TurnEvent,
  { readonly type: "turnCompleted" | "turnFailed" | "turnAborted" }
>;

interface AskedApproval {
  readonly request: ApprovalRequest;
  readonly signal: AbortSignal;
  readonly decide: (decision: ApprovalDecision) => void;
}

/** The thread of a chat, which another one can take the place of. */
export class ChatThread {
  readonly #settings: ThreadSettings;
  readonly #renderer: TurnRenderer;
  readonly #approve: Approve;
  /** Questions that no event has shown yet, by their call. */
  readonly #asked = new Map<string, AskedApproval>();
  #thread: CodexThread | undefined;
  #usage: TokenUsageInfo | null = null;

  constructor(
    settings: ThreadSettings,
    { renderer, approve }: { readonly renderer: TurnRenderer; readonly approve: Approve },
  ) {
    this.#renderer = renderer;
    this.#approve = approve;
    const { attemptEnded: onAttemptEnded, threadEvent: onEvent } = renderer;
    this.#settings = {
      ...settings,
      ...(onAttemptEnded !== undefined && { observeTransport: () => ({ onAttemptEnded }) }),
      ...(onEvent !== undefined && { onEvent }),
      onApproval: (request, { signal }) =>
        new Promise((decide) => {
          this.#asked.set(request.callId, { request, signal, decide });
        }),
    };
  }

  get current(): CodexThread {
    if (this.#thread === undefined) throw new TypeError("no thread is open");
    return this.#thread;
  }

  /** `undefined` before the first thread is open. */
  get threadId(): string | undefined {
    return this.#thread?.threadId;
  }

  /** Tokens of the thread as last heard of; `null` before its first response. */
  get usage(): TokenUsageInfo | null {
    return this.#usage;
  }

  /** Opens a new thread, or the kept one of this id, in the place of the one there is. */
  async open(threadId?: string): Promise<void> {
    let opened: CodexThread;
    try {
      opened =
        threadId === undefined
          ? await createThread(this.#settings)
          : await resumeThread(threadId, this.#settings);
    } catch (error) {
      if (ThreadError.is(error)) throw new CommandError(error.message, { cause: error });
      throw error;
    }
    // Only now: a thread that cannot be opened leaves the other one as it is.
    await this.close();
    this.#thread = opened;
    this.#usage = null;
    const { model, provider, cwd, sandboxMode = "read-only" } = this.#settings;
    this.#renderer.threadStarted({
      thread: opened,
      model: typeof model === "string" ? model : model.slug,
      providerId: provider.id,
      cwd,
      sandboxMode,
    });
  }

  /** Runs a turn, asks what it asks, and resolves with its end. */
  async run(
    start: (thread: CodexThread, signal: AbortSignal) => TurnStream,
    signal: AbortSignal,
  ): Promise<{ readonly end: TurnEnd | undefined; readonly turnId: string }> {
    const turn = start(this.current, signal);
    let end: TurnEnd | undefined;
    for await (const event of turn) {
      this.#renderer.turnEvent(event);
      if (event.type === "tokenCount") this.#usage = event.info ?? this.#usage;
      if (isEnd(event)) end = event;
      // What else happens is shown when the question is answered.
      await this.#answer(event.type === "agentEvent" ? event.event : event);
    }
    return { end, turnId: turn.turnId };
  }

  async close(): Promise<void> {
    const thread = this.#thread;
    this.#thread = undefined;
    await thread?.close();
  }

  async #answer(event: TurnEvent): Promise<void> {
    if (event.type !== "approvalRequested") return;
    const { callId } = event.request;
    const asked = this.#asked.get(callId);
    this.#asked.delete(callId);
    if (asked === undefined) return;
    this.#renderer.clear?.();
    asked.decide(await this.#approve(asked.request, asked.signal));
  }
}

function isEnd(event: TurnEvent): event is TurnEnd {
  const { type } = event;
  return type === "turnCompleted" || type === "turnFailed" || type === "turnAborted";
}
