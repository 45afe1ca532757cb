import type { CodexThread, TurnEvent } from "@codex-ts/core";

/** Facts that are known when a thread has started. */
export interface ThreadFacts {
  readonly thread: Pick<CodexThread, "threadId" | "bundlePath">;
  readonly model: string;
  readonly providerId: string;
  readonly cwd: string;
  readonly sandboxMode: string;
}

/** Shows one turn to the user who started it. Calls come in order; none of them throws. */
export interface TurnRenderer {
  threadStarted(facts: ThreadFacts): void;
  turnEvent(event: TurnEvent): void;
}
