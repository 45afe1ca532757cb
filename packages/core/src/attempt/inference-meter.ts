import { isModelOutput } from "@codex-ts/api/internal";
import type { ResponseEvent } from "@codex-ts/protocol";
import type { InferenceIdentity, InferenceSummary } from "../events/turn-event.ts";
import type { StreamTerminal } from "./attempt-end.ts";
import type { InferenceObserver } from "./inference-observer.ts";

/** Measures one attempt: when its first output came, which tools it called, how it ended. */
export class InferenceMeter {
  readonly #identity: InferenceIdentity;
  readonly #observers: readonly InferenceObserver[];
  readonly #now: () => number;
  readonly #startedMs: number;
  readonly #toolCalls: string[] = [];
  #firstTokenMs: number | undefined;

  constructor(
    identity: InferenceIdentity,
    observers: readonly InferenceObserver[],
    now: () => number,
  ) {
    this.#identity = identity;
    this.#observers = observers;
    this.#now = now;
    this.#startedMs = now();
    for (const observer of observers) observer.inferenceStarted(identity);
  }

  onEvent(event: ResponseEvent): void {
    if (this.#firstTokenMs === undefined && isModelOutput(event)) {
      this.#firstTokenMs = this.#now() - this.#startedMs;
    }
    if (event.type !== "outputItemDone") return;
    const { item } = event;
    if (item.type === "function_call" || item.type === "custom_tool_call") {
      this.#toolCalls.push(item.name);
    }
  }

  /** Reports the end to the observers. `AttemptEnd` calls this once. */
  finish(terminal: StreamTerminal, upstreamRequestId: string | undefined): void {
    const summary: InferenceSummary = {
      ...this.#identity,
      status: terminal.status,
      responseId: terminal.status === "completed" ? terminal.responseId : undefined,
      upstreamRequestId,
      usage: terminal.status === "completed" ? (terminal.usage ?? undefined) : undefined,
      firstTokenMs: this.#firstTokenMs,
      totalMs: this.#now() - this.#startedMs,
      toolCalls: [...this.#toolCalls],
      error: terminal.status === "failed" ? terminal.message : undefined,
    };
    for (const observer of this.#observers) observer.inferenceFinished(summary);
  }
}
