import { seededRandom } from "@codex-ts/test-support";

/** Choices that a seed decides. */
export class Dice {
  readonly #random: () => number;

  constructor(seed: number) {
    this.#random = seededRandom(seed);
  }

  /** A number from 0 to `count - 1`. */
  below(count: number): number {
    return Math.floor(this.#random() * count);
  }

  /** One of the values; the list must not be empty. */
  pick<T>(values: readonly T[]): T {
    return values[this.below(values.length)] as T;
  }

  oneIn(count: number): boolean {
    return this.below(count) === 0;
  }
}
