import type { ConnectionEnd, JsonObject, ResponseEvent } from "@codex-ts/protocol";
import { isJsonObject } from "@codex-ts/protocol";
import type { AttemptReporter } from "../observe/attempt-reporter.ts";
import type { StreamSource } from "../stream/buffered-stream.ts";
import { BufferedStream } from "../stream/buffered-stream.ts";
import type { AnyApiError, StreamError, StreamErrorReason } from "../errors.ts";
import { brokenStream } from "../events/broken-stream.ts";
import { oneLineOf } from "../events/server-words.ts";
import { endsResponse } from "../events/ends-response.ts";
import type { EventSink } from "../events/event-decoder.ts";
import { EventDecoder } from "../events/event-decoder.ts";
import { describeSocketError } from "../http/http-error.ts";
import { IdleTimer, firstWaitMs } from "../internal/idle-timer.ts";
import type { TurnState } from "../headers/turn-state.ts";
import type { WebSocketHandshake } from "./handshake.ts";
import { handshakeEvents } from "./handshake.ts";
import { scrubRateLimits } from "../events/scrub-rate-limits.ts";
import { readRateLimitsEvent } from "./rate-limits-event.ts";
import type { WrappedErrorContext } from "./wrapped-error.ts";
import { readWrappedError } from "./wrapped-error.ts";

export interface MessageExchangeOptions {
  readonly handshake: WebSocketHandshake;
  /** Of the connection, without credentials. */
  readonly url: string;
  readonly reporter: AttemptReporter;
  readonly errors: Omit<WrappedErrorContext, "nowMs"> & { readonly now: () => number };
  readonly idleTimeoutMs: number;
  /** Longest wait for the first message, where it is shorter than `idleTimeoutMs`. */
  readonly firstEventTimeoutMs?: number | undefined;
  readonly turnState: TurnState | undefined;
  readonly signal: AbortSignal | undefined;
  readonly pause: () => void;
  readonly resume: () => void;
  /** The connection is of no further use: drop it without a closing handshake. */
  readonly drop: () => void;
  /** The exchange is over and the connection may serve the next. */
  readonly done: () => void;
}

/**
 * One request on a connection and the messages of its response. Errors end the stream at once and drop the connection,
 * in every version. Source: docs/behavior/api.md 10.5, 10.6.
 */
export class MessageExchange implements EventSink, StreamSource {
  readonly stream: BufferedStream;
  readonly #options: MessageExchangeOptions;
  readonly #decoder: EventDecoder;
  readonly #idle: IdleTimer;
  #weight = 0;
  #over = false;
  #paused = false;

  constructor(options: MessageExchangeOptions) {
    this.#options = options;
    // The request id belongs to the handshake, which may serve many responses; a stream here has none.
    const upstreamRequestId = undefined;
    this.stream = new BufferedStream({ upstreamRequestId, source: this, signal: options.signal });
    this.#decoder = new EventDecoder({
      policy: options.errors.policy,
      upstreamRequestId,
      secrets: options.reporter.secrets,
      turnState: options.turnState,
    });
    this.#idle = new IdleTimer(firstWaitMs(options), () => this.#onIdle());
    for (const event of handshakeEvents(options.handshake)) this.stream.push(event, 0);
    this.#idle.touch();
    options.reporter.streaming();
  }

  onText(text: string, bytes: number): void {
    if (this.#over) return;
    this.#options.reporter.received(bytes);
    this.#idle.extendTo(this.#options.idleTimeoutMs);
    if (!this.#paused) this.#idle.touch();
    const event = parseObject(text);
    const type = event?.["type"];
    this.#options.reporter.polled("event", typeof type === "string" ? type : undefined, text);
    if (event === undefined) {
      this.#decoder.facts.noteNotUnderstood(text);
      return;
    }
    this.#weight = bytes;
    if (type === "error") this.#onWrappedError(event, text);
    else if (type === "codex.rate_limits") {
      const { secrets } = this.#options.reporter;
      const snapshot = scrubRateLimits(readRateLimitsEvent(secrets.scrubJson(event)), secrets);
      this.onEvent({ type: "rateLimits", snapshot });
    } else this.#decoder.decode(event, this, text);
  }

  onBinary(): void {
    this.#options.reporter.polled("error");
    this.fail(this.#broken("binary_message", "unexpected binary websocket event"));
  }

  /** A close frame, or the end of the connection without one. */
  onClosed(close: WebSocketClose): void {
    if (this.#over) return;
    const { reporter } = this.#options;
    const closeReason = oneLineOf(close.reason);
    reporter.closed(close.code, closeReason, close.by);
    reporter.polled("end");
    this.fail(
      close.code === NO_CLOSE_FRAME
        ? this.#broken("closed_early", "stream closed before response.completed")
        : this.#broken(
            "connection_closed",
            `websocket closed by server before response.completed (${closeText(close.code, closeReason)})`,
            { closeCode: close.code, closeReason },
          ),
    );
  }

  /** The end of the connection by an error below it, with what the peer said, if it said something. */
  onSocketError(error: Error, close: WebSocketClose): void {
    if (this.#over) return;
    const { reporter } = this.#options;
    reporter.closed(close.code, oneLineOf(close.reason), close.by);
    reporter.polled("error");
    const tooLarge = (error as NodeJS.ErrnoException).code === "WS_ERR_UNSUPPORTED_MESSAGE_LENGTH";
    this.fail(
      this.#broken(
        tooLarge ? "event_too_large" : "connection_lost",
        `IO error: ${describeSocketError(error)}`,
        { cause: error },
      ),
    );
  }

  onEvent(event: ResponseEvent): void {
    if (this.#over) return;
    this.stream.push(event, this.#weight);
    this.#options.reporter.noteOutput(event);
    if (!endsResponse(event)) return;
    this.#stop();
    this.stream.finish();
    this.#options.reporter.ended("completed", { willRetry: false, reason: "not_needed" });
    // The queue may be full, but the connection is free for the next request.
    if (this.#paused) this.#options.resume();
    this.#options.done();
  }

  onFailure(error: AnyApiError): void {
    this.fail(error);
  }

  fail(error: AnyApiError): void {
    if (!this.#stop()) return;
    this.stream.fail(error);
    this.#options.reporter.ended("failed", { willRetry: false, reason: "stream_began" }, error);
    this.#options.drop();
    this.#options.done();
  }

  pause(): void {
    this.#paused = true;
    this.#idle.stop();
    this.#options.reporter.paused();
    this.#options.pause();
  }

  resume(): void {
    this.#paused = false;
    this.#idle.touch();
    this.#options.reporter.resumed();
    this.#options.resume();
  }

  cancel(): void {
    if (!this.#stop()) return;
    this.#options.reporter.ended("cancelled", { willRetry: false, reason: "cancelled" });
    this.#options.drop();
    this.#options.done();
  }

  #onWrappedError(event: JsonObject, text: string): void {
    const { now, ...facts } = this.#options.errors;
    const { secrets } = facts;
    const error = readWrappedError(secrets.scrubJson(event), text, { ...facts, nowMs: now() });
    if (error !== undefined) this.fail(error);
    // It ends nothing, but what ends the stream later is explained by it.
    else this.#decoder.facts.noteFailure(event);
  }

  #onIdle(): void {
    this.#options.reporter.polled("idle_timeout");
    this.fail(this.#broken("idle_timeout", "idle timeout waiting for websocket"));
  }

  #broken(
    reason: StreamErrorReason,
    message: string,
    facts: {
      readonly closeCode?: number;
      readonly closeReason?: string | undefined;
      readonly cause?: Error;
    } = {},
  ): StreamError {
    const { reporter, url } = this.#options;
    const origin = {
      upstreamRequestId: undefined,
      url,
      contentType: "websocket text",
      secrets: reporter.secrets,
    };
    return brokenStream(origin, this.#decoder.facts, { reason, message, ...facts });
  }

  #stop(): boolean {
    if (this.#over) return false;
    this.#over = true;
    this.#idle.stop();
    this.#options.reporter.noteResponse(this.#decoder.facts.responseId);
    return true;
  }
}

/** How a connection ended. */
export interface WebSocketClose {
  /** 1006 when there was no close frame. */
  readonly code: number;
  /** As the peer gave it, without credentials; empty when it gave none. */
  readonly reason: string;
  /** Who ended it; `network`: nobody said so. */
  readonly by: ConnectionEnd;
}

/** `close code 1011: reason`, as far as the peer gave them. */
export function closeText(code: number, reason: string | undefined): string {
  const named = code === NO_CLOSE_CODE ? "no close code" : `close code ${code}`;
  return reason === undefined ? named : `${named}: ${reason}`;
}

/** Close code of `ws` for a close frame without a code. */
const NO_CLOSE_CODE = 1005;

/** Close code of `ws` for a connection that ended without a close frame. */
export const NO_CLOSE_FRAME = 1006;

function parseObject(text: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isJsonObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
