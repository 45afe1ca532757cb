import type { JsonValue } from "@codex-ts/protocol";
import type { RawTraceEvent } from "../../format/raw-event.ts";
import type { ByteOperations } from "../../json/bytes.ts";
import { TraceReadError } from "../../reader/problem.ts";
import { parseStrictMembers } from "../../json/parse-strict.ts";
import { isBlankLine, LineSplitter } from "../../reader/log-lines.ts";
import type { LogLine } from "../../reader/log-lines.ts";
import { ENVELOPE_MEMBER_NAMES } from "../../reader/parse-event.ts";
import { RepeatedParts } from "../../reader/shards/repeated-parts.ts";
import type { CutLine } from "../../reader/shards/repeated-parts.ts";
import { createLoader } from "./payload-loader.ts";
import type { LoaderOptions, PayloadLoader } from "./payload-loader.ts";
import type { Replay } from "./replay.ts";

/** After so many milliseconds without a pause a caller's abort gets a chance to be heard. */
const YIELD_AFTER_MS = 200;
/** Each takes longer than an event, and a log with so many is none. */
const MAX_UNREADABLE_LINES = 20_000;

/** Feeds the lines of a log, and the payloads they name, to a replay. */
export class LogDriver {
  readonly #replay: Replay;
  readonly #options: LoaderOptions;
  readonly #bytes: ByteOperations;
  readonly #signal: AbortSignal | undefined;
  readonly #splitter = new LineSplitter();
  /** Made when the schema is known. */
  #loader: PayloadLoader | undefined;
  /** Only where payloads have parts. */
  #repeatedParts: RepeatedParts | undefined;
  #pausedAt = Date.now();
  #unreadableLines = 0;
  #hasEvent = false;
  #hasStopped = false;

  constructor(replay: Replay, options: LoaderOptions) {
    this.#replay = replay;
    this.#options = options;
    this.#bytes = options.bytes;
    this.#signal = options.signal;
  }

  async run(chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<void> {
    this.#signal?.throwIfAborted();
    for await (const chunk of chunks) {
      await this.#apply(this.#splitter.push(chunk));
      if (this.#hasStopped) break;
    }
    await this.#apply(this.#splitter.rest());
    await this.#finish(false);
    // Reading the last payload may have failed because of it.
    this.#signal?.throwIfAborted();
  }

  /** Applies the lines a chunk ends and returns their events. */
  async push(chunk: Uint8Array): Promise<RawTraceEvent[]> {
    const events: RawTraceEvent[] = [];
    await this.#apply(this.#splitter.push(chunk), events);
    return events;
  }

  /** Whether the rest of the log is not read, because it can hold no events. */
  get hasStopped(): boolean {
    return this.#hasStopped;
  }

  /** Lets go of what reading payloads needed. */
  close(): void {
    this.#loader?.close();
  }

  async #apply(lines: Iterable<LogLine>, events?: RawTraceEvent[]): Promise<void> {
    if (this.#hasStopped) return;
    for (const line of lines) {
      if (this.#signal !== undefined && this.#isPauseDue()) await this.#pause();
      this.#signal?.throwIfAborted();
      const cut = this.#repeatedParts?.cut(line);
      const event = this.#event(line, cut);
      if (event === undefined) {
        if (this.#unreadableLines >= MAX_UNREADABLE_LINES) {
          this.#stop(`${MAX_UNREADABLE_LINES} lines are no events`, line.number);
          return;
        }
        continue;
      }
      this.#hasEvent = true;
      const loader = this.#loaderOf();
      const payloads = loader.load(event);
      this.#replay.apply(
        event,
        line.number,
        payloads instanceof Promise ? await payloads : payloads,
      );
      this.#replay.reportShards(loader.takeProblems());
      this.#repeatedParts?.remember(line, event, cut);
      if (event.payload.type === "recording_completed") await this.#complete(line.isEnded);
      events?.push(event);
    }
    const { tooLongLine } = this.#splitter;
    if (tooLongLine !== undefined) this.#stop("the line is longer than 64 MiB", tooLongLine);
  }

  /** A log that has shown no event by then is none, which is no problem to be passed over. */
  #stop(reason: string, line: number): void {
    this.#hasStopped = true;
    if (!this.#hasEvent) {
      const message = `${reason}: this is no event log`;
      throw new TraceReadError("log_unreadable", message, { line });
    }
    this.#replay.problem("log_unreadable", `${reason}: nothing behind it is read`, { line });
  }

  /** A recording counts as complete only when its last line is ended. */
  async #complete(isLineEnded: boolean): Promise<void> {
    if (isLineEnded) {
      await this.#finish(true);
    } else this.#replay.withdrawCompletion();
  }

  async #finish(isComplete: boolean): Promise<void> {
    await this.#loader?.finish(isComplete);
    this.#replay.reportShards(this.#loader?.takeProblems() ?? []);
  }

  /** Of a line from which something was cut out, if that does not fit the whole one is read. */
  #event(line: LogLine, cut: CutLine | undefined): RawTraceEvent | undefined {
    let text: string;
    let value: JsonValue;
    try {
      text = cut?.text ?? this.#bytes.decode(line.bytes, line.start, line.end);
      if (isBlankLine(text)) return undefined;
      value = parseStrictMembers(text, ENVELOPE_MEMBER_NAMES);
    } catch (cause) {
      if (cut !== undefined) return this.#event(line, undefined);
      const facts = { line: line.number };
      if (line.isEnded)
        this.#replay.problem("line_invalid", "line is not valid json", facts, cause);
      else this.#replay.problem("line_torn", "the last line is cut off", facts, cause);
      return this.#unreadable();
    }
    if (cut === undefined) {
      return this.#replay.readEvent(value, line.number, text) ?? this.#unreadable();
    }
    if (!this.#replay.hasSoundText(value, text) || !cut.takePlaceholders(value))
      return this.#event(line, undefined);
    const event = this.#replay.readEvent(value, line.number);
    return event && cut.complete(event);
  }

  #unreadable(): undefined {
    this.#unreadableLines += 1;
    return undefined;
  }

  #loaderOf(): PayloadLoader {
    if (this.#loader === undefined) {
      const { rules } = this.#replay;
      this.#loader = createLoader(rules, this.#options);
      if (rules.container === "shards" && !this.#replay.isFullParse)
        this.#repeatedParts = new RepeatedParts(this.#bytes);
    }
    return this.#loader;
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
