import type { JsonValue } from "@codex-ts/protocol";
import type { TraceManifest } from "../format/bundle.ts";
import { copyBytes, portableByteOperations } from "../json/bytes.ts";
import type { ReducedTrace } from "../model/trace.ts";
import type { RawTraceEvent } from "../format/raw-event.ts";
import { payloadReferencesOf } from "../reader/parse-event.ts";
import type { TraceDiagnostic } from "../reader/problem.ts";
import type { TraceReadMode } from "./context.ts";
import { readingOf, Replay } from "./replay/replay.ts";

/** Options of {@link TraceReducer}. */
export interface TraceReducerOptions {
  /** The bundle's manifest, as far as it is known. Without it the first event decides about the schema. */
  readonly manifest?: Partial<TraceManifest> | undefined;
  /** Default `tolerant`. */
  readonly mode?: TraceReadMode | undefined;
  /** Default `false`; see `reduceBundle`. */
  readonly fullParse?: boolean | undefined;
}

/** Returns the bytes of a payload file by the path its event names; throws when there is none. */
export type PayloadReader = (path: string) => Uint8Array;

/**
 * Reduces a trace event by event, for those who have the events before, or without, a bundle on disk. The state can be
 * asked for at any time and is the one `reduceBundle` returns for a log that ends there.
 */
export class TraceReducer {
  readonly #replay: Replay;

  constructor({ manifest = {}, mode = "tolerant", fullParse = false }: TraceReducerOptions = {}) {
    this.#replay = new Replay({ manifest, mode, fullParse, bytes: portableByteOperations() });
  }

  /**
   * Applies the next event. `readPayload` is called for the payloads the event names, and not kept. In strict mode a
   * problem throws a `TraceReadError`, after which the reducer must not be used again.
   */
  push(event: RawTraceEvent, readPayload: PayloadReader): void {
    const checked = this.#replay.readEvent(event as unknown as JsonValue, undefined);
    if (checked === undefined) return;
    const references = payloadReferencesOf(checked.payload);
    const readings = references.map((reference) => {
      const reading = readingOf(() => readPayload(reference.path), reference);
      const mayShareBuffer = references.length > 1 && "bytes" in reading;
      return mayShareBuffer ? { bytes: copyBytes(reading.bytes) } : reading;
    });
    this.#replay.apply(checked, undefined, readings);
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
