import type { StreamFrame } from "@codex-ts/protocol";
import type { WireFrames } from "../records.ts";

const MAX_FRAMES = 256;
const MAX_WAIT_MS = 250;
/** Servers name their events as they like. */
const MAX_NAMES = 64;
const MAX_NAME_CHARACTERS = 100;
/** With these and all rows a line is still short enough. */
const MAX_NAMES_BYTES = 6 * 1024;

type Batch = Pick<WireFrames, "names" | "from_us" | "rows">;

/** Collects the frames of one attempt, so that many of them make one record. */
export class FrameBatch {
  readonly #write: (batch: Batch) => void;
  #names: string[] = [];
  #namesBytes = 0;
  #rows: (readonly [number, 0 | 1, number, number])[] = [];
  #fromUs = 0;
  #lastUs = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(write: (batch: Batch) => void) {
    this.#write = write;
  }

  add({ direction, bytes, eventName, atUs }: StreamFrame): void {
    if (this.#rows.length === 0) {
      this.#fromUs = atUs;
      this.#lastUs = atUs;
      this.#timer = setTimeout(() => this.flush(), MAX_WAIT_MS).unref();
    }
    // What was sent is reported when it is through, which may be behind the first answer.
    const dtUs = Math.max(0, atUs - this.#lastUs);
    this.#rows.push([dtUs, direction === "in" ? 0 : 1, bytes, this.#index(eventName)]);
    this.#lastUs = Math.max(this.#lastUs, atUs);
    if (this.#rows.length >= MAX_FRAMES) this.flush();
  }

  flush(): void {
    clearTimeout(this.#timer);
    if (this.#rows.length === 0) return;
    const batch = { names: this.#names, from_us: this.#fromUs, rows: this.#rows };
    this.#names = [];
    this.#namesBytes = 0;
    this.#rows = [];
    this.#write(batch);
  }

  #index(name: string | undefined): number {
    if (name === undefined) return -1;
    const shown = name.slice(0, MAX_NAME_CHARACTERS).toWellFormed();
    const known = this.#names.indexOf(shown);
    if (known !== -1 || this.#names.length >= MAX_NAMES) return known;
    const bytes = Buffer.byteLength(JSON.stringify(shown));
    if (this.#namesBytes + bytes > MAX_NAMES_BYTES) return -1;
    this.#namesBytes += bytes;
    return this.#names.push(shown) - 1;
  }
}
