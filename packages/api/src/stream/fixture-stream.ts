import type { ErrorPolicy } from "@codex-ts/protocol";
import { EventStreamBody } from "./event-stream-body.ts";
import type { BodyConsumer, BodySource } from "../http/response-body.ts";
import type { ResponseStream } from "./response-stream.ts";

/** Options of `streamFromFixture`. */
export interface FixtureStreamOptions {
  /** Default `0.169`. */
  readonly errorPolicy?: ErrorPolicy | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Larger than any fixture. */
const MAX_EVENT_BYTES = 64 * 1024 * 1024;

/**
 * A response stream out of a text, for tests: every line becomes a line of its own followed by a blank one, so that
 * each `data: {…}` line is an event. It has no `upstreamRequestId`. Throws the signal's reason when it has
 * aborted already. Source: docs/behavior/api.md 14.
 */
export function streamFromFixture(
  text: string,
  options: FixtureStreamOptions = {},
): ResponseStream {
  options.signal?.throwIfAborted();
  const source = new LineSource(text);
  const body = new EventStreamBody({
    source,
    headers: undefined,
    upstreamRequestId: undefined,
    reporter: undefined,
    policy: options.errorPolicy ?? "0.169",
    // Lines are fed as fast as they are taken, so that there is no gap to measure.
    idleTimeoutMs: 2_147_483_647,
    maxEventBytes: MAX_EVENT_BYTES,
    turnState: undefined,
    signal: options.signal,
  });
  source.feed(body);
  return body.stream;
}

/** Hands out lines as bytes until it is paused or told to stop. */
class LineSource implements BodySource {
  readonly #lines: Iterator<string>;
  #consumer: BodyConsumer | undefined;
  #state: "flowing" | "paused" | "over" = "flowing";

  constructor(text: string) {
    this.#lines = text.split(/\r?\n/)[Symbol.iterator]();
  }

  feed(consumer: BodyConsumer): void {
    this.#consumer = consumer;
    while (this.#isFlowing()) {
      const line = this.#lines.next();
      if (line.done) {
        this.#state = "over";
        consumer.onEnd();
      } else {
        consumer.onData(Buffer.from(`${line.value}\n\n`));
      }
    }
  }

  pause(): void {
    if (this.#state === "flowing") this.#state = "paused";
  }

  resume(): void {
    if (this.#state !== "paused") return;
    this.#state = "flowing";
    const consumer = this.#consumer;
    if (consumer !== undefined) queueMicrotask(() => this.feed(consumer));
  }

  abort(): void {
    this.#state = "over";
  }

  release(): void {
    this.#state = "over";
  }

  #isFlowing(): boolean {
    return this.#state === "flowing";
  }
}
