import type { ResponseEvent } from "@codex-ts/protocol";

/**
 * One response of the Responses API while it is being received.
 *
 * Reading starts when the stream is created and stops at 1600 queued events or 8 MiB, whichever comes first, until the
 * consumer takes some. Iterate once; a second iteration throws. Stopping early (break, dispose, abort) closes the
 * connection. Ends with a `completed` event, or throws one `ApiError` after everything that was read before it.
 */
export interface ResponseStream extends AsyncIterable<ResponseEvent>, AsyncDisposable {
  /**
   * `x-request-id` of the HTTP response, known as soon as the stream exists. `undefined` when the header is missing and
   * for WebSocket and fixture streams, which have no such header. Never the response id.
   */
  readonly upstreamRequestId: string | undefined;
}
