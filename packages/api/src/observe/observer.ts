import type {
  AttemptRedirected,
  AttemptResponded,
  AttemptStarted,
  AttemptEnded as AttemptEndedReport,
  ConnectionClosed,
  ConnectionOpened,
  StreamFrame,
  StreamPoll,
  StreamStall,
} from "@codex-ts/protocol";
import type { AnyApiError } from "../errors.ts";

/**
 * Sees every attempt with its facts. All methods are optional, are called synchronously, should return quickly, and
 * cannot break a request: what they throw is dropped. `onStreamPolled` and `onStreamFrame` come with every event, and
 * cost something only where they are there.
 *
 * Order for one attempt: `onAttemptStarted`, `onAttemptRedirected` per redirect that is followed, `onAttemptResponded` when
 * the headers of the final response arrive, `onStreamPolled` and `onStreamFrame` per event, `onStreamStalled` while
 * none comes, `onAttemptEnded` exactly once. A WebSocket connection is `onConnectionOpened` behind the end of its
 * handshake, and `onConnectionClosed` whenever it ends.
 */
export interface TransportObserver {
  onAttemptStarted?(attempt: AttemptStarted): void;
  onAttemptRedirected?(redirect: AttemptRedirected): void;
  onAttemptResponded?(attempt: AttemptResponded): void;
  onStreamPolled?(poll: StreamPoll): void;
  onStreamFrame?(frame: StreamFrame): void;
  onStreamStalled?(stall: StreamStall): void;
  onAttemptEnded?(attempt: AttemptEnded): void;
  onConnectionOpened?(connection: ConnectionOpened): void;
  onConnectionClosed?(connection: ConnectionClosed): void;
}

/** The report of an attempt's end, with the error itself. */
export interface AttemptEnded extends AttemptEndedReport {
  readonly error: AnyApiError | undefined;
}
