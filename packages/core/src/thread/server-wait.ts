import { setTimeout as delay } from "node:timers/promises";

/** How the first turn of a thread waits for the tools of its MCP servers. */
export class ServerWait {
  readonly #ready: Promise<void>;
  readonly #longestMs: number | undefined;
  #waited: Promise<void> | undefined;

  /** `ready` settles when all tools are offered, and never rejects. `longestMs` `undefined`: it is waited for that. */
  constructor(ready: Promise<void>, longestMs: number | undefined) {
    this.#ready = ready;
    this.#longestMs = longestMs;
  }

  /** Whether a turn has begun to wait. */
  get hasBegun(): boolean {
    return this.#waited !== undefined;
  }

  /** Resolves when the turn may go on. What the first turn has waited for no later one waits for again. */
  async wait(): Promise<void> {
    this.#waited ??= this.#firstWait();
    await this.#waited;
  }

  async #firstWait(): Promise<void> {
    if (this.#longestMs === undefined) return this.#ready;
    const isReady = new AbortController();
    const longest = delay(this.#longestMs, undefined, { signal: isReady.signal }).catch(() => {});
    await Promise.race([this.#ready, longest]);
    isReady.abort();
  }
}
