import {
  RECORD_BODY_LENGTH_OFFSET,
  RECORD_HEAD_BYTES,
  SHARD_LIMIT_BYTES,
  shardPath,
} from "../../format/shard.ts";
import type { TraceLogFile } from "../file-system.ts";
import { CompressedShard } from "./compressed-shard.ts";

export interface ShardLogOptions {
  readonly log: TraceLogFile;
  /** Opens a file of the bundle that must not exist yet. */
  readonly openShard: (path: string) => TraceLogFile;
  /** Called once, when something could not be written; nothing is after that. */
  readonly onFailure: (error: unknown) => void;
}

/** Everything recorded within so many milliseconds reaches the disk together. */
const GATHER_MS = 20;

type Step =
  | { readonly type: "record"; readonly shard: number; readonly bytes: Uint8Array }
  | { readonly type: "line"; readonly text: string }
  /** Ends the open shard. */
  | { readonly type: "seal" };

/**
 * Writes records and lines in the order in which they come: a line is appended when all records before it are compressed
 * and flushed. Node compresses a stream only beside the main thread, so this happens some time after the call; what came
 * meanwhile is flushed together.
 */
export class ShardLog {
  readonly #options: ShardLogOptions;
  #steps: Step[] = [];
  #shard = 0;
  #shardBytes = 0;
  #holdsValues = false;
  #open: CompressedShard | undefined;
  /** Opened with the bundle: later there may be no descriptor left for it. */
  #firstFile: TraceLogFile | undefined;
  #openNumber = 0;
  #running: Promise<void> | undefined;
  #isDead = false;
  /** Whether a caller waits for what is on its way. */
  #isHurried = false;
  #hurry: () => void = () => {};

  constructor(options: ShardLogOptions) {
    this.#options = options;
  }

  /** Adds a record and returns the number of its shard. Values of their own never share a shard with anything else. */
  record(id: string, body: string, isValue: boolean): number {
    const bytes = toRecord(id, body);
    const isFull = this.#shardBytes + bytes.length > SHARD_LIMIT_BYTES;
    if (this.#shard === 0) this.#openFirst();
    if (this.#shard === 0 || isFull || isValue !== this.#holdsValues) {
      this.#shard += 1;
      this.#shardBytes = 0;
      this.#holdsValues = isValue;
    }
    this.#shardBytes += bytes.length;
    this.#add({ type: "record", shard: this.#shard, bytes });
    return this.#shard;
  }

  line(text: string): void {
    this.#add({ type: "line", text });
  }

  /** Ends the last shard: after this line only, the recording is complete. */
  lastLine(text: string): void {
    this.#add({ type: "seal" });
    this.line(text);
  }

  /** Resolves when everything so far is written, or never will be. */
  async settled(): Promise<void> {
    this.#isHurried = true;
    this.#hurry();
    while (this.#running !== undefined) await this.#running;
    this.#isHurried = false;
  }

  /** Writes what there is and closes the files; an open shard keeps its open end. */
  async close(): Promise<void> {
    await this.settled();
    if (this.#isDead) return;
    this.#isDead = true;
    this.#abandonShard();
    closeQuietly(this.#options.log);
  }

  #add(step: Step): void {
    if (this.#isDead) return;
    this.#steps.push(step);
    this.#running ??= this.#run();
  }

  async #run(): Promise<void> {
    try {
      while (this.#steps.length > 0) {
        await this.#gather();
        const steps = this.#steps;
        this.#steps = [];
        await this.#write(steps);
      }
    } catch (error) {
      this.#die(error);
    } finally {
      this.#running = undefined;
    }
  }

  /** Waits a little for what is recorded together: a flush costs more than what is flushed. */
  async #gather(): Promise<void> {
    if (this.#isHurried) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, GATHER_MS);
      this.#hurry = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  async #write(steps: readonly Step[]): Promise<void> {
    let lines = "";
    let records: Uint8Array[] = [];
    const writeRecords = async (): Promise<void> => {
      if (records.length > 0) await this.#open?.write(records);
      records = [];
    };
    for (const step of steps) {
      switch (step.type) {
        case "record":
          if (step.shard !== this.#openNumber) {
            await writeRecords();
            await this.#startShard(step.shard);
          }
          records.push(step.bytes);
          break;
        case "line":
          lines += step.text;
          break;
        case "seal":
          await writeRecords();
          await this.#endShard();
          break;
      }
    }
    await writeRecords();
    if (lines !== "") this.#options.log.append(lines);
  }

  #openFirst(): void {
    if (this.#isDead) return;
    try {
      this.#firstFile = this.#options.openShard(shardPath(1));
    } catch (error) {
      this.#die(error);
    }
  }

  async #startShard(shard: number): Promise<void> {
    await this.#endShard();
    const file = this.#firstFile ?? this.#options.openShard(shardPath(shard));
    this.#firstFile = undefined;
    this.#open = new CompressedShard(file);
    this.#openNumber = shard;
  }

  async #endShard(): Promise<void> {
    const open = this.#open;
    this.#open = undefined;
    await open?.end();
  }

  #die(error: unknown): void {
    this.#isDead = true;
    this.#steps = [];
    this.#abandonShard();
    closeQuietly(this.#options.log);
    this.#options.onFailure(error);
  }

  #abandonShard(): void {
    if (this.#firstFile !== undefined) closeQuietly(this.#firstFile);
    this.#firstFile = undefined;
    try {
      this.#open?.abandon();
    } catch {
      // Its end is open whatever closing it says.
    }
    this.#open = undefined;
  }
}

function toRecord(id: string, body: string): Uint8Array {
  const idBytes = Buffer.byteLength(id);
  const bodyBytes = Buffer.byteLength(body);
  const record = Buffer.allocUnsafe(RECORD_HEAD_BYTES + idBytes + bodyBytes);
  record.writeUInt16LE(idBytes);
  record.writeBigUInt64LE(BigInt(bodyBytes), RECORD_BODY_LENGTH_OFFSET);
  record.write(id, RECORD_HEAD_BYTES);
  record.write(body, RECORD_HEAD_BYTES + idBytes);
  return record;
}

function closeQuietly(file: TraceLogFile): void {
  try {
    file.close();
  } catch {
    // Every line was written with its own call; closing adds nothing that could be lost.
  }
}
