import { SHARD_LIMIT_BYTES, shardPath } from "../../format/shard.ts";
import { copyBytes } from "../../json/bytes.ts";
import type { BundleSource } from "../source.ts";
import { BufferPool } from "./buffer-pool.ts";
import { KeptBodies } from "./kept-bodies.ts";
import { ShardError, ShardReader } from "./shard-reader.ts";
import type { ReadChunk, RoomForBody } from "./shard-reader.ts";
import type { ZstdDecoder } from "./zstd-decoder.ts";

/** Recorders write one shard after another, and events name what was just written. */
const OPEN_SHARDS = 2;
/** Bodies that were passed over are kept up to so many bytes; others are decompressed again when needed. */
const KEPT_BYTES = 32 * 1024 * 1024;
/**
 * Bounds how much is decompressed in vain: so much, and beside it every shard once and a multiple of what was handed out.
 * Recorders are far below, events that each name another shard are not.
 */
const WASTED_BYTES = 512 * 1024 * 1024;
const INFLATED_FOR_EACH_BYTE = 16;
/** Longest body that fits into a string. */
const LONGEST_BODY_BYTES = 512 * 1024 * 1024;
/** Bodies that are handed out at a time: a few bytes of an event can name any number of long ones. */
const LENT_BYTES = 512 * 1024 * 1024;
const MOST_RECORDS = 1024 * 1024;

/** One record, in any shard. */
export interface RecordRequest {
  readonly shard: number;
  readonly id: string;
}

/** The body of a record, good until {@link ShardRecords.release}; or why there is none. */
export type RecordReading =
  | { readonly body: Uint8Array }
  | { readonly isMissing: true; readonly cause?: unknown }
  /** Too much was handed out since {@link ShardRecords.release}. */
  | { readonly isTooMuch: true }
  /** Too much was decompressed in vain. */
  | { readonly isTooFar: true };

/** A problem of a whole shard. */
export interface ShardProblem {
  readonly shard: number;
  readonly message: string;
  readonly cause?: unknown;
}

/** In place of the limits that hold otherwise, in bytes. */
export interface RecordLimits {
  /** Handed out at a time. */
  readonly lentBytes?: number;
  /** Kept of what was passed over. */
  readonly keptBytes?: number;
  /** Decompressed in vain. */
  readonly wastedBytes?: number;
}

type ShardEnd = "sealed" | "open" | "broken";

/** Finds records in the shards of a bundle, without ever inflating a shard whole. */
export class ShardRecords {
  readonly #source: BundleSource;
  readonly #decoder: ZstdDecoder;
  readonly #buffers: BufferPool;
  /** Least recently used first. */
  readonly #open = new Map<number, OpenShard>();
  /** How each shard that was looked into ended. */
  readonly #ends = new Map<number, ShardEnd>();
  /** The highest number of these. */
  #lastShard = 0;
  #problems: ShardProblem[] = [];
  readonly #reported = new Set<string>();
  readonly #kept: KeptBodies;
  readonly #wastedBytes: number;
  readonly #shards = new Set<number>();
  /** By readers that are closed. */
  #inflatedBytes = 0;
  #handedOutBytes = 0;

  constructor(source: BundleSource, decoder: ZstdDecoder, limits: RecordLimits = {}) {
    this.#source = source;
    this.#decoder = decoder;
    this.#buffers = new BufferPool(limits.lentBytes ?? LENT_BYTES);
    this.#kept = new KeptBodies(limits.keptBytes ?? KEPT_BYTES);
    this.#wastedBytes = limits.wastedBytes ?? WASTED_BYTES;
  }

  async read({ shard, id }: RecordRequest): Promise<RecordReading> {
    try {
      if (this.#buffers.isExhausted) return TOO_MUCH;
      const kept = this.#kept.get(shard, id);
      if (kept !== undefined) return this.#buffers.mayLend(kept.length) ? { body: kept } : TOO_MUCH;
      if (this.#isTooFar()) return TOO_FAR;
      const open = await this.#openShard(shard);
      const body = (await open.find(id)) ?? (await this.#findAgain(shard, open, id));
      if (body !== undefined) {
        this.#handedOutBytes += body.length;
        return { body };
      }
      return this.#buffers.isExhausted ? TOO_MUCH : { isMissing: true };
    } catch (cause) {
      this.#fail(shard, cause);
      return { isMissing: true, cause };
    }
  }

  /** Takes back all bodies that were handed out. */
  release(): void {
    this.#buffers.release();
  }

  /**
   * Looks at the rest of every shard that was used. `isComplete`: whether their recorder closed the recording, after
   * which none may be torn. Otherwise it may have died while it wrote the last one.
   */
  async finish(isComplete: boolean): Promise<void> {
    for (const shard of this.#open.keys()) await this.#drain(shard);
    const last = isComplete ? undefined : this.#lastShard;
    for (const [shard, end] of this.#ends)
      if (end === "open" && shard !== last) this.#report({ shard, message: "is cut off" });
  }

  /** The problems since the last call. */
  takeProblems(): readonly ShardProblem[] {
    const problems = this.#problems;
    this.#problems = [];
    return problems;
  }

  close(): void {
    for (const shard of this.#open.keys()) this.#closeShard(shard);
    this.#kept.clear();
  }

  #isTooFar(): boolean {
    let inflatedBytes = this.#inflatedBytes;
    for (const { reader } of this.#open.values()) inflatedBytes += reader.inflatedBytes;
    const usefulBytes =
      this.#shards.size * SHARD_LIMIT_BYTES + this.#handedOutBytes * INFLATED_FOR_EACH_BYTE;
    return inflatedBytes > usefulBytes + this.#wastedBytes;
  }

  async #openShard(shard: number): Promise<OpenShard> {
    const known = this.#open.get(shard);
    if (known !== undefined) {
      this.#open.delete(shard);
      this.#open.set(shard, known);
      return known;
    }
    const [oldest] = this.#open.keys();
    if (oldest !== undefined && this.#open.size >= OPEN_SHARDS) {
      await this.#drain(oldest);
      this.#closeShard(oldest);
    }
    return this.#newShard(shard);
  }

  #newShard(shard: number): OpenShard {
    const reader = new ShardReader(readerOf(this.#source, shardPath(shard)), this.#decoder);
    const open = new OpenShard(shard, reader, {
      buffers: this.#buffers,
      kept: this.#kept,
      isAgain: this.#shards.has(shard),
    });
    this.#shards.add(shard);
    this.#open.set(shard, open);
    return open;
  }

  #closeShard(shard: number): void {
    const open = this.#open.get(shard);
    if (open === undefined) return;
    this.#inflatedBytes += open.reader.inflatedBytes;
    open.reader.close();
    this.#open.delete(shard);
  }

  /** Starts the shard over for a body that was handed out or dropped. */
  async #findAgain(shard: number, open: OpenShard, id: string): Promise<Uint8Array | undefined> {
    if (!open.hasSeen(id) || this.#buffers.isExhausted) return undefined;
    await this.#drain(shard);
    this.#closeShard(shard);
    return this.#newShard(shard).find(id);
  }

  /** Reads a shard to its present end, to know how it ends and whether anything is there twice. */
  async #drain(shard: number): Promise<void> {
    const open = this.#open.get(shard);
    const end = this.#ends.get(shard);
    if (open === undefined || end === "broken" || end === "sealed") return;
    try {
      await open.drain();
      for (const id of open.repeated) this.#report({ shard, message: `holds ${id} twice` });
      const { isOpen, isInsideRecord } = open.reader;
      if (!isOpen && isInsideRecord) this.#report({ shard, message: "ends inside a record" });
      this.#noteEnd(shard, isOpen ? "open" : "sealed");
    } catch (cause) {
      this.#fail(shard, cause);
    }
  }

  #fail(shard: number, cause: unknown): void {
    this.#noteEnd(shard, "broken");
    const message =
      cause instanceof ShardError ? `can not be read: ${cause.message}` : "can not be read";
    this.#report({ shard, message, cause });
  }

  #noteEnd(shard: number, end: ShardEnd): void {
    this.#ends.set(shard, end);
    this.#lastShard = Math.max(this.#lastShard, shard);
  }

  #report(problem: ShardProblem): void {
    const key = `${problem.shard} ${problem.message}`;
    if (this.#reported.has(key)) return;
    this.#reported.add(key);
    this.#problems.push(problem);
  }
}

interface OpenShardOptions {
  readonly buffers: BufferPool;
  readonly kept: KeptBodies;
  /** Whether it was opened before. */
  readonly isAgain: boolean;
}

/** A shard that is read on as records are asked for. */
class OpenShard {
  readonly reader: ShardReader;
  readonly repeated: Set<string> = new Set();
  readonly #shard: number;
  readonly #buffers: BufferPool;
  readonly #kept: KeptBodies;
  readonly #isAgain: boolean;
  readonly #seen = new Set<string>();
  #failure: { readonly cause: unknown } | undefined;

  constructor(shard: number, reader: ShardReader, { buffers, kept, isAgain }: OpenShardOptions) {
    this.#shard = shard;
    this.reader = reader;
    this.#buffers = buffers;
    this.#kept = kept;
    this.#isAgain = isAgain;
  }

  hasSeen(id: string): boolean {
    return this.#seen.has(id);
  }

  async find(id: string): Promise<Uint8Array | undefined> {
    if (this.#seen.has(id)) return undefined;
    const body = await this.#readUpTo(id);
    // It may well be asked for once more.
    if (this.#isAgain && body !== undefined) this.#kept.keepCopy(this.#shard, id, body);
    return body;
  }

  async drain(): Promise<void> {
    await this.#readUpTo(undefined);
  }

  async #readUpTo(wanted: string | undefined): Promise<Uint8Array | undefined> {
    if (this.#failure !== undefined) throw this.#failure.cause;
    const room: RoomForBody = (id, length) =>
      id === wanted ? this.#roomFor(length) : this.#roomForLater(id, length);
    try {
      for (;;) {
        const record = await this.reader.next(room);
        if (record === undefined) return undefined;
        const { id, body } = record;
        // The first of that name counts.
        if (this.#seen.has(id)) this.repeated.add(id);
        else {
          this.#seen.add(id);
          if (this.#seen.size > MOST_RECORDS) throw new ShardError("it holds too many records");
          if (id === wanted) return body;
          if (body !== undefined) this.#kept.keep(this.#shard, id, body);
        }
      }
    } catch (cause) {
      this.#failure = { cause };
      throw cause;
    }
  }

  #roomFor(length: number): Uint8Array | undefined {
    if (length > LONGEST_BODY_BYTES) throw new ShardError("a record is too long");
    return this.#buffers.take(length);
  }

  #roomForLater(id: string, length: number): Uint8Array | undefined {
    const isWanted = !this.#seen.has(id) && this.#kept.hasRoomBeside(this.#shard, id, length);
    return isWanted ? new Uint8Array(length) : undefined;
  }
}

const TOO_MUCH: RecordReading = { isTooMuch: true };
const TOO_FAR: RecordReading = { isTooFar: true };

function readerOf(source: BundleSource, path: string): ReadChunk {
  const { readShard } = source;
  if (readShard !== undefined) return (offset) => readShard(path, offset);
  let whole: Uint8Array | undefined;
  return async (offset) => {
    whole ??= copyBytes(await source.readPayload(path));
    return whole.subarray(offset);
  };
}
