import type { JsonValue } from "@codex-ts/protocol";
import type { RawTraceEvent } from "../../format/raw-event.ts";
import type { ByteOperations } from "../../json/bytes.ts";
import { copyBytes } from "../../json/bytes.ts";
import { parseStrictMembers } from "../../json/parse-strict.ts";
import { isBlankLine, LineSplitter } from "../../reader/log-lines.ts";
import type { LogLine } from "../../reader/log-lines.ts";
import { ENVELOPE_MEMBER_NAMES, payloadReferencesOf } from "../../reader/parse-event.ts";
import { staysInside } from "../../reader/source.ts";
import type { BundleSource } from "../../reader/source.ts";
import type { PayloadReading } from "../loaded-payload.ts";
import { failedReading } from "./replay.ts";
import type { Replay } from "./replay.ts";

/** After so many milliseconds without a pause a caller's abort gets a chance to be heard. */
const YIELD_AFTER_MS = 200;

/** Feeds the lines of a log, and the payloads they name, to a replay. */
export class LogDriver {
  readonly #replay: Replay;
  readonly #source: BundleSource;
  readonly #bytes: ByteOperations;
  readonly #signal: AbortSignal | undefined;
  readonly #splitter = new LineSplitter();
  #pausedAt = Date.now();

  constructor(
    replay: Replay,
    source: BundleSource,
    bytes: ByteOperations,
    signal: AbortSignal | undefined,
  ) {
    this.#replay = replay;
    this.#source = source;
    this.#bytes = bytes;
    this.#signal = signal;
  }

  async run(chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<void> {
    this.#signal?.throwIfAborted();
    for await (const chunk of chunks) await this.#apply(this.#splitter.push(chunk));
    await this.#apply(this.#splitter.rest());
    // Reading the last payload may have failed because of it.
    this.#signal?.throwIfAborted();
  }

  /** Applies the lines a chunk ends and returns their events. */
  async push(chunk: Uint8Array): Promise<RawTraceEvent[]> {
    const events: RawTraceEvent[] = [];
    await this.#apply(this.#splitter.push(chunk), events);
    return events;
  }

  async #apply(lines: Iterable<LogLine>, events?: RawTraceEvent[]): Promise<void> {
    for (const line of lines) {
      if (this.#signal !== undefined && this.#isPauseDue()) await this.#pause();
      this.#signal?.throwIfAborted();
      const event = this.#event(line);
      if (event === undefined) continue;
      const readings = this.#readings(event);
      this.#replay.apply(
        event,
        line.number,
        readings instanceof Promise ? await readings : readings,
      );
      if (!line.isEnded && event.payload.type === "recording_completed")
        this.#replay.withdrawCompletion();
      events?.push(event);
    }
  }

  #event(line: LogLine): RawTraceEvent | undefined {
    let text: string;
    let value: JsonValue;
    try {
      text = this.#bytes.decode(line.bytes, line.start, line.end);
      if (isBlankLine(text)) return undefined;
      value = parseStrictMembers(text, ENVELOPE_MEMBER_NAMES);
    } catch (cause) {
      const facts = { line: line.number };
      if (line.isEnded)
        this.#replay.problem("line_invalid", "line is not valid json", facts, cause);
      else this.#replay.problem("line_torn", "the last line is cut off", facts, cause);
      return undefined;
    }
    return this.#replay.readEvent(value, line.number, text);
  }

  /** Reads what the event names: at once from a source that reads at once. */
  #readings(event: RawTraceEvent): readonly PayloadReading[] | Promise<readonly PayloadReading[]> {
    const references = payloadReferencesOf(event.payload);
    const only = references[0];
    if (only === undefined) return [];
    if (references.length === 1) {
      const reading = this.#reading(only.path);
      return reading instanceof Promise ? reading.then((done) => [done]) : [reading];
    }
    return this.#readingsInTurn(references.map((reference) => reference.path));
  }

  async #readingsInTurn(paths: readonly string[]): Promise<readonly PayloadReading[]> {
    const readings: PayloadReading[] = [];
    for (const path of paths) {
      const reading = await this.#reading(path);
      // The source may use its buffer again for the next one.
      readings.push("bytes" in reading ? { bytes: copyBytes(reading.bytes) } : reading);
    }
    return readings;
  }

  #reading(path: string): PayloadReading | Promise<PayloadReading> {
    if (!staysInside(path)) return { failure: "outside" };
    try {
      const read = this.#source.readPayload(path);
      if (read instanceof Promise) return read.then((bytes) => ({ bytes }), failedReading);
      return { bytes: read };
    } catch (cause) {
      return failedReading(cause);
    }
  }

  /** Also when the clock was set back. */
  #isPauseDue(): boolean {
    const sincePause = Date.now() - this.#pausedAt;
    return sincePause >= YIELD_AFTER_MS || sincePause < 0;
  }

  /** Only a timer lets the signals of the process through. */
  async #pause(): Promise<void> {
    await new Promise((resolve) => {
      setTimeout(resolve, 0);
    });
    this.#pausedAt = Date.now();
  }
}
