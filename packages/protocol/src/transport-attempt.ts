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
  /** The body itself, without its content; `undefined` for a request that has none. */
  readonly requestBody?: RequestBodyFacts | undefined;
  /** WebSocket: the connection that carries the request. Known for a handshake once it has worked. */
  readonly connectionId?: string | undefined;
  /** WebSocket: 1 for the first request on its connection, warm-ups counted. With `connectionId` it names a request. */
  readonly position?: number | undefined;
  /** Unix milliseconds: before credentials are requested, and before a WebSocket request waits for its turn. */
  readonly queuedAtMs: number;
}

/** Facts about a request body without its content. */
export interface RequestBodyFacts {
  /** Before compression. */
  readonly bytes: number;
  readonly encoding: "identity" | "zstd";
  /** Hexadecimal, of the body before compression: equal bodies are seen to be equal. */
  readonly sha256: string;
  /** Length of `input`, where the body has one. */
  readonly inputItems?: number | undefined;
  readonly previousResponseId?: string | undefined;
  /** False for a warm-up, which generates nothing. */
  readonly generate?: boolean | undefined;
}

/**
 * When an attempt reached what, in whole microseconds since it was queued, by a clock that never goes back. `undefined`:
 * not reached, or not known.
 */
export interface AttemptTimings {
  /** The credentials are there. */
  readonly credentialsUs: number | undefined;
  /** A connection is ready: DNS, TCP and TLS are in it. */
  readonly connectedUs: number | undefined;
  /** The request was handed to the operating system. */
  readonly sentUs: number | undefined;
  /** The headers of the final response arrived. */
  readonly respondedUs: number | undefined;
  readonly firstByteUs: number | undefined;
  readonly firstEventUs: number | undefined;
  /** The first event with output of the model. */
  readonly firstOutputUs: number | undefined;
  readonly lastEventUs: number | undefined;
  readonly endedUs: number;
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
  /** The same in microseconds, by a clock that never goes back. */
  readonly respondedUs: number;
}

/** An open stream has had no event for a while: reported at 5, 30, 60, 120, … seconds of one silence. */
export interface StreamStall {
  readonly attemptId: string;
  /** Milliseconds of silence so far. */
  readonly gapMs: number;
  /** Name of the event before the silence; `undefined`: none came. */
  readonly afterEvent: string | undefined;
  /** Events so far. */
  readonly eventCount: number;
}

/** One event of a stream, or one request frame, without its content. */
export interface StreamFrame {
  readonly attemptId: string;
  readonly direction: "in" | "out";
  readonly bytes: number;
  readonly eventName: string | undefined;
  /** Microseconds since the attempt was queued. */
  readonly atUs: number;
}

/** A WebSocket connection is open. */
export interface ConnectionOpened {
  readonly connectionId: string;
  /** The handshake. */
  readonly attemptId: string;
  readonly url: string;
  /** `x-request-id` of the handshake: of the connection, never of a request on it. */
  readonly upstreamRequestId: string | undefined;
  readonly cfRay: string | undefined;
  /** Extensions agreed on; empty when the server declined. */
  readonly extensions: string;
  /** Whether it goes through a proxy. */
  readonly isProxied: boolean;
}

/** A WebSocket connection is gone. */
export interface ConnectionClosed {
  readonly connectionId: string;
  /** 1006: there was no close frame. */
  readonly closeCode: number;
  /** One line, without credentials. */
  readonly closeReason: string | undefined;
  readonly closedBy: ConnectionEnd;
  /** Requests it carried, warm-ups counted. */
  readonly requestCount: number;
  readonly ageMs: number;
  /** Since the last frame, in either direction. */
  readonly idleMs: number;
}

/** Who ended a connection: `network` when it was cut without a close frame. */
export type ConnectionEnd = "server" | "client" | "network";

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
  /** Who ended the connection, when its end was that of the attempt. */
  readonly closedBy?: ConnectionEnd | undefined;
  readonly timings: AttemptTimings;
  /** `response.id`, once an event named it. Never the upstream request id. */
  readonly responseId: string | undefined;
  /** Longest time without an event while the stream was open and wanted, in microseconds. */
  readonly maxGapUs: number;
  /** Name of the event before it; `undefined`: it was the first gap. */
  readonly maxGapAfter: string | undefined;
  /** How often the stream was silent for 5 seconds or more. */
  readonly stallCount: number;
  /** Code of the operating system, the resolver or TLS for what failed, e.g. `ECONNREFUSED`. */
  readonly osCode: string | undefined;
  /** Next step of the transport. A retry of a broken stream is the caller's and not known here. */
  readonly retry: RetryDecision;
}

/** The part of a transport error that a report needs; `ApiError` of `@codex-ts/api` has it. */
export interface AttemptError {
  readonly code: string;
  readonly message: string;
  /** Which way it went wrong, where the code alone does not say it. */
  readonly reason?: string | undefined;
  /** HTTP status, also of an error that was wrapped in a WebSocket event. */
  readonly status?: number | undefined;
  /** The server's own name for the failure. */
  readonly serverCode?: string | undefined;
  /** The server's own description: one line. */
  readonly serverMessage?: string | undefined;
}

/** Whether the transport sends a request again, when, and why. */
export type RetryDecision =
  | {
      readonly willRetry: true;
      readonly delayMs: number;
      readonly reason: "status_429" | "status_5xx" | "network" | "timeout";
      /** Where the delay comes from. */
      readonly delaySource: "backoff" | "retry_after";
      /** Counts the retries from 1, up to `maxRetries`. */
      readonly number: number;
      readonly maxRetries: number;
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
