import type { Watch } from "./watch.ts";

/** The named gates of one server: which are open, and which a stream has come to. */
export class Gates {
  readonly #watch: Watch;
  readonly #released = new Set<string>();
  readonly #reached = new Set<string>();

  constructor(watch: Watch) {
    this.#watch = watch;
  }

  release(name: string): void {
    this.#released.add(name);
    this.#watch.changed();
  }

  hasReached(name: string): boolean {
    return this.#reached.has(name);
  }

  async pass(name: string, signal: AbortSignal): Promise<void> {
    this.#reached.add(name);
    this.#watch.changed();
    await this.#watch.waitFor(() => this.#released.has(name), { signal });
  }
}
