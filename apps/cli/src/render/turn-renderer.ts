import type { AttemptEnded } from "@codex-ts/api";
import type { CodexThread, ThreadEvent, TurnEvent } from "@codex-ts/core";

/** Facts that are known when a thread has started. */
export interface ThreadFacts {
  readonly thread: Pick<CodexThread, "threadId" | "bundlePath">;
  readonly model: string;
  readonly providerId: string;
  readonly cwd: string;
  readonly sandboxMode: string;
  /** The target of a review, in a few words; `undefined` for other turns. */
  readonly review?: string | undefined;
}

/** Shows one turn to the user who started it. Calls come in order; none of them throws. */
export interface TurnRenderer {
  threadStarted(facts: ThreadFacts): void;
  turnEvent(event: TurnEvent): void;
  /** Sees every attempt on the wire, also those the transport repeats by itself. Default: nothing is shown of them. */
  readonly attemptEnded?: (attempt: AttemptEnded) => void;
  /** Sees every moment of the thread, before the turn event that is made of it. Default: nobody needs them. */
  readonly threadEvent?: (event: ThreadEvent) => void;
  /** Takes away what is shown for the moment only: called before anybody else writes, and at the end. */
  readonly clear?: () => void;
  /** Shows it anew: something it shows has changed. */
  readonly refresh?: () => void;
}
