/** Where a generator takes its time and randomness from. */
export interface UuidOptions {
  /** Unix milliseconds. Default: the system clock. */
  readonly now?: (() => number) | undefined;
  /** A number in [0, 1). Default: the cryptographic generator of the platform. */
  readonly random?: (() => number) | undefined;
}

function randomBits32(random: (() => number) | undefined): bigint {
  if (random !== undefined) return BigInt(Math.floor(random() * 2 ** 32));
  return BigInt(globalThis.crypto.getRandomValues(new Uint32Array(1))[0] ?? 0);
}

function format(value: bigint): string {
  const hex = value.toString(16).padStart(32, "0");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

/**
 * A function that makes version-7 UUIDs which sort, as text, in the order they were made.
 *
 * Layout: 48 bits of Unix time, then (around version and variant) a 42-bit counter and 32 random bits. The counter
 * starts at a random value below half its range in each new millisecond and grows by one within it. A clock that
 * stands still or runs backwards keeps the last time. The counter has room for 2^41 ids at one time, more than can be made.
 */
export function createUuidV7Generator(options: UuidOptions = {}): () => string {
  const { now = Date.now, random } = options;
  let lastMs = -1;
  let counter = 0n;
  return () => {
    const nowMs = Math.floor(now());
    if (nowMs > lastMs) {
      lastMs = nowMs;
      counter = ((randomBits32(random) << 32n) | randomBits32(random)) >> 23n;
    } else {
      counter += 1n;
    }
    const high = counter >> 30n;
    const low = counter & ((1n << 30n) - 1n);
    return format(
      (BigInt(lastMs) << 80n) |
        (7n << 76n) |
        (high << 64n) |
        (2n << 62n) |
        (low << 32n) |
        randomBits32(random),
    );
  };
}

/** A version-7 UUID from the generator all of this process shares. */
export const newUuidV7: () => string = createUuidV7Generator();

/** A random version-4 UUID, as used for inference call ids. */
export function newUuidV4(options: Pick<UuidOptions, "random"> = {}): string {
  const { random } = options;
  if (random === undefined) return globalThis.crypto.randomUUID();
  let value = 0n;
  for (let word = 0; word < 4; word += 1) value = (value << 32n) | randomBits32(random);
  const version = (value & ~(0xfn << 76n)) | (4n << 76n);
  return format((version & ~(3n << 62n)) | (2n << 62n));
}
