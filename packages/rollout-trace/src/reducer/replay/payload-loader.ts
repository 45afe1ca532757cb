import type { PayloadReference } from "../../format/payload.ts";
import type { RawTraceEvent } from "../../format/raw-event.ts";
import { copyBytes } from "../../json/bytes.ts";
import type { ByteOperations } from "../../json/bytes.ts";
import { payloadReferencesOf } from "../../reader/parse-event.ts";
import type { PayloadReading } from "../../reader/payload-reading.ts";
import { TraceReadError } from "../../reader/problem.ts";
import { AssembledPayloads } from "../../reader/shards/assembled-payloads.ts";
import type { EventPayloads, NamedPayload } from "../../reader/shards/assembled-payloads.ts";
import { ShardError } from "../../reader/shards/shard-reader.ts";
import { ShardRecords } from "../../reader/shards/shard-records.ts";
import type { ShardProblem } from "../../reader/shards/shard-records.ts";
import type { ZstdDecoder } from "../../reader/shards/zstd-decoder.ts";
import { staysInside } from "../../reader/source.ts";
import type { BundleSource } from "../../reader/source.ts";
import type { SchemaRules } from "../../schema/schema-rules.ts";

/** Reads the payloads that events name, wherever a schema keeps them. */
export interface PayloadLoader {
  /** Returns synchronously when the source does. */
  load(event: RawTraceEvent): EventPayloads | Promise<EventPayloads>;
  /** Problems of the files that hold payloads, found since the last call. */
  takeProblems(): readonly ShardProblem[];
  /** To be called at the end of the log, before the last problems are taken. */
  finish(isComplete: boolean): Promise<void>;
  close(): void;
}

export interface LoaderOptions {
  readonly source: BundleSource;
  readonly bytes: ByteOperations;
  readonly zstd: ZstdDecoder | undefined;
  /** Asked before each record: one event can name a lot of them. */
  readonly signal: AbortSignal | undefined;
}

export function createLoader(rules: SchemaRules, options: LoaderOptions): PayloadLoader {
  return rules.container === "files" ? new FileLoader(options.source) : new ShardLoader(options);
}

const NO_PROBLEMS: readonly ShardProblem[] = [];
const NO_PARTS: EventPayloads["parts"] = [];
const NO_PAYLOADS: EventPayloads = { readings: [], parts: NO_PARTS };

/** Each payload is a file. */
class FileLoader implements PayloadLoader {
  readonly #source: BundleSource;

  constructor(source: BundleSource) {
    this.#source = source;
  }

  load(event: RawTraceEvent): EventPayloads | Promise<EventPayloads> {
    const references = payloadReferencesOf(event.payload);
    const only = references[0];
    if (only === undefined) return NO_PAYLOADS;
    if (references.length > 1) return this.#loadInTurn(references);
    const reading = this.#read(only);
    return reading instanceof Promise ? reading.then(withoutParts) : withoutParts(reading);
  }

  takeProblems(): readonly ShardProblem[] {
    return NO_PROBLEMS;
  }

  finish(): Promise<void> {
    return Promise.resolve();
  }

  close(): void {}

  async #loadInTurn(references: readonly PayloadReference[]): Promise<EventPayloads> {
    const readings: PayloadReading[] = [];
    for (const reference of references) {
      const reading = await this.#read(reference);
      // The source may use its buffer again for the next one.
      readings.push("bytes" in reading ? { bytes: copyBytes(reading.bytes) } : reading);
    }
    return { readings, parts: NO_PARTS };
  }

  #read({ path = "" }: PayloadReference): PayloadReading | Promise<PayloadReading> {
    if (!staysInside(path)) return { failure: "outside" };
    try {
      const read = this.#source.readPayload(path);
      if (read instanceof Promise) return read.then((bytes) => ({ bytes }), failedReading);
      return { bytes: read };
    } catch (cause) {
      return failedReading(cause);
    }
  }
}

function withoutParts(reading: PayloadReading): EventPayloads {
  return { readings: [reading], parts: NO_PARTS };
}

export function failedReading(cause: unknown): PayloadReading {
  const isOutside = cause instanceof TraceReadError && cause.code === "payload_outside_bundle";
  return { failure: isOutside ? "outside" : "missing", cause };
}

/** Payloads are records in shards. */
class ShardLoader implements PayloadLoader {
  readonly #records: ShardRecords;
  readonly #payloads: AssembledPayloads;
  readonly #signal: AbortSignal | undefined;

  constructor({ source, bytes, zstd, signal }: LoaderOptions) {
    this.#signal = signal;
    this.#records = new ShardRecords(source, zstd ?? refuseToDecode);
    this.#payloads = new AssembledPayloads(bytes);
  }

  load(event: RawTraceEvent): EventPayloads | Promise<EventPayloads> {
    const payloads = namedPayloads(event);
    return payloads.length === 0 ? NO_PAYLOADS : this.#load(payloads);
  }

  takeProblems(): readonly ShardProblem[] {
    return this.#records.takeProblems();
  }

  finish(isComplete: boolean): Promise<void> {
    return this.#records.finish(isComplete);
  }

  close(): void {
    this.#records.close();
  }

  async #load(payloads: readonly NamedPayload[]): Promise<EventPayloads> {
    this.#records.release();
    const loading = this.#payloads.load(payloads);
    let step = loading.next();
    while (step.done !== true) {
      this.#signal?.throwIfAborted();
      step = loading.next(await this.#records.read(step.value));
    }
    return step.value;
  }
}

/** The payloads an event names. What a request was made from is nobody's to read: the request says what the model saw. */
export function namedPayloads({ payload }: RawTraceEvent): readonly NamedPayload[] {
  const prompt = payload.type === "inference_started" ? payload.prepared_prompt_payload : undefined;
  return payloadReferencesOf(payload).map((reference) => ({
    reference,
    isRead: reference !== prompt,
  }));
}

function refuseToDecode(): never {
  throw new ShardError("a zstd decoder is needed, see the option `zstd`");
}
