import type { JsonValue } from "@codex-ts/protocol";
import type { TraceManifest } from "../format/bundle.ts";
import { copyBytes, portableByteOperations } from "../json/bytes.ts";
import type { ReducedTrace } from "../model/trace.ts";
import type { RawTraceEvent } from "../format/raw-event.ts";
import { shardPath } from "../format/shard.ts";
import { payloadReferencesOf } from "../reader/parse-event.ts";
import type { PayloadReading } from "../reader/payload-reading.ts";
import type { TraceDiagnostic } from "../reader/problem.ts";
import { AssembledPayloads } from "../reader/shards/assembled-payloads.ts";
import type { EventPayloads } from "../reader/shards/assembled-payloads.ts";
import type { RecordReading, RecordRequest } from "../reader/shards/shard-records.ts";
import { staysInside } from "../reader/source.ts";
import type { TraceReadMode } from "./context.ts";
import { failedReading, namedPayloads } from "./replay/payload-loader.ts";
import { Replay } from "./replay/replay.ts";

/** Options of {@link TraceReducer}. */
export interface TraceReducerOptions {
  /** The bundle's manifest, as far as it is known. Without it the first event decides about the schema. */
  readonly manifest?: Partial<TraceManifest> | undefined;
  /** Default `tolerant`. */
  readonly mode?: TraceReadMode | undefined;
  /** Default `false`; see `reduceBundle`. */
  readonly fullParse?: boolean | undefined;
}

/**
 * Returns the bytes of a payload; throws when there is none. Schema 1 and 2: of the file at the path its event names.
 * Schema 3: of the record that `reference` names, without its parts, which are asked for one by one; `path` is that of
 * the shard.
 */
export type PayloadReader = (path: string, reference: RecordReference) => Uint8Array;

/** Names a record. */
export interface RecordReference {
  readonly raw_payload_id: string;
  /** Only in schema 3. */
  readonly shard?: number | null;
}

/**
 * Reduces a trace event by event, for those who have the events before, or without, a bundle on disk. The state can be
 * asked for at any time and is the one `reduceBundle` returns for a log that ends there.
 */
export class TraceReducer {
  readonly #replay: Replay;
  readonly #assembled: AssembledPayloads;

  constructor({ manifest = {}, mode = "tolerant", fullParse = false }: TraceReducerOptions = {}) {
    const bytes = portableByteOperations();
    this.#replay = new Replay({ manifest, mode, fullParse, bytes });
    this.#assembled = new AssembledPayloads(bytes);
  }

  /**
   * Applies the next event. `readPayload` is called for the payloads the event names, and not kept. In strict mode a
   * problem throws a `TraceReadError`, after which the reducer must not be used again.
   */
  push(event: RawTraceEvent, readPayload: PayloadReader): void {
    const checked = this.#replay.readEvent(event as unknown as JsonValue, undefined);
    if (checked === undefined) return;
    const isInFiles = this.#replay.rules.container === "files";
    const payloads = isInFiles
      ? readFiles(checked, readPayload)
      : readRecords(this.#assembled, checked, readPayload);
    this.#replay.apply(checked, undefined, payloads);
  }

  /** The state so far. Later events do not change it; unfinished work has status `running`. */
  state(): ReducedTrace {
    return this.#replay.state("copied");
  }

  /** Problems so far, in order; always empty in strict mode. */
  get diagnostics(): readonly TraceDiagnostic[] {
    return this.#replay.diagnostics;
  }
}

function readFiles(event: RawTraceEvent, readPayload: PayloadReader): EventPayloads {
  const references = payloadReferencesOf(event.payload);
  const readings = references.map((reference): PayloadReading => {
    const { path = "" } = reference;
    if (!staysInside(path)) return { failure: "outside" };
    try {
      const bytes = readPayload(path, reference);
      return { bytes: references.length > 1 ? copyBytes(bytes) : bytes };
    } catch (cause) {
      return failedReading(cause);
    }
  });
  return { readings, parts: [] };
}

function readRecords(
  assembled: AssembledPayloads,
  event: RawTraceEvent,
  readPayload: PayloadReader,
): EventPayloads {
  const loading = assembled.load(namedPayloads(event));
  let step = loading.next();
  while (step.done !== true) step = loading.next(readRecord(step.value, readPayload));
  return step.value;
}

function readRecord({ shard, id }: RecordRequest, readPayload: PayloadReader): RecordReading {
  try {
    return { body: copyBytes(readPayload(shardPath(shard), { raw_payload_id: id, shard })) };
  } catch (cause) {
    return { isMissing: true, cause };
  }
}
