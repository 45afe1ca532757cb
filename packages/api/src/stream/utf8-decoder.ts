import { isAscii, isUtf8 } from "node:buffer";

/**
 * Incremental, strict UTF-8 decoding. Much faster than a streaming `TextDecoder` for the small ASCII chunks of an
 * event stream. `undefined` means the bytes are not UTF-8; the stream is then lost.
 */
export class Utf8Decoder {
  /** First bytes of a character whose rest has not arrived; at most 3. */
  #carry: Buffer | undefined;

  decode(bytes: Buffer): string | undefined {
    const chunk = this.#carry === undefined ? bytes : Buffer.concat([this.#carry, bytes]);
    if (isAscii(chunk)) {
      this.#carry = undefined;
      return chunk.toString("latin1");
    }
    const end = completeLength(chunk);
    // Copied, because the transport may use its buffer again.
    this.#carry = end === chunk.length ? undefined : Buffer.from(chunk.subarray(end));
    const whole = chunk.subarray(0, end);
    return isUtf8(whole) ? whole.toString("utf8") : undefined;
  }

  /** True when the bytes so far end inside a character. */
  get isInsideCharacter(): boolean {
    return this.#carry !== undefined;
  }
}

/** Length without a character at the end that is not complete yet. */
function completeLength(chunk: Buffer): number {
  const { length } = chunk;
  for (let back = 1; back <= 3 && back <= length; back += 1) {
    const byte = chunk[length - back] ?? 0;
    // Continuation bytes: look further back for the lead.
    if (byte >= 0x80 && byte < 0xc0) continue;
    const needed = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1;
    return needed > back ? length - back : length;
  }
  return length;
}
