import type { EventSourceMessage } from "eventsource-parser";
import { createParser } from "eventsource-parser";
import { Utf8Decoder } from "./utf8-decoder.ts";

export interface SseDecoderOptions {
  /** Called for every event that has data. */
  readonly onMessage: (message: EventSourceMessage) => void;
  /** Larger events are an error. Counted in characters, which are bytes for ASCII. */
  readonly maxEventBytes: number;
}

/** Why bytes could not be decoded any further. */
export type SseProblem = "invalid_utf8" | "event_too_large";

/**
 * Bytes of an event stream to events, the same however the bytes are split. The end of the stream never completes a
 * pending event. Source: docs/behavior/api.md 6.
 */
export class SseDecoder {
  readonly #utf8 = new Utf8Decoder();
  readonly #parser: { feed(chunk: string): void };
  #endsWithReturn = false;
  #problem: SseProblem | undefined;

  constructor({ onMessage, maxEventBytes }: SseDecoderOptions) {
    this.#parser = createParser({
      onEvent: (message) => {
        if (this.#problem !== undefined) return;
        if (message.data.length > maxEventBytes) this.#problem = "event_too_large";
        // Data that is empty dispatches nothing, so that it does not count as a sign of life either.
        else if (message.data !== "") onMessage(message);
      },
      onError: (error) => {
        if (error.type === "max-buffer-size-exceeded") this.#problem = "event_too_large";
      },
      maxBufferSize: maxEventBytes,
    });
  }

  /** Feeds bytes; events come out through `onMessage` before it returns. */
  feed(bytes: Buffer): SseProblem | undefined {
    if (this.#problem !== undefined) return this.#problem;
    const text = this.#utf8.decode(bytes);
    if (text === undefined) {
      this.#problem = "invalid_utf8";
      return this.#problem;
    }
    this.#feedText(text);
    return this.#problem;
  }

  /** Returns the problem of a stream that ended inside a character. */
  end(): SseProblem | undefined {
    if (this.#problem === undefined && this.#utf8.isInsideCharacter) this.#problem = "invalid_utf8";
    return this.#problem;
  }

  /** A final `\r` is held back: at the end of the stream it must not close an event, and it may be half of `\r\n`. */
  #feedText(text: string): void {
    if (text === "") return;
    const whole = this.#endsWithReturn ? `\r${text}` : text;
    this.#endsWithReturn = whole.charCodeAt(whole.length - 1) === 13;
    this.#parser.feed(this.#endsWithReturn ? whole.slice(0, -1) : whole);
  }
}
