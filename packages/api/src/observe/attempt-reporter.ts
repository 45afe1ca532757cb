import type {
  AttemptStarted,
  AttemptTimings,
  ConnectionEnd,
  RedactedHeaders,
  ResponseEvent,
  RetryDecision,
  StreamPoll,
} from "@codex-ts/protocol";
import { randomUUID } from "node:crypto";
import type { AnyApiError } from "../errors.ts";
import type { ResponseHeaders } from "../headers/response-headers.ts";
import { arrivalTime } from "../internal/arrival-time.ts";
import { isModelOutput } from "../events/is-model-output.ts";
import { headerPairs } from "../headers/response-headers.ts";
import type { AttemptEnded, TransportObserver } from "./observer.ts";
import type { SecretSet } from "../secrets/secret-set.ts";
import { EventGaps } from "./event-gaps.ts";
import type { Instant } from "./instant.ts";
import { instant } from "./instant.ts";
import { notify } from "./notify.ts";
import { osCodeOf } from "./os-code.ts";
import { redactHeaders, redactUrl } from "./redaction.ts";
import { StallWatch } from "./stall-watch.ts";

export type AttemptFacts = Omit<AttemptStarted, "attemptId" | "queuedAtMs">;

/** Moments of an attempt by the monotonic clock, in milliseconds. */
type Moments = {
  -readonly [
    Name in keyof AttemptTimings as Name extends `${infer Moment}Us` ? Moment : never
  ]?: number;
};

/** Events of a stream that came at one moment. */
export interface ArrivedEvents {
  readonly count: number;
  /** By `performance.now`. */
  readonly atMs: number;
  /** `event:` of the last; servers may leave it out. */
  readonly name: string | undefined;
  /** Data of the last. */
  readonly text: string | undefined;
}

/**
 * Collects the facts of one attempt and notifies the observers. Without observers it does nothing but keep a few times;
 * the clock is read once for all events that arrive together.
 */
export class AttemptReporter {
  /** False means that per-event reports can be left out. */
  readonly isObserved: boolean;
  /** Whether an observer wants each event by itself; else `arrived` is enough. */
  readonly reportsEvents: boolean;
  readonly #observers: readonly TransportObserver[];
  /** Most observers leave these out, and there are thousands of them. */
  readonly #pollObservers: readonly TransportObserver[];
  readonly #frameObservers: readonly TransportObserver[];
  readonly #now: () => number;
  readonly #queuedAt: Instant;
  readonly #started: AttemptStarted;
  /** Credentials of this attempt; what a server sends passes it before it is shown. */
  readonly secrets: SecretSet;
  readonly #moments: Moments = {};
  readonly #gaps = new EventGaps();
  #stalls: StallWatch | undefined;
  #ended = false;
  #lastPollMs = 0;
  #hasReceived = false;
  /** -1: there was none. */
  #lastEventAt = -1;
  #lastEventName: string | undefined;
  #lastEventText: string | undefined;

  #status: number | undefined;
  #responseHeaders: AttemptEnded["responseHeaders"];
  #upstreamRequestId: string | undefined;
  #connectedAtMs: number | undefined;
  #headersAtMs: number | undefined;
  #firstEventAtMs: number | undefined;
  #eventCount = 0;
  #responseBytes = 0;
  #redirects = 0;
  #idleTimeout = false;
  #closeCode: number | undefined;
  #closeReason: string | undefined;
  #closedBy: ConnectionEnd | undefined;
  #connectionReused: boolean | undefined;
  #connectionId: string | undefined;
  #responseId: string | undefined;

  constructor(options: {
    readonly observers: readonly TransportObserver[];
    readonly now: () => number;
    readonly facts: AttemptFacts;
    /** When the attempt began, if that is not now. */
    readonly queuedAt?: Instant;
    /** Values that must not appear in what is reported. */
    readonly secrets: SecretSet;
  }) {
    this.#observers = options.observers;
    this.isObserved = options.observers.length > 0;
    this.#pollObservers = options.observers.filter((each) => each.onStreamPolled !== undefined);
    this.#frameObservers = options.observers.filter((each) => each.onStreamFrame !== undefined);
    this.reportsEvents = this.#pollObservers.length + this.#frameObservers.length > 0;
    this.#now = options.now;
    this.secrets = options.secrets;
    this.#queuedAt = options.queuedAt ?? instant(options.now);
    this.#connectionId = options.facts.connectionId;
    const attemptId = this.isObserved ? randomUUID() : "";
    this.#started = { attemptId, ...options.facts, queuedAtMs: this.#queuedAt.unixMs };
    this.#notify((observer) => observer.onAttemptStarted?.(this.#started));
  }

  get attemptId(): string {
    return this.#started.attemptId;
  }

  /** Request id of the final response, captured once for stream, error and reports, and without credentials. */
  get upstreamRequestId(): string | undefined {
    return this.#upstreamRequestId;
  }

  /** The credentials are there. */
  authenticated(): void {
    this.#moments.credentials = performance.now();
  }

  connected(reused?: boolean): void {
    this.#connectedAtMs = this.#now();
    this.#connectionReused = reused;
    this.#moments.connected = performance.now();
  }

  /** The request was handed to the operating system. */
  sent(): void {
    this.#moments.sent ??= performance.now();
    if (this.#frameObservers.length > 0) this.#framed("out", this.#started.requestBytes, undefined);
  }

  /** A WebSocket is open. */
  opened(connectionId: string): void {
    this.#connectionId = connectionId;
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
    this.#moments.responded = performance.now();
    const respondedUs = this.#sinceQueued(this.#moments.responded);
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
        respondedUs,
      }),
    );
  }

  /** A stream of events is open: its silences count from now on. */
  streaming(): void {
    if (!this.isObserved) return;
    this.#gaps.open(performance.now());
    if (this.#observers.every((observer) => observer.onStreamStalled === undefined)) return;
    this.#stalls = new StallWatch({
      silentMs: () => this.#gaps.silentMs(performance.now()),
      onStall: (gapMs) => this.#stalled(gapMs),
    });
  }

  /** The consumer takes no more events for now. */
  paused(): void {
    if (this.isObserved) this.#gaps.pause(performance.now(), this.#lastName());
  }

  resumed(): void {
    if (this.isObserved) this.#gaps.open(performance.now());
  }

  received(bytes: number): void {
    this.#responseBytes += bytes;
    if (this.#hasReceived) return;
    this.#hasReceived = true;
    this.#moments.firstByte = arrivalTime();
  }

  polled(outcome: StreamPoll["outcome"], eventName?: string, text?: string): void {
    if (!this.isObserved) return;
    if (outcome === "event") {
      this.arrived({ count: 1, atMs: arrivalTime(), name: eventName, text });
      if (this.#frameObservers.length > 0) {
        this.#framed("in", Buffer.byteLength(text ?? ""), eventName);
      }
    } else if (outcome === "idle_timeout") this.#idleTimeout = true;
    if (this.#pollObservers.length === 0) return;
    const nowMs = this.#now();
    const waitedMs = nowMs - this.#lastPollMs;
    this.#lastPollMs = nowMs;
    const data = text === undefined ? undefined : this.#scrubbedEvent(text, eventName);
    const name = eventName === undefined ? undefined : this.secrets.scrub(eventName);
    const { attemptId } = this.#started;
    notify(this.#pollObservers, (observer) =>
      observer.onStreamPolled?.({ attemptId, outcome, eventName: name, data, waitedMs }),
    );
  }

  /** Events came, all at one moment of the monotonic clock; `name` and `text` are those of the last. */
  arrived({ count, atMs, name, text }: ArrivedEvents): void {
    this.#eventCount += count;
    if (atMs !== this.#lastEventAt) this.#noteMoment(atMs);
    this.#lastEventName = name;
    this.#lastEventText = text;
  }

  /**
   * An event came with the bytes that are handled: the first with output of the model is a moment. True once that is
   * known: later events need not come here.
   */
  noteOutput(event: ResponseEvent): boolean {
    if (!this.isObserved || this.#moments.firstOutput !== undefined) return true;
    if (!isModelOutput(event)) return false;
    this.#moments.firstOutput = arrivalTime();
    return true;
  }

  /** `response.id`, once an event named it; without credentials. */
  noteResponse(responseId: string | undefined): void {
    this.#responseId = responseId;
  }

  closed(closeCode: number, closeReason: string | undefined, closedBy: ConnectionEnd): void {
    this.#closeCode = closeCode;
    this.#closeReason = closeReason;
    this.#closedBy = closedBy;
  }

  /** Reports the end. Only the first call counts. */
  ended(outcome: AttemptEnded["outcome"], retry: RetryDecision, error?: AnyApiError): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#stalls?.stop();
    if (!this.isObserved) return;
    const endedAt = performance.now();
    const endedAtMs = this.#now();
    this.#gaps.note(endedAt, this.#lastName());
    const report: AttemptEnded = {
      ...this.#started,
      connectionId: this.#connectionId,
      outcome,
      error,
      osCode: osCodeOf(error),
      status: this.#status,
      responseHeaders: this.#responseHeaders,
      upstreamRequestId: this.#upstreamRequestId,
      responseId: this.#responseId,
      connectedAtMs: this.#connectedAtMs,
      connectionReused: this.#connectionReused,
      headersAtMs: this.#headersAtMs,
      firstEventAtMs: this.#firstEventAtMs,
      lastEventAtMs: this.#lastEventAtMs(endedAtMs),
      endedAtMs,
      timings: this.#timings(endedAt),
      responseBytes: this.#responseBytes,
      eventCount: this.#eventCount,
      maxGapUs: Math.round(this.#gaps.longestMs * 1000),
      maxGapAfter: this.#shown(this.#gaps.longestAfter),
      stallCount: this.#gaps.stalls,
      redirects: this.#redirects,
      idleTimeout: this.#idleTimeout,
      closeCode: this.#closeCode,
      closeReason: this.#closeReason,
      closedBy: this.#closedBy,
      retry,
    };
    this.#notify((observer) => observer.onAttemptEnded?.(report));
  }

  #noteMoment(at: number): void {
    if (this.#firstEventAtMs === undefined) {
      this.#firstEventAtMs = this.#now();
      this.#moments.firstEvent = at;
    }
    this.#lastEventAt = at;
    if (this.#gaps.isLonger(at)) this.#gaps.note(at, this.#lastName());
    else this.#gaps.open(at);
  }

  /** Of the last event, by the clock for people; not after the end, however two clocks are rounded. */
  #lastEventAtMs(endedAtMs: number): number | undefined {
    const { firstEvent } = this.#moments;
    if (this.#firstEventAtMs === undefined || firstEvent === undefined) return undefined;
    const atMs = this.#firstEventAtMs + Math.round(this.#lastEventAt - firstEvent);
    return Math.min(atMs, endedAtMs);
  }

  /** Servers may leave the name of an event to its data. */
  #lastName(): string | undefined {
    const name = this.#lastEventName;
    if (name !== undefined) return name;
    return /"type"\s*:\s*"([^"\\]{1,100})"/.exec(this.#lastEventText?.slice(0, 4096) ?? "")?.[1];
  }

  #stalled(gapMs: number): void {
    const { attemptId } = this.#started;
    const afterEvent = this.#shown(this.#lastName());
    this.#notify((observer) =>
      observer.onStreamStalled?.({ attemptId, gapMs, afterEvent, eventCount: this.#eventCount }),
    );
  }

  #framed(direction: "in" | "out", bytes: number, name: string | undefined): void {
    const { attemptId } = this.#started;
    const atMs = direction === "in" ? arrivalTime() : this.#moments.sent;
    const atUs = this.#sinceQueued(atMs ?? this.#queuedAt.monotonicMs);
    const eventName = this.#shown(name);
    notify(this.#frameObservers, (observer) =>
      observer.onStreamFrame?.({ attemptId, direction, bytes, eventName, atUs }),
    );
  }

  #timings(endedAt: number): AttemptTimings {
    const moments = this.#moments;
    const at = (ms: number | undefined): number | undefined =>
      ms === undefined ? undefined : this.#sinceQueued(ms);
    return {
      credentialsUs: at(moments.credentials),
      connectedUs: at(moments.connected),
      sentUs: at(moments.sent),
      respondedUs: at(moments.responded),
      firstByteUs: at(moments.firstByte),
      firstEventUs: at(moments.firstEvent),
      firstOutputUs: at(moments.firstOutput),
      lastEventUs: this.#lastEventAt < 0 ? undefined : this.#sinceQueued(this.#lastEventAt),
      endedUs: this.#sinceQueued(endedAt),
    };
  }

  #sinceQueued(monotonicMs: number): number {
    return Math.max(0, Math.round((monotonicMs - this.#queuedAt.monotonicMs) * 1000));
  }

  /** The name of an event is a server's text. */
  #shown(name: string | undefined): string | undefined {
    return name === undefined ? undefined : this.secrets.scrub(name.slice(0, 200));
  }

  #redacted(headers: ResponseHeaders): RedactedHeaders {
    return redactHeaders(headerPairs(headers), this);
  }

  /** Pieces of the model's items come by the thousand, and are not looked into any more than the items are. */
  #scrubbedEvent(text: string, name: string | undefined): string {
    return name?.endsWith(".delta") ? this.secrets.scrubVerbatim(text) : this.secrets.scrub(text);
  }

  #notify(call: (observer: TransportObserver) => void): void {
    notify(this.#observers, call);
  }
}
