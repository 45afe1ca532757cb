import { DROPPED_STREAM_REASON } from "@codex-ts/rollout-trace/recorder";
import type { ResponseItem, TokenUsage } from "@codex-ts/protocol";
import { upstreamRequestIdOf } from "./request-id-of-error.ts";

/** Writes how one attempt ended. The first call counts, later ones do nothing (see `InferenceAttempt`). */
export interface TerminalRecorder {
  /** Receives each finished item before it can enter history. */
  observeOutputItem?(item: ResponseItem): void;
  recordCompleted(facts: {
    readonly responseId: string;
    readonly upstreamRequestId: string | undefined;
    readonly tokenUsage: TokenUsage | null;
    readonly outputItems: readonly ResponseItem[];
  }): void;
  recordFailed(facts: {
    readonly error: string;
    readonly upstreamRequestId: string | undefined;
    readonly outputItems: readonly ResponseItem[];
  }): void;
  recordCancelled(facts: {
    readonly reason: string;
    readonly upstreamRequestId: string | undefined;
    readonly outputItems: readonly ResponseItem[];
  }): void;
}

/** How an attempt ended; reported once. */
export type StreamTerminal =
  | {
      readonly status: "completed";
      readonly responseId: string;
      readonly usage: TokenUsage | null;
    }
  | { readonly status: "failed"; readonly error: unknown; readonly message: string }
  | { readonly status: "cancelled" };

/** Receives the end of an attempt and the upstream request id known by then. */
type TerminalListener = (terminal: StreamTerminal, upstreamRequestId: string | undefined) => void;

/** The facts an attempt has received when it ends. */
interface ReceivedFacts {
  /** Id of the response; `undefined` when there was none, or it had none. A failure then takes that of its error. */
  readonly upstreamRequestId: string | undefined;
  /** The trace gets no id, as 0.140 writes none there; the listener gets it all the same. */
  readonly isIdUnrecorded?: boolean;
  /** Finished items, in order. */
  readonly outputItems: readonly ResponseItem[];
}

/**
 * The end of one attempt, whichever way it comes: a completed, broken or dropped response, or a request that got none.
 * It is reported here and nowhere else, once: to the terminal record of the trace, then to the listener (the inference
 * meter, and through it the observers and the OpenTelemetry span).
 */
export class AttemptEnd {
  readonly #recorder: TerminalRecorder;
  readonly #listener: TerminalListener;
  #isReported = false;

  constructor(recorder: TerminalRecorder, listener: TerminalListener) {
    this.#recorder = recorder;
    this.#listener = listener;
  }

  get isReported(): boolean {
    return this.#isReported;
  }

  /** Reports the end. Later calls do nothing; what the listener throws is dropped. */
  report(terminal: StreamTerminal, received: ReceivedFacts): void {
    if (this.#isReported) return;
    const upstreamRequestId =
      received.upstreamRequestId ??
      (terminal.status === "failed" ? upstreamRequestIdOf(terminal.error) : undefined);
    const { outputItems, isIdUnrecorded = false } = received;
    const recordedId = isIdUnrecorded ? undefined : upstreamRequestId;
    record(this.#recorder, terminal, { upstreamRequestId: recordedId, outputItems });
    this.#isReported = true;
    try {
      this.#listener(terminal, upstreamRequestId);
    } catch {
      // An observer must not be able to break a response, or keep its consumer waiting.
    }
  }
}

function record(
  recorder: TerminalRecorder,
  terminal: StreamTerminal,
  received: ReceivedFacts,
): void {
  switch (terminal.status) {
    case "completed": {
      const { responseId, usage: tokenUsage } = terminal;
      return recorder.recordCompleted({ responseId, tokenUsage, ...received });
    }
    case "failed":
      return recorder.recordFailed({ error: terminal.message, ...received });
    case "cancelled":
      return recorder.recordCancelled({ reason: DROPPED_STREAM_REASON, ...received });
  }
}
