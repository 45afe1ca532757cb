import type { JsonValue } from "@codex-ts/protocol";
import type { ByteOperations } from "../../json/bytes.ts";
import { copyBytes, portableByteOperations } from "../../json/bytes.ts";
import { parseStrictMembers } from "../../json/parse-strict.ts";
import type { ReducedTrace } from "../../model/trace.ts";
import type { RawTraceEvent } from "../../format/raw-event.ts";
import { isBlankLine, LineSplitter } from "../../reader/lines.ts";
import type { LogLine } from "../../reader/lines.ts";
import { readManifest } from "../../reader/manifest.ts";
import { ENVELOPE_MEMBER_NAMES, payloadReferencesOf } from "../../reader/parse-event.ts";
import { TraceReadError } from "../../reader/problem.ts";
import type { TraceDiagnostic } from "../../reader/problem.ts";
import { staysInside } from "../../reader/source.ts";
import type { BundleSource } from "../../reader/source.ts";
import type { TraceReadMode } from "../context.ts";
import type { PayloadReading } from "../loaded-payload.ts";
import { failedReading, Replay } from "./replay.ts";

export interface ReduceBundleOptions {
  /** Default `tolerant`: reduce what is there. `strict` rejects what Codex's own reducer rejects. */
  readonly mode?: TraceReadMode | undefined;
  /**
   * Default `false`: the beginning that a request repeats from the one before is compared, not parsed. `true` parses
   * every request whole; the result is the same.
   */
  readonly fullParse?: boolean | undefined;
  /** Stops between two events; the promise then rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

/** What a bundle reduces to, and what had to be passed over (nothing in strict mode). */
export interface ReducedBundle {
  readonly state: ReducedTrace;
  readonly diagnostics: readonly TraceDiagnostic[];
}

/**
 * Reduces a bundle to its state. Tolerant mode never rejects because of content, only with `bundle_missing` when there
 * is neither manifest nor log; strict mode rejects with a {@link TraceReadError} for the first problem.
 */
export function reduceBundle(
  source: BundleSource,
  options: ReduceBundleOptions = {},
): Promise<ReducedBundle> {
  return reduceWith(portableByteOperations(), source, options);
}

/** The same with the byte operations of a platform. */
export async function reduceWith(
  bytes: ByteOperations,
  source: BundleSource,
  options: ReduceBundleOptions,
): Promise<ReducedBundle> {
  const replay = await replayBundle(bytes, source, options);
  return { state: replay.state("taken"), diagnostics: replay.diagnostics };
}

/** A replay of all there is. */
export async function replayBundle(
  bytes: ByteOperations,
  source: BundleSource,
  { mode = "tolerant", fullParse = false, signal }: ReduceBundleOptions,
): Promise<Replay> {
  const log = await source.events();
  const replay = await openReplay(source, { bytes, mode, fullParse, hasLog: log !== undefined });
  const driver = new LogDriver(replay, source, bytes, signal);
  if (log === undefined) replay.problem("event_log_missing", "the bundle has no trace.jsonl");
  else await driver.run(log);
  return replay;
}

export async function openReplay(
  source: BundleSource,
  {
    hasLog,
    ...options
  }: {
    readonly bytes: ByteOperations;
    readonly mode: TraceReadMode;
    readonly fullParse: boolean;
    readonly hasLog: boolean;
  },
): Promise<Replay> {
  const manifestBytes = await source.readManifest();
  if (manifestBytes === undefined && !hasLog) {
    throw new TraceReadError(
      "bundle_missing",
      "this is no trace bundle: it has neither manifest.json nor trace.jsonl",
      {},
    );
  }
  const manifest =
    manifestBytes === undefined
      ? { members: {}, problem: "the bundle has no manifest.json" }
      : readManifest(options.bytes, manifestBytes);
  const replay = new Replay({ ...options, manifest: manifest.members });
  if (manifest.problem !== undefined) {
    const code = manifestBytes === undefined ? "manifest_missing" : "manifest_invalid";
    replay.problem(code, manifest.problem);
  }
  return replay;
}

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

  /** Applies the lines a chunk ends and gives the events that were among them. */
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

  /** Reads what the event names: at once from a source that answers at once. */
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
