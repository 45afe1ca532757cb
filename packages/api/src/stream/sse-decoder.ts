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
 * Bytes of an event stream to events, the same however the bytes are split. An event that the end of the stream leaves
 * without its blank line counts when its data is whole JSON, unlike in Codex.
 * Source: docs/behavior/api.md 6.
 */
export class SseDecoder {
  readonly #utf8 = new Utf8Decoder();
  readonly #parser: { feed(chunk: string): void };
  #endsWithReturn = false;
  #problem: SseProblem | undefined;
  #isOver = false;

  constructor({ onMessage, maxEventBytes }: SseDecoderOptions) {
    this.#parser = createParser({
      onEvent: (message) => {
        if (this.#problem !== undefined) return;
        if (message.data.length > maxEventBytes) this.#problem = "event_too_large";
        // Data that is empty dispatches nothing, so that it does not count as a sign of life either.
        else if (message.data !== "" && (!this.#isOver || isWholeJson(message.data))) {
          onMessage(message);
        }
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

  /** The stream has ended, and not by accident: emits a pending event and returns the problem when it ended inside a character. */
  end(): SseProblem | undefined {
    if (this.#problem === undefined && this.#utf8.isInsideCharacter) this.#problem = "invalid_utf8";
    if (this.#problem !== undefined) return this.#problem;
    this.#isOver = true;
    this.#parser.feed("\n\n");
    return this.#problem;
  }

  /** A final `\r` is held back: it may be half of `\r\n`. */
  #feedText(text: string): void {
    if (text === "") return;
    const whole = this.#endsWithReturn ? `\r${text}` : text;
    this.#endsWithReturn = whole.charCodeAt(whole.length - 1) === 13;
    this.#parser.feed(this.#endsWithReturn ? whole.slice(0, -1) : whole);
  }
}

function isWholeJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
