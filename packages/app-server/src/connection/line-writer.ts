import type { Writable } from "node:stream";

/** Writes messages, one a line, and says when their reader has fallen behind. */
export class LineWriter {
  readonly #output: Writable;
  /** While the reader is behind. */
  #drained: PromiseWithResolvers<void> | undefined;
  #isOpen = true;

  /** `onLost`: called once, when nobody can read any more. */
  constructor(output: Writable, onLost: () => void) {
    this.#output = output;
    const lost = (): void => {
      if (!this.#isOpen) return;
      this.#isOpen = false;
      this.#release();
      onLost();
    };
    output.on("drain", () => this.#release());
    output.on("error", lost);
    output.on("close", lost);
  }

  /** Takes a message at once; into nothing when nobody reads. */
  write(message: object): void {
    if (!this.#isOpen) return;
    if (!this.#output.write(`${JSON.stringify(message)}\n`)) {
      this.#drained ??= Promise.withResolvers();
    }
  }

  /** Gives up on a reader: what it has not read is dropped. */
  abandon(): void {
    this.#isOpen = false;
    this.#release();
    this.#output.destroy();
  }

  /** Settles when the reader has caught up, or is gone: makers of many messages wait here. */
  async ready(): Promise<void> {
    await this.#drained?.promise;
  }

  #release(): void {
    this.#drained?.resolve();
    this.#drained = undefined;
  }
}
