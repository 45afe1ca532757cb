import { RECORD_BODY_LENGTH_OFFSET, RECORD_HEAD_BYTES } from "../../format/shard.ts";
import { copyBytes } from "../../json/bytes.ts";
import type { ZstdDecoder, ZstdFrameDecoder } from "./zstd-decoder.ts";
import { ZstdFrames } from "./zstd-frames.ts";

/** A shard is not inflated further than this: no recording needs it, and a few bytes can claim to hold any amount. */
const INFLATED_LIMIT_BYTES = 1024 * 1024 * 1024;
const NO_BYTES = new Uint8Array(0);

/** The bytes of a shard can not be read as records. */
export class ShardError extends Error {
  override readonly name = "ShardError";
}

/** Returns bytes of a file from an offset on: any number of them, none at its present end. */
export type ReadChunk = (offset: number) => Uint8Array | Promise<Uint8Array>;

export interface ShardRecord {
  readonly id: string;
  /** `undefined` when there was no room for it. */
  readonly body: Uint8Array | undefined;
}

/** Returns the memory for the body of a record, or `undefined` to skip it. */
export type RoomForBody = (id: string, length: number) => Uint8Array | undefined;

/** Reads the records of one shard in order, as far as it has been written. */
export class ShardReader {
  readonly #readChunk: ReadChunk;
  readonly #decoder: ZstdDecoder;
  readonly #frames = new ZstdFrames();
  readonly #pieces: AsyncGenerator<Uint8Array | undefined, void>;
  #frame: ZstdFrameDecoder | undefined;
  #piece: Uint8Array = NO_BYTES;
  #at = 0;
  #inflated = 0;
  readonly #head = new Uint8Array(RECORD_HEAD_BYTES);
  /** The part of a record being read; the next fields say how much of it is there. */
  #stage: "head" | "id" | "body" = "head";
  #target: Uint8Array | undefined = this.#head;
  #filled = 0;
  #wanted: number = RECORD_HEAD_BYTES;
  #id = "";
  readonly #idDecoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

  constructor(readChunk: ReadChunk, decoder: ZstdDecoder) {
    this.#readChunk = readChunk;
    this.#decoder = decoder;
    this.#pieces = this.#decompress();
  }

  /** The next whole record; `undefined` at the present end. Throws when the bytes are not those of a shard. */
  async next(room: RoomForBody): Promise<ShardRecord | undefined> {
    for (;;) {
      if (!(await this.#fill())) return undefined;
      switch (this.#stage) {
        case "head": {
          const idLength = new DataView(this.#head.buffer).getUint16(0, true);
          this.#expect("id", new Uint8Array(idLength), idLength);
          break;
        }
        case "id": {
          this.#id = this.#decodeId(this.#target ?? NO_BYTES);
          const length = this.#bodyLength();
          this.#expect("body", room(this.#id, length), length);
          break;
        }
        case "body": {
          const record = { id: this.#id, body: this.#target };
          this.#expect("head", this.#head, RECORD_HEAD_BYTES);
          return record;
        }
      }
    }
  }

  /** How much was decompressed so far. */
  get inflatedBytes(): number {
    return this.#inflated;
  }

  /** Whether the bytes so far end inside a frame: because a recorder died, or is still writing. */
  get isOpen(): boolean {
    return !this.#frames.isBetweenFrames;
  }

  /** Whether the bytes so far end inside a record. */
  get isInsideRecord(): boolean {
    return this.#stage !== "head" || this.#filled > 0;
  }

  close(): void {
    this.#frame?.close?.();
    this.#frame = undefined;
  }

  #decodeId(bytes: Uint8Array): string {
    try {
      return this.#idDecoder.decode(bytes);
    } catch (cause) {
      throw new ShardError("the id of a record is not valid utf-8", { cause });
    }
  }

  #bodyLength(): number {
    const view = new DataView(this.#head.buffer);
    const length = view.getBigUint64(RECORD_BODY_LENGTH_OFFSET, true);
    // Too long to end anywhere: what follows it is never reached.
    return Number(length);
  }

  #expect(stage: "head" | "id" | "body", target: Uint8Array | undefined, bytes: number): void {
    this.#stage = stage;
    this.#target = target;
    this.#filled = 0;
    this.#wanted = bytes;
  }

  /** Fills the present target; false when the bytes do not suffice yet. */
  async #fill(): Promise<boolean> {
    while (this.#filled < this.#wanted) {
      if (this.#at === this.#piece.length) {
        // The piece is the decoder's again as soon as the next one is asked for.
        this.#piece = NO_BYTES;
        this.#at = 0;
        const { value } = await this.#pieces.next();
        if (value === undefined) return false;
        this.#piece = value;
      }
      const step = Math.min(this.#wanted - this.#filled, this.#piece.length - this.#at);
      this.#target?.set(this.#piece.subarray(this.#at, this.#at + step), this.#filled);
      this.#at += step;
      this.#filled += step;
    }
    return true;
  }

  /** The decompressed bytes of the shard; `undefined` at its present end, from where the next call goes on. */
  async *#decompress(): AsyncGenerator<Uint8Array | undefined, void> {
    let offset = 0;
    for (;;) {
      // The source may use its buffer again while these are still being decompressed.
      const chunk = copyBytes(await this.#readChunk(offset));
      offset += chunk.length;
      if (chunk.length === 0) yield undefined;
      for (const { bytes, endsFrame } of this.#frames.push(chunk)) {
        this.#frame ??= this.#decoder();
        for await (const piece of this.#frame.push(bytes, endsFrame)) {
          this.#inflated += piece.length;
          if (this.#inflated > INFLATED_LIMIT_BYTES)
            throw new ShardError("the shard decompresses to more than it may");
          if (piece.length > 0) yield piece;
        }
        if (endsFrame) this.close();
      }
    }
  }
}
