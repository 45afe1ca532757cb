import { shardPath } from "../../format/shard.ts";
import { copyBytes } from "../../json/bytes.ts";
import type { BundleSource } from "../source.ts";
import { ShardError, ShardReader } from "./shard-reader.ts";
import type { ReadChunk, RoomForBody } from "./shard-reader.ts";
import type { ZstdDecoder } from "./zstd-decoder.ts";

/** Recorders write one shard after another, and events name what was just written. */
const OPEN_SHARDS = 2;
/** Bodies that were passed over are kept up to so many bytes for each shard; others are decompressed again when needed. */
const KEPT_BYTES = 16 * 1024 * 1024;
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
  | { readonly isTooMuch: true };

/** A problem of a whole shard. */
export interface ShardProblem {
  readonly shard: number;
  readonly message: string;
  readonly cause?: unknown;
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

  constructor(source: BundleSource, decoder: ZstdDecoder, mostBytesLent: number = LENT_BYTES) {
    this.#source = source;
    this.#decoder = decoder;
    this.#buffers = new BufferPool(mostBytesLent);
  }

  async read({ shard, id }: RecordRequest): Promise<RecordReading> {
    try {
      if (this.#buffers.isExhausted) return TOO_MUCH;
      const open = await this.#openShard(shard);
      const body = (await open.find(id)) ?? (await this.#findAgain(shard, open, id));
      if (body !== undefined) return { body };
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
    for (const open of this.#open.values()) open.close();
    this.#open.clear();
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
      this.#open.get(oldest)?.close();
      this.#open.delete(oldest);
    }
    const open = this.#newShard(shard);
    this.#open.set(shard, open);
    return open;
  }

  #newShard(shard: number): OpenShard {
    const reader = new ShardReader(readerOf(this.#source, shardPath(shard)), this.#decoder);
    return new OpenShard(reader, this.#buffers);
  }

  /** Starts the shard over for a body that was handed out or dropped. */
  async #findAgain(shard: number, open: OpenShard, id: string): Promise<Uint8Array | undefined> {
    if (!open.hasSeen(id) || this.#buffers.isExhausted) return undefined;
    await this.#drain(shard);
    open.close();
    const again = this.#newShard(shard);
    this.#open.set(shard, again);
    return again.find(id);
  }

  /** Reads a shard to its present end, to know how it ends and whether anything is there twice. */
  async #drain(shard: number): Promise<void> {
    const open = this.#open.get(shard);
    if (open === undefined || this.#ends.get(shard) === "broken") return;
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

/** A shard that is read on as records are asked for. */
class OpenShard {
  readonly reader: ShardReader;
  readonly repeated: Set<string> = new Set();
  readonly #buffers: BufferPool;
  readonly #seen = new Set<string>();
  /** Bodies that were passed over. */
  readonly #kept = new Map<string, Uint8Array>();
  #keptBytes = 0;
  #failure: { readonly cause: unknown } | undefined;

  constructor(reader: ShardReader, buffers: BufferPool) {
    this.reader = reader;
    this.#buffers = buffers;
  }

  hasSeen(id: string): boolean {
    return this.#seen.has(id);
  }

  async find(id: string): Promise<Uint8Array | undefined> {
    const kept = this.#kept.get(id);
    if (kept !== undefined) return this.#buffers.mayLend(kept.length) ? kept : undefined;
    if (this.#seen.has(id)) return undefined;
    const record = await this.#readUpTo(id);
    return record?.body;
  }

  async drain(): Promise<void> {
    await this.#readUpTo(undefined);
  }

  close(): void {
    this.reader.close();
  }

  async #readUpTo(
    wanted: string | undefined,
  ): Promise<{ readonly body: Uint8Array | undefined } | undefined> {
    if (this.#failure !== undefined) throw this.#failure.cause;
    const room: RoomForBody = (id, length) =>
      id === wanted ? this.#roomFor(length) : this.#roomForLater(length);
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
          if (id === wanted) return { body };
          if (body !== undefined) this.#keep(id, body);
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

  #roomForLater(length: number): Uint8Array | undefined {
    return this.#keptBytes + length > KEPT_BYTES ? undefined : new Uint8Array(length);
  }

  #keep(id: string, body: Uint8Array): void {
    this.#kept.set(id, body);
    this.#keptBytes += body.length;
  }
}

const TOO_MUCH: RecordReading = { isTooMuch: true };

/** Lends memory that is used again, because every request of a long session is a large body. */
class BufferPool {
  #free: Uint8Array[] = [];
  #lent: Uint8Array[] = [];
  #lentBytes = 0;
  #isExhausted = false;
  readonly #mostBytesLent: number;

  constructor(mostBytesLent: number) {
    this.#mostBytesLent = mostBytesLent;
  }

  /** Whether something was refused since the last release. */
  get isExhausted(): boolean {
    return this.#isExhausted;
  }

  /** Counts what is handed out; false when that would be too much. */
  mayLend(length: number): boolean {
    this.#lentBytes += length;
    this.#isExhausted ||= this.#lentBytes > this.#mostBytesLent;
    return !this.#isExhausted;
  }

  /** `undefined` when too much is lent already. */
  take(length: number): Uint8Array | undefined {
    if (!this.mayLend(length)) return undefined;
    // Small bodies need no pool, and would only hold on to what a large one needs.
    if (length < SMALLEST_POOLED_BYTES) return new Uint8Array(length);
    const fitting = this.#free.find((buffer) => buffer.length >= length) ?? grown(length);
    this.#free = this.#free.filter((buffer) => buffer !== fitting);
    this.#lent.push(fitting);
    return fitting.subarray(0, length);
  }

  /** The largest are kept. */
  release(): void {
    this.#free = [...this.#free, ...this.#lent];
    this.#lent = [];
    this.#lentBytes = 0;
    this.#isExhausted = false;
    this.#free.sort((left, right) => left.length - right.length);
    this.#free = this.#free.slice(-POOLED_BUFFERS);
  }
}

const SMALLEST_POOLED_BYTES = 16 * 1024;
const POOLED_BUFFERS = 2;
const GROWTH = 1.5;

/** Bodies grow by a little each time. */
function grown(length: number): Uint8Array {
  return new Uint8Array(Math.ceil(length * GROWTH));
}

function readerOf(source: BundleSource, path: string): ReadChunk {
  const { readShard } = source;
  if (readShard !== undefined) return (offset) => readShard(path, offset);
  let whole: Uint8Array | undefined;
  return async (offset) => {
    whole ??= copyBytes(await source.readPayload(path));
    return whole.subarray(offset);
  };
}
