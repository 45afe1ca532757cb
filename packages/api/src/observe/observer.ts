import type {
  AttemptRedirected,
  AttemptResponded,
  AttemptStarted,
  AttemptEnded as AttemptEndedReport,
  StreamPoll,
} from "@codex-ts/protocol";
import type { AnyApiError } from "../errors.ts";

/**
 * Sees every attempt with its facts. All methods are optional, are called synchronously, should return quickly, and
 * cannot break a request: what they throw is dropped.
 *
 * Order for one attempt: `onAttemptStarted`, `onAttemptRedirected` per redirect that is followed, `onAttemptResponded` when
 * the headers of the final response arrive, `onStreamPolled` per event, `onAttemptEnded` exactly once.
 */
export interface TransportObserver {
  onAttemptStarted?(attempt: AttemptStarted): void;
  onAttemptRedirected?(redirect: AttemptRedirected): void;
  onAttemptResponded?(attempt: AttemptResponded): void;
  onStreamPolled?(poll: StreamPoll): void;
  onAttemptEnded?(attempt: AttemptEnded): void;
}

/** The report of an attempt's end, with the error itself. */
export interface AttemptEnded extends AttemptEndedReport {
  readonly error: AnyApiError | undefined;
}
