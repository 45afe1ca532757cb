import type {
  AttemptStarted,
  RedactedHeaders,
  RetryDecision,
  StreamPoll,
} from "@codex-ts/protocol";
import { randomUUID } from "node:crypto";
import type { AnyApiError } from "../errors.ts";
import type { ResponseHeaders } from "../headers/response-headers.ts";
import { headerPairs } from "../headers/response-headers.ts";
import type { AttemptEnded, TransportObserver } from "./observer.ts";
import type { SecretSet } from "../secrets/secret-set.ts";
import { redactHeaders, redactUrl } from "./redaction.ts";

export type AttemptFacts = Omit<AttemptStarted, "attemptId" | "queuedAtMs">;

/**
 * Collects the facts of one attempt and notifies the observers. Without observers it does nothing but keep a few times.
 */
export class AttemptReporter {
  readonly #observers: readonly TransportObserver[];
  readonly #now: () => number;
  readonly #started: AttemptStarted;
  /** Credentials of this attempt; what a server sends passes it before it is shown. */
  readonly secrets: SecretSet;
  /** Most observers leave polls out, and there are thousands of them. */
  #hasPollObserver = false;
  #ended = false;
  #lastPollMs = 0;

  #status: number | undefined;
  #responseHeaders: AttemptEnded["responseHeaders"];
  #upstreamRequestId: string | undefined;
  #connectedAtMs: number | undefined;
  #headersAtMs: number | undefined;
  #firstEventAtMs: number | undefined;
  #lastEventAtMs: number | undefined;
  #eventCount = 0;
  #responseBytes = 0;
  #redirects = 0;
  #idleTimeout = false;
  #closeCode: number | undefined;
  #closeReason: string | undefined;
  #connectionReused: boolean | undefined;

  constructor(options: {
    readonly observers: readonly TransportObserver[];
    readonly now: () => number;
    readonly facts: AttemptFacts;
    /** When the attempt began, if that is not now. */
    readonly queuedAtMs?: number;
    /** Values that must not appear in what is reported. */
    readonly secrets: SecretSet;
  }) {
    this.#observers = options.observers;
    this.#now = options.now;
    this.secrets = options.secrets;
    const attemptId = this.isObserved ? randomUUID() : "";
    this.#started = {
      attemptId,
      ...options.facts,
      queuedAtMs: options.queuedAtMs ?? options.now(),
    };
    this.#notify((observer) => {
      this.#hasPollObserver ||= observer.onStreamPolled !== undefined;
      observer.onAttemptStarted?.(this.#started);
    });
  }

  /** False means that per-event reports can be left out. */
  get isObserved(): boolean {
    return this.#observers.length > 0;
  }

  /** Request id of the final response, captured once for stream, error and reports, and without credentials. */
  get upstreamRequestId(): string | undefined {
    return this.#upstreamRequestId;
  }

  connected(reused?: boolean): void {
    this.#connectedAtMs = this.#now();
    this.#connectionReused = reused;
  }

  /** A redirect is followed. */
  redirected(status: number, headers: ResponseHeaders, url: URL): void {
    this.#redirects += 1;
    if (!this.isObserved) return;
    const responseHeaders = this.#redacted(headers);
    const { attemptId } = this.#started;
    this.#notify((observer) =>
      observer.onAttemptRedirected?.({
        attemptId,
        status,
        responseHeaders,
        url: this.secrets.scrub(redactUrl(url.href)),
      }),
    );
  }

  /** The headers of the final response are here. `requestId` is the one they name, as the server sent it. */
  responded(status: number, headers: ResponseHeaders, requestId: string | undefined): void {
    const upstreamRequestId = requestId === undefined ? undefined : this.secrets.scrub(requestId);
    this.#upstreamRequestId = upstreamRequestId;
    if (!this.isObserved) return;
    const nowMs = this.#now();
    this.#headersAtMs = nowMs;
    this.#lastPollMs = nowMs;
    this.#status = status;
    const responseHeaders = this.#redacted(headers);
    this.#responseHeaders = responseHeaders;
    const { attemptId, queuedAtMs } = this.#started;
    const durationMs = nowMs - queuedAtMs;
    this.#notify((observer) =>
      observer.onAttemptResponded?.({
        attemptId,
        status,
        responseHeaders,
        upstreamRequestId,
        durationMs,
      }),
    );
  }

  received(bytes: number): void {
    this.#responseBytes += bytes;
  }

  polled(outcome: StreamPoll["outcome"], eventName?: string, text?: string): void {
    if (!this.isObserved) return;
    const nowMs = this.#now();
    if (outcome === "event") {
      this.#firstEventAtMs ??= nowMs;
      this.#lastEventAtMs = nowMs;
      this.#eventCount += 1;
    }
    if (outcome === "idle_timeout") this.#idleTimeout = true;
    if (!this.#hasPollObserver) return;
    const waitedMs = nowMs - this.#lastPollMs;
    this.#lastPollMs = nowMs;
    const data = text === undefined ? undefined : this.#scrubbedEvent(text, eventName);
    const name = eventName === undefined ? undefined : this.secrets.scrub(eventName);
    const { attemptId } = this.#started;
    this.#notify((observer) =>
      observer.onStreamPolled?.({ attemptId, outcome, eventName: name, data, waitedMs }),
    );
  }

  closed(closeCode: number, closeReason: string | undefined): void {
    this.#closeCode = closeCode;
    this.#closeReason = closeReason;
  }

  /** Reports the end. Only the first call counts. */
  ended(outcome: AttemptEnded["outcome"], retry: RetryDecision, error?: AnyApiError): void {
    if (this.#ended) return;
    this.#ended = true;
    if (!this.isObserved) return;
    const report: AttemptEnded = {
      ...this.#started,
      outcome,
      error,
      status: this.#status,
      responseHeaders: this.#responseHeaders,
      upstreamRequestId: this.#upstreamRequestId,
      connectedAtMs: this.#connectedAtMs,
      connectionReused: this.#connectionReused,
      headersAtMs: this.#headersAtMs,
      firstEventAtMs: this.#firstEventAtMs,
      lastEventAtMs: this.#lastEventAtMs,
      endedAtMs: this.#now(),
      responseBytes: this.#responseBytes,
      eventCount: this.#eventCount,
      redirects: this.#redirects,
      idleTimeout: this.#idleTimeout,
      closeCode: this.#closeCode,
      closeReason: this.#closeReason,
      retry,
    };
    this.#notify((observer) => observer.onAttemptEnded?.(report));
  }

  #redacted(headers: ResponseHeaders): RedactedHeaders {
    return redactHeaders(headerPairs(headers), this);
  }

  /** Pieces of the model's items come by the thousand, and are not looked into any more than the items are. */
  #scrubbedEvent(text: string, name: string | undefined): string {
    return name?.endsWith(".delta") ? this.secrets.scrubVerbatim(text) : this.secrets.scrub(text);
  }

  #notify(call: (observer: TransportObserver) => void): void {
    for (const observer of this.#observers) {
      try {
        call(observer);
      } catch {
        // An observer must not be able to break a request.
      }
    }
  }
}
