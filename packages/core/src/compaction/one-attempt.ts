import type { CompactionEndRecorder, CompactionRecorder } from "./compaction-request.ts";

/** Records a request that is repeated until it works as one: its first try, and how the last one ended. As in Codex. */
export class OneAttempt implements CompactionRecorder {
  readonly #trace: CompactionRecorder;
  #attempt: CompactionEndRecorder | undefined;
  #error: string | undefined;

  constructor(trace: CompactionRecorder) {
    this.#trace = trace;
  }

  startAttempt(request: object): CompactionEndRecorder {
    const attempt = (this.#attempt ??= this.#trace.startAttempt(request));
    this.#error = undefined;
    return {
      compactionRequestId: attempt.compactionRequestId,
      recordCompleted: (end) => attempt.recordCompleted(end),
      recordFailed: ({ error }) => {
        this.#error = error;
      },
    };
  }

  /** No try follows. */
  end(): void {
    if (this.#error !== undefined) this.#attempt?.recordFailed({ error: this.#error });
  }
}
