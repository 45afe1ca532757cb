import type { ErrorPolicy, ResponseStream } from "@codex-ts/api";
import type { InferenceAttempt } from "@codex-ts/rollout-trace/recorder";
import { toRequestFailure } from "./request-failure.ts";
import { STREAM_DROPPED_REASON, mapResponseEvents } from "./stream-mapper.ts";
import type { MappedResponseStream } from "./stream-mapper.ts";
import type { InferenceMeter } from "./inference-meter.ts";

/** One try to get a response, told to the trace and to clients: its end is recorded once, wherever it comes from. */
export class RecordedAttempt {
  readonly #options: RecordedAttemptOptions;

  constructor(options: RecordedAttemptOptions) {
    this.#options = options;
  }

  /** Gets the response and maps it; records why there is none. */
  async run(send: () => Promise<ResponseStream>): Promise<MappedResponseStream> {
    let source: ResponseStream;
    try {
      source = await send();
    } catch (error) {
      this.#recordUnanswered(error);
      throw error;
    }
    const { attempt, meter, signal, errorPolicy } = this.#options;
    return mapResponseEvents({
      source,
      upstreamRequestId: source.upstreamRequestId,
      attempt,
      describeError: (error) => toRequestFailure(error, errorPolicy).message,
      onEvent: (event) => meter?.onEvent(event),
      onTerminal: (terminal, requestId) => meter?.finish(terminal, requestId),
      signal,
    });
  }

  /** A request that got no response: refused, unreachable, or given up by the caller. */
  #recordUnanswered(error: unknown): void {
    const { attempt, meter, signal, errorPolicy } = this.#options;
    const { message, upstreamRequestId } = toRequestFailure(error, errorPolicy);
    if (signal.aborted) {
      attempt.recordCancelled({
        reason: STREAM_DROPPED_REASON,
        upstreamRequestId,
        outputItems: [],
      });
      meter?.finish({ status: "cancelled" }, upstreamRequestId);
      return;
    }
    attempt.recordFailed({ error: message, upstreamRequestId, outputItems: [] });
    meter?.finish({ status: "failed", error, message }, upstreamRequestId);
  }
}

interface RecordedAttemptOptions {
  readonly attempt: InferenceAttempt;
  /** Absent for requests nobody hears of: warm-ups, compactions. */
  readonly meter: InferenceMeter | undefined;
  readonly signal: AbortSignal;
  readonly errorPolicy: ErrorPolicy;
}
