import type { TransportObserver } from "@codex-ts/api";
import type { RequestKind } from "../metadata/metadata-snapshot.ts";

/** The request an observer of the transport is made for, with all attempts the transport makes of it. */
export interface ObservedCall {
  /**
   * Id of the attempt in the trace and in `inferenceStarted`; `undefined` for requests that are no inference
   * (handshakes, warm-ups, compactions, memory summaries) and when nothing is recorded.
   */
  readonly inferenceCallId: string | undefined;
  /** Id of the compaction request in the trace; `undefined` for all others and when nothing is recorded. */
  readonly compactionRequestId: string | undefined;
  /** `""` for a start-up warm-up, `undefined` for memory requests and a connection without a request. */
  readonly turnId: string | undefined;
  /** `undefined` for memory requests and a connection without a request. */
  readonly requestKind: RequestKind["type"] | undefined;
}

/** Returns the observer of one request, or none. What it throws is dropped, as with the observer itself. */
export type ObserveTransport = (call: ObservedCall) => TransportObserver | undefined;

/**
 * The observer of a connection sees its requests too, but these have observers of their own, which know more: this one
 * is notified of the handshake only.
 */
export function firstAttemptOnly(
  observer: TransportObserver | undefined,
): TransportObserver | undefined {
  if (observer === undefined) return undefined;
  let isOver = false;
  return {
    onAttemptStarted(attempt) {
      if (!isOver) observer.onAttemptStarted?.(attempt);
    },
    onAttemptResponded(attempt) {
      if (!isOver) observer.onAttemptResponded?.(attempt);
    },
    onAttemptEnded(attempt) {
      if (!isOver) observer.onAttemptEnded?.(attempt);
      isOver = true;
    },
    onConnectionOpened(connection) {
      observer.onConnectionOpened?.(connection);
    },
    onConnectionClosed(connection) {
      observer.onConnectionClosed?.(connection);
    },
  };
}
