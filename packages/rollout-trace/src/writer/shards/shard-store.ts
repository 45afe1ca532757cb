import { join } from "node:path";
import type { PartialCapture, PayloadKind, PayloadReference } from "../../format/payload.ts";
import type { TraceFileSystem, TraceLogFile } from "../file-system.ts";
import { toRecordText, toStringListText } from "../json-text.ts";
import type { AssembledText, TraceStore } from "../payload-store.ts";
import { ShardLog } from "./shard-log.ts";

/** How much a recording may hold. What is longer, or too much, is cut or left out, and the state says so. */
export interface TraceLimits {
  /** Bytes of one payload's own record; what is longer is cut there. Default: no limit. */
  readonly maxPayloadBytes?: number | undefined;
  /** Bytes of log and shards on the disk, about; payloads are left out, then the log stops. Default: no limit. */
  readonly maxBytes?: number | undefined;
}

export interface ShardStoreOptions extends TraceLimits {
  readonly bundlePath: string;
  readonly fileSystem: TraceFileSystem;
  readonly log: TraceLogFile;
  readonly onFailure: (error: unknown) => void;
}

/** Payloads are records in shards; they and the lines that name them reach the disk some time after the call. */
export class ShardStore implements TraceStore {
  readonly #log: ShardLog;
  readonly #maxPayloadBytes: number;
  readonly #budget: ByteBudget;
  #lastPayload = 0;

  constructor({
    bundlePath,
    fileSystem,
    log,
    onFailure,
    maxPayloadBytes = Infinity,
    maxBytes = Infinity,
  }: ShardStoreOptions) {
    this.#maxPayloadBytes = maxPayloadBytes;
    const budget = new ByteBudget(maxBytes);
    this.#budget = budget;
    this.#log = new ShardLog({
      log: budget.measured(log),
      openShard: (path) => budget.measured(fileSystem.openNewLog(join(bundlePath, path))),
      onFailure,
    });
  }

  payload(kind: PayloadKind, value: unknown): PayloadReference {
    return this.#record(kind, toRecordText(value));
  }

  assembled(kind: PayloadKind, { fragments, parts }: AssembledText): PayloadReference {
    if (parts.length === 0) return this.#record(kind, fragments.join(""));
    return { ...this.#record(kind, toStringListText(fragments)), parts };
  }

  line(text: string, isLast: boolean): void {
    if (isLast) this.#log.lastLine(text);
    else this.#log.line(text);
  }

  settled(): Promise<void> {
    return this.#log.settled();
  }

  close(): Promise<void> {
    return this.#log.close();
  }

  #record(kind: PayloadKind, text: string): PayloadReference {
    this.#lastPayload += 1;
    const raw_payload_id = `raw_payload:${this.#lastPayload}`;
    const original = Buffer.byteLength(text);
    if (!this.#budget.has(Math.min(original, this.#maxPayloadBytes)))
      return { raw_payload_id, kind: { type: kind }, shard: null, capture: omitted(original) };
    const isWhole = original <= this.#maxPayloadBytes;
    const retained = isWhole ? text : cut(text, this.#maxPayloadBytes);
    const shard = this.#log.record(raw_payload_id, retained, kind === "content_value");
    const reference = { raw_payload_id, kind: { type: kind }, shard };
    if (isWhole) return reference;
    const retained_bytes = Buffer.byteLength(retained);
    return {
      ...reference,
      capture: { status: "truncated", original_bytes: original, retained_bytes },
    };
  }
}

function omitted(original_bytes: number): PartialCapture {
  return { status: "omitted", original_bytes };
}

/** The beginning of a text in so many bytes, without half a character at its end. */
function cut(text: string, bytes: number): string {
  const buffer = Buffer.from(text).subarray(0, bytes);
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(buffer, { stream: true });
}

/** Counts what was written. */
class ByteBudget {
  #left: number;

  constructor(bytes: number) {
    this.#left = bytes;
  }

  /** Whether so many bytes would fit if nothing of them could be compressed. */
  has(bytes: number): boolean {
    return bytes <= this.#left;
  }

  /** The same file; appending what does not fit throws. */
  measured(file: TraceLogFile): TraceLogFile {
    if (this.#left === Infinity) return file;
    return {
      append: (data) => {
        const bytes = typeof data === "string" ? Buffer.from(data) : data;
        const fitting = bytes.length <= this.#left ? bytes : beginningOf(data, bytes, this.#left);
        this.#left -= fitting.length;
        if (fitting.length > 0) file.append(fitting);
        if (fitting.length < bytes.length) throw new RangeError("its size limit is reached");
      },
      close: () => {
        file.close();
      },
    };
  }
}

/** Whole lines of a log; of a shard nothing that is not whole is of any use. */
function beginningOf(data: string | Uint8Array, bytes: Uint8Array, limit: number): Uint8Array {
  if (typeof data !== "string") return bytes.subarray(0, 0);
  return bytes.subarray(0, bytes.subarray(0, limit).lastIndexOf(NEWLINE) + 1);
}

const NEWLINE = 0x0a;
