/** How a request travels. */
export type Transport = "http" | "websocket";

/** Header pairs in wire order, names in lower case, values of secret headers replaced by `[redacted]`. */
export type RedactedHeaders = readonly (readonly [name: string, value: string])[];

/** One HTTP request, or one WebSocket handshake or frame with its response. */
export interface AttemptStarted {
  /** Unique in this process; joins the reports of one attempt. */
  readonly attemptId: string;
  readonly transport: Transport;
  /** Short name of the operation: `responses`, `handshake`, `compact`, `models`, … */
  readonly endpoint: string;
  /** 0 for the first attempt of a call. */
  readonly attemptNumber: number;
  readonly method: string;
  /** User info and secret query values removed. */
  readonly url: string;
  readonly requestHeaders: RedactedHeaders;
  /** Bytes of the body as sent. */
  readonly requestBytes: number;
  /** Unix milliseconds: before credentials are requested, and before a WebSocket request waits for its turn. */
  readonly queuedAtMs: number;
}

/** A redirect that was followed. */
export interface AttemptRedirected {
  readonly attemptId: string;
  readonly status: number;
  readonly responseHeaders: RedactedHeaders;
  /** Target of the redirect, without secrets. */
  readonly url: string;
}

/** The headers of the final response have arrived. */
export interface AttemptResponded {
  readonly attemptId: string;
  readonly status: number;
  readonly responseHeaders: RedactedHeaders;
  readonly upstreamRequestId: string | undefined;
  /** From queueing to response headers, in milliseconds. */
  readonly durationMs: number;
}

/** One wait for the next event of a stream. */
export interface StreamPoll {
  readonly attemptId: string;
  readonly outcome: "event" | "error" | "end" | "idle_timeout";
  /** SSE `event` field, or `type` of a WebSocket message, when `outcome` is `event`. */
  readonly eventName?: string | undefined;
  /** The event's data as received, when `outcome` is `event`. Holds model output: do not log it. */
  readonly data?: string | undefined;
  /** Milliseconds since the previous poll, or since the stream began. */
  readonly waitedMs: number;
}

/** Everything known about an attempt when it is over. Times are Unix milliseconds, `undefined` when never reached. */
export interface AttemptEnded extends AttemptStarted {
  /** `completed`: a whole response was received. `cancelled`: the caller left. */
  readonly outcome: "completed" | "failed" | "cancelled";
  readonly error: AttemptError | undefined;
  readonly status: number | undefined;
  readonly responseHeaders: RedactedHeaders | undefined;
  readonly upstreamRequestId: string | undefined;
  /** When a connection was ready for the request. */
  readonly connectedAtMs: number | undefined;
  /** True when an open connection was used again. `undefined` when unknown, as with a dispatcher of the caller. */
  readonly connectionReused: boolean | undefined;
  readonly headersAtMs: number | undefined;
  readonly firstEventAtMs: number | undefined;
  readonly lastEventAtMs: number | undefined;
  readonly endedAtMs: number;
  readonly responseBytes: number;
  readonly eventCount: number;
  /** Redirects followed within this attempt. */
  readonly redirects: number;
  readonly idleTimeout: boolean;
  /** WebSocket close code received. */
  readonly closeCode: number | undefined;
  /** Reason in the same frame: one line, without credentials. */
  readonly closeReason?: string | undefined;
  /** Next step of the transport. A retry of a broken stream is the caller's and not known here. */
  readonly retry: RetryDecision;
}

/** The part of a transport error that a report needs; `ApiError` of `@codex-ts/api` has it. */
export interface AttemptError {
  readonly code: string;
  readonly message: string;
}

/** Whether the transport sends a request again, when, and why. */
export type RetryDecision =
  | {
      readonly willRetry: true;
      readonly delayMs: number;
      readonly reason: "status_429" | "status_5xx" | "network" | "timeout";
      /** Where the delay comes from. */
      readonly delaySource: "backoff" | "retry_after";
    }
  | {
      readonly willRetry: false;
      readonly reason:
        | "not_needed"
        | "not_retryable"
        | "retries_used_up"
        | "cancelled"
        | "stream_began";
    };
