import type { EventSourceMessage } from "eventsource-parser";
import type { AttemptReporter } from "../observe/attempt-reporter.ts";
import type { StreamSource } from "./buffered-stream.ts";
import { BufferedStream } from "./buffered-stream.ts";
import type { AnyApiError, StreamError, StreamErrorReason } from "../errors.ts";
import { brokenStream } from "../events/broken-stream.ts";
import { endsResponse } from "../events/ends-response.ts";
import { EventDecoder } from "../events/event-decoder.ts";
import type { EventSink } from "../events/event-decoder.ts";
import { captureTurnState, headerEvents } from "../events/header-events.ts";
import { endsStreamAtOnce } from "../events/response-failure.ts";
import type { ErrorPolicy, ResponseEvent, RetryDecision } from "@codex-ts/protocol";
import { arrivalTime, whenHandled } from "../internal/arrival-time.ts";
import { IdleTimer, firstWaitMs } from "../internal/idle-timer.ts";
import { SecretSet } from "../secrets/secret-set.ts";
import type { SseProblem } from "./sse-decoder.ts";
import { SseDecoder } from "./sse-decoder.ts";
import type { TurnState } from "../headers/turn-state.ts";
import { headerText } from "../headers/response-headers.ts";
import type { ResponseHeaders } from "../headers/response-headers.ts";
import { networkError } from "../http/http-error.ts";
import type { BodyConsumer, BodySource } from "../http/response-body.ts";

export interface EventStreamBodyOptions {
  readonly source: BodySource;
  /** Of the response; `undefined` for a stream that has none, which then starts with its first event. */
  readonly headers: ResponseHeaders | undefined;
  /** Captured by the transport; `undefined` for a stream that has none. */
  readonly upstreamRequestId: string | undefined;
  /** Where the response came from, without credentials; for the error about a body that is no event stream. */
  readonly url?: string | undefined;
  readonly reporter: AttemptReporter | undefined;
  readonly policy: ErrorPolicy;
  readonly idleTimeoutMs: number;
  /** Longest wait for the first event, where it is shorter than `idleTimeoutMs`. */
  readonly firstEventTimeoutMs?: number | undefined;
  readonly maxEventBytes: number;
  readonly turnState: TurnState | undefined;
  readonly signal: AbortSignal | undefined;
}

/** Bytes kept of a body without events, to describe it in the error. */
const MAX_KEPT_BYTES = 8192;

const STREAM_BEGAN: RetryDecision = { willRetry: false, reason: "stream_began" };

/**
 * The producing side of one HTTP response stream: bytes to events to queue. Owns the idle timer and the decision when
 * a failure ends the stream. Source: docs/behavior/api.md 5-8.
 */
export class EventStreamBody implements BodyConsumer, EventSink, StreamSource {
  readonly stream: BufferedStream;
  readonly #options: EventStreamBodyOptions;
  readonly #sse: SseDecoder;
  readonly #events: EventDecoder;
  readonly #idle: IdleTimer;
  readonly #upstreamRequestId: string | undefined;
  readonly #reporter: AttemptReporter | undefined;
  readonly #secrets: SecretSet;
  /** A failure that a later `response.completed` may still undo. */
  #pendingFailure: AnyApiError | undefined;
  /** Beginning of the body, until its first event. */
  #beginning: Buffer[] | undefined = [];
  #beginningBytes = 0;
  #weight = 0;
  /**
   * Events that came together and are not reported yet: there are thousands. A young object, because storing each of them
   * in an old one would cost the garbage collector as much as reporting them.
   */
  #arrived: { count: number; last: EventSourceMessage; readonly atMs: number } | undefined;
  #awaitsOutput: boolean;
  #over = false;
  #dispatched = false;
  #paused = false;

  constructor(options: EventStreamBodyOptions) {
    const { reporter } = options;
    this.#options = options;
    this.#reporter = reporter?.isObserved ? reporter : undefined;
    this.#awaitsOutput = this.#reporter !== undefined;
    this.#secrets = reporter?.secrets ?? new SecretSet();
    this.#upstreamRequestId = options.upstreamRequestId;
    this.stream = new BufferedStream({
      upstreamRequestId: this.#upstreamRequestId,
      source: this,
      signal: options.signal,
    });
    this.#events = new EventDecoder({
      policy: options.policy,
      upstreamRequestId: this.#upstreamRequestId,
      secrets: this.#secrets,
      turnState: options.turnState,
    });
    this.#sse = new SseDecoder({
      maxEventBytes: options.maxEventBytes,
      onMessage: (message) => {
        if (this.#over) return;
        if (this.#beginning !== undefined) this.#begin();
        this.#dispatched = true;
        this.#weight = message.data.length;
        if (this.#reporter !== undefined) this.#noteMessage(this.#reporter, message);
        this.#events.decodeText(message.data, this);
      },
    });
    this.#idle = new IdleTimer(firstWaitMs(options), () => this.#onIdle());
    if (options.headers !== undefined) {
      captureTurnState(options.headers, options.turnState);
      for (const event of headerEvents(options.headers, this.#secrets)) this.stream.push(event, 0);
    }
    this.#idle.touch();
    this.#reporter?.streaming();
  }

  onData(chunk: Buffer): void {
    if (this.#over) return;
    this.#keepBeginning(chunk);
    this.#dispatched = false;
    const problem = this.#sse.feed(chunk);
    if (problem !== undefined) this.#failWith(problem);
    else if (this.#dispatched && !this.#over && !this.#paused) this.#idle.touch();
  }

  onEnd(): void {
    if (this.#over) return;
    const problem = this.#sse.end();
    this.#reportMessages();
    // The last event may have come without its blank line.
    if (this.#isOver()) return;
    if (problem !== undefined) {
      this.#failWith(problem);
      return;
    }
    this.#reporter?.polled("end");
    this.#fail(
      this.#pendingFailure ??
        this.#broken("closed_early", "stream closed before response.completed"),
    );
  }

  onError(error: Error): void {
    if (this.#over) return;
    this.#reporter?.polled("error");
    const { message, cause } = networkError(error);
    this.#fail(this.#broken("connection_lost", `Transport error: ${message}`, cause));
  }

  onEvent(event: ResponseEvent): void {
    if (this.#over) return;
    this.stream.push(event, this.#weight);
    if (this.#awaitsOutput) this.#awaitsOutput = this.#reporter?.noteOutput(event) === false;
    if (endsResponse(event)) this.#complete();
  }

  onFailure(error: AnyApiError): void {
    if (this.#over) return;
    if (endsStreamAtOnce(error, this.#options.policy)) this.#fail(error);
    else this.#pendingFailure = error;
  }

  pause(): void {
    // The consumer is slow, not the server: the idle timer waits too.
    this.#paused = true;
    this.#idle.stop();
    this.#reportMessages();
    this.#reporter?.paused();
    this.#options.source.pause();
  }

  resume(): void {
    this.#paused = false;
    this.#idle.touch();
    this.#reporter?.resumed();
    this.#options.source.resume();
  }

  cancel(): void {
    if (!this.#stop()) return;
    this.#options.source.abort();
    this.#options.reporter?.ended("cancelled", { willRetry: false, reason: "cancelled" });
  }

  #complete(): void {
    this.#stop();
    this.stream.finish();
    this.#options.reporter?.ended("completed", { willRetry: false, reason: "not_needed" });
    this.#options.source.release();
  }

  #fail(error: AnyApiError): void {
    this.#stop();
    this.stream.fail(error);
    this.#options.reporter?.ended("failed", STREAM_BEGAN, error);
    this.#options.source.abort();
  }

  #failWith(problem: SseProblem): void {
    const { maxEventBytes } = this.#options;
    this.#reporter?.polled("error");
    this.#fail(
      problem === "invalid_utf8"
        ? this.#broken(problem, "UTF8 error: the stream is not valid UTF-8")
        : this.#broken(problem, `an event is larger than ${maxEventBytes} bytes`),
    );
  }

  #onIdle(): void {
    this.#reporter?.polled("idle_timeout");
    this.#fail(this.#broken("idle_timeout", "idle timeout waiting for SSE"));
  }

  #broken(reason: StreamErrorReason, message: string, cause?: unknown): StreamError {
    const { headers, url } = this.#options;
    const origin = {
      upstreamRequestId: this.#upstreamRequestId,
      url,
      contentType: headers && headerText(headers, "content-type"),
      secrets: this.#secrets,
    };
    const body = this.#beginning && Buffer.concat(this.#beginning).toString("utf8");
    return brokenStream(origin, this.#events.facts, { reason, message, cause, body });
  }

  #noteMessage(reporter: AttemptReporter, message: EventSourceMessage): void {
    if (reporter.reportsEvents) {
      reporter.polled("event", message.event, message.data);
      return;
    }
    const arrived = this.#arrived;
    if (arrived !== undefined) {
      arrived.count += 1;
      arrived.last = message;
      return;
    }
    this.#arrived = { count: 1, last: message, atMs: arrivalTime() };
    whenHandled(this.#reportMessages);
  }

  readonly #reportMessages = (): void => {
    const arrived = this.#arrived;
    if (arrived === undefined) return;
    this.#arrived = undefined;
    const { count, last, atMs } = arrived;
    this.#reporter?.arrived({ count, atMs, name: last.event, text: last.data });
  };

  /** The first event is here. */
  #begin(): void {
    this.#beginning = undefined;
    this.#idle.extendTo(this.#options.idleTimeoutMs);
  }

  #keepBeginning(chunk: Buffer): void {
    const room = MAX_KEPT_BYTES - this.#beginningBytes;
    if (this.#beginning === undefined || room <= 0) return;
    // Copied, because the transport may use its buffer again.
    const kept = Buffer.from(chunk.subarray(0, room));
    this.#beginning.push(kept);
    this.#beginningBytes += kept.length;
  }

  /** A function, because events that are given out meanwhile change it. */
  #isOver(): boolean {
    return this.#over;
  }

  #stop(): boolean {
    if (this.#over) return false;
    this.#over = true;
    this.#idle.stop();
    // The end of the attempt comes while the bytes of its last event are looked at.
    this.#reportMessages();
    this.#reporter?.noteResponse(this.#events.facts.responseId);
    return true;
  }
}
