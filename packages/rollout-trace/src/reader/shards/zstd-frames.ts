// The outside of zstd: where frames and their blocks end. What is in the blocks is for a decoder.

const FRAME_MAGIC: readonly number[] = [0x28, 0xb5, 0x2f, 0xfd];
/** The first byte has any lower half. */
const SKIPPABLE_MAGIC: readonly number[] = [0x50, 0x2a, 0x4d, 0x18];
const DICTIONARY_ID_BYTES: readonly number[] = [0, 1, 2, 4];
const CONTENT_SIZE_BYTES: readonly number[] = [0, 2, 4, 8];
const BLOCK_HEAD_BYTES = 3;
const CHECKSUM_BYTES = 4;
const RLE_BLOCK = 1;

/** The bytes are no zstd. */
export class NotZstdError extends Error {
  override readonly name = "NotZstdError";
}

/** Some bytes of one frame. */
export interface FramePiece {
  readonly bytes: Uint8Array;
  /** Whether the frame ends with them. */
  readonly endsFrame: boolean;
}

type Stage = "magic" | "skippable size" | "descriptor" | "frame head" | "block head" | "body";

/**
 * Cuts compressed bytes into frames as they come, because decoders differ in what they do behind the end of one, and
 * none says that a stream stopped inside one. Skippable frames are left out.
 */
export class ZstdFrames {
  #stage: Stage = "magic";
  /** The bytes of the head that is being read. */
  readonly #head: number[] = [];
  /** How many bytes the present stage still needs. */
  #wanted = FRAME_MAGIC.length;
  #isSkippable = false;
  #isLastBlock = false;
  #hasChecksum = false;

  /** Whether the bytes so far end where a frame ends. */
  get isBetweenFrames(): boolean {
    return this.#stage === "magic" && this.#head.length === 0;
  }

  /** The frame bytes of a chunk. Throws {@link NotZstdError}. */
  *push(chunk: Uint8Array): Generator<FramePiece, void> {
    let start = 0;
    let at = 0;
    while (at < chunk.length) {
      if (this.#stage === "body") {
        const step = Math.min(this.#wanted, chunk.length - at);
        at += step;
        this.#wanted -= step;
      } else {
        this.#head.push(chunk[at] ?? 0);
        at += 1;
        this.#wanted -= 1;
        if (this.#stage === "magic") this.#checkMagic();
      }
      // A stage may need no byte at all.
      while (this.#wanted === 0) {
        if (this.#advance()) continue;
        if (!this.#isSkippable) yield { bytes: chunk.subarray(start, at), endsFrame: true };
        this.#beginFrame();
        start = at;
      }
      if (this.#isSkippable) start = at;
    }
    if (start < chunk.length) yield { bytes: chunk.subarray(start), endsFrame: false };
  }

  #checkMagic(): void {
    const isFrame = this.#head.every((byte, index) => byte === FRAME_MAGIC[index]);
    this.#isSkippable = this.#head.every(
      (byte, index) => (index === 0 ? byte & 0xf0 : byte) === SKIPPABLE_MAGIC[index],
    );
    if (!isFrame && !this.#isSkippable) throw new NotZstdError("no zstd frame starts here");
  }

  #beginFrame(): void {
    this.#enter("magic", FRAME_MAGIC.length);
    this.#isSkippable = false;
  }

  /** Goes on to the next stage; false at the end of the frame. */
  #advance(): boolean {
    switch (this.#stage) {
      case "magic":
        return this.#isSkippable ? this.#enter("skippable size", 4) : this.#enter("descriptor", 1);
      case "skippable size":
        this.#isLastBlock = true;
        this.#hasChecksum = false;
        return this.#enterBody(littleEndian(this.#head));
      case "descriptor":
        return this.#enter("frame head", this.#readDescriptor(this.#head[0] ?? 0));
      case "frame head":
        return this.#enter("block head", BLOCK_HEAD_BYTES);
      case "block head":
        return this.#enterBody(this.#readBlockHead(littleEndian(this.#head)));
      case "body":
        return !this.#isLastBlock && this.#enter("block head", BLOCK_HEAD_BYTES);
    }
    return this.#stage satisfies never;
  }

  #enter(stage: Stage, wanted: number): true {
    this.#stage = stage;
    this.#wanted = wanted;
    this.#head.length = 0;
    return true;
  }

  /** The checksum belongs to the last block: nothing looks at either. */
  #enterBody(bytes: number): true {
    return this.#enter(
      "body",
      bytes + (this.#isLastBlock && this.#hasChecksum ? CHECKSUM_BYTES : 0),
    );
  }

  /** The number of bytes in the rest of the frame's head. */
  #readDescriptor(descriptor: number): number {
    const isSingleSegment = (descriptor & 0x20) !== 0;
    const sizeFlag = descriptor >> 6;
    this.#hasChecksum = (descriptor & 0x04) !== 0;
    const dictionary = DICTIONARY_ID_BYTES[descriptor & 0x03] ?? 0;
    const contentSize = isSingleSegment && sizeFlag === 0 ? 1 : (CONTENT_SIZE_BYTES[sizeFlag] ?? 0);
    return dictionary + contentSize + (isSingleSegment ? 0 : 1);
  }

  /** The number of bytes in a block. */
  #readBlockHead(head: number): number {
    this.#isLastBlock = (head & 1) !== 0;
    return ((head >> 1) & 3) === RLE_BLOCK ? 1 : head >> 3;
  }
}

function littleEndian(bytes: readonly number[]): number {
  return bytes.reduceRight((value, byte) => value * 256 + byte, 0);
}
