import type { Readable } from "node:stream";

/** Bytes that are read of a client before it is known whether it reads what it asked for. */
const MAX_AHEAD_BYTES = 1024 * 1024;

/**
 * Reads an input somewhat faster than its lines are taken, so that its end is noticed although nobody takes lines: those of a
 * client that does not read the responses wait. Never more than a chunk beyond a mebibyte is held.
 */
export class ReadAhead implements AsyncIterable<Uint8Array | string> {
  readonly #chunks: (Uint8Array | string)[] = [];
  readonly #onEnd: () => void;
  #bytes = 0;
  #outcome: { readonly error?: unknown } | undefined;
  #wake: PromiseWithResolvers<void> = Promise.withResolvers();
  readonly #input: Readable;

  /** `onEnd`: called once, when nothing more comes. */
  constructor(input: Readable, onEnd: () => void) {
    this.#input = input;
    this.#onEnd = onEnd;
    input.on("data", (chunk: Uint8Array | string) => this.#add(chunk));
    input.on("end", () => this.#end({}));
    input.on("close", () => this.#end({}));
    input.on("error", (error) => this.#end({ error }));
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array | string, void, undefined> {
    for (;;) {
      const chunk = this.#chunks.shift();
      if (chunk !== undefined) {
        this.#bytes -= chunk.length;
        if (this.#bytes < MAX_AHEAD_BYTES) this.#input.resume();
        yield chunk;
      } else if (this.#outcome === undefined) {
        await this.#wake.promise;
        this.#wake = Promise.withResolvers();
      } else if ("error" in this.#outcome) {
        throw this.#outcome.error;
      } else {
        return;
      }
    }
  }

  #add(chunk: Uint8Array | string): void {
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
    if (this.#bytes >= MAX_AHEAD_BYTES) this.#input.pause();
    this.#wake.resolve();
  }

  #end(outcome: { readonly error?: unknown }): void {
    if (this.#outcome !== undefined) return;
    this.#outcome = outcome;
    this.#wake.resolve();
    this.#onEnd();
  }
}
