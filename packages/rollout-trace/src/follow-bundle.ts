import { setTimeout as delay } from "node:timers/promises";
import { EVENT_LOG_FILE, MANIFEST_FILE } from "./format/bundle.ts";
import type { ReducedTrace } from "./model/trace.ts";
import type { RawTraceEvent } from "./format/raw-event.ts";
import { openBundleDirectory } from "./reader/file-source.ts";
import { MAX_MANIFEST_BYTES } from "./reader/manifest.ts";
import { nodePlatform } from "./reader/node-platform.ts";
import type { GrowingFile, PlainFileReader } from "./reader/plain-file-reader.ts";
import type { TraceDiagnostic } from "./reader/problem.ts";
import type { BundleSource } from "./reader/source.ts";
import { LogDriver } from "./reducer/replay/replay-log.ts";
import { openReplay } from "./reducer/replay/replay-bundle.ts";
import type { ReduceBundleOptions } from "./reducer/replay/replay-bundle.ts";
import type { Replay } from "./reducer/replay/replay.ts";

const DEFAULT_POLL_INTERVAL_MS = 200;
const DEFAULT_QUIET_AFTER_END_MS = 1000;
/** Pieces of the log in one update: what a long log holds already is not kept in memory before it is yielded. */
const UPDATE_CHUNKS = 16;

/** Options of {@link followBundle}. */
export interface FollowBundleOptions extends ReduceBundleOptions {
  /** Pause between two reads of the log, in milliseconds. Default 200. */
  readonly pollIntervalMs?: number | undefined;
  /**
   * A schema 1 log has no last line, and late events may come after `rollout_ended`: following ends when nothing
   * arrived for so many milliseconds after it. Default 1000.
   */
  readonly quietAfterEndMs?: number | undefined;
  /** Waits between two reads. Default: a timer. */
  readonly sleep?: ((ms: number, signal?: AbortSignal) => Promise<void>) | undefined;
}

/** The events that arrived since the update before. */
export interface TraceUpdate {
  /** The new events, in order; never empty except perhaps in the first update. */
  readonly events: readonly RawTraceEvent[];
  /** Everything that had to be passed over so far. */
  readonly diagnostics: readonly TraceDiagnostic[];
  /** The state at the time of the call: after these events, while no later update was asked for. Costs a copy. */
  state(): ReducedTrace;
}

/**
 * Follows a bundle while it is written: yields what is there, a long log in several updates, then every addition. Ends
 * after `recording_completed`, for schema 1 some time after `rollout_ended`; the bundle of a killed run is followed until
 * the caller stops (by leaving the loop or by the signal, with whose reason the iteration then rejects). A half-written
 * last line waits for its end. Rejects like `reduceBundle`, except that manifest and log may still be missing.
 */
export async function* followBundle(
  path: string,
  options: FollowBundleOptions = {},
): AsyncGenerator<TraceUpdate, void> {
  const { signal, pollIntervalMs = DEFAULT_POLL_INTERVAL_MS, sleep = defaultSleep } = options;
  const directory = openBundleDirectory(path);
  let follower: Follower | undefined;
  try {
    for (;;) {
      signal?.throwIfAborted();
      follower ??= await Follower.open(directory, options);
      const update = await follower?.next();
      if (update !== undefined) yield update;
      if (follower?.isAtEnd === false) continue;
      if (follower?.isOver === true) return;
      await sleep(pollIntervalMs, signal);
    }
  } finally {
    follower?.close();
  }
}

async function defaultSleep(ms: number, signal?: AbortSignal): Promise<void> {
  try {
    await delay(ms, undefined, { signal });
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  }
}

/** One log being read as it grows. */
class Follower {
  readonly #log: GrowingFile;
  readonly #replay: Replay;
  readonly #driver: LogDriver;
  readonly #quietAfterEndMs: number;
  readonly #pollIntervalMs: number;
  #isFirst = true;
  #isAtEnd = false;
  #isCompleted = false;
  /** Since the end of a schema 1 rollout. */
  #quietMs: number | undefined;

  private constructor(
    log: GrowingFile,
    replay: Replay,
    driver: LogDriver,
    {
      quietAfterEndMs = DEFAULT_QUIET_AFTER_END_MS,
      pollIntervalMs = DEFAULT_POLL_INTERVAL_MS,
    }: FollowBundleOptions,
  ) {
    this.#log = log;
    this.#replay = replay;
    this.#driver = driver;
    this.#quietAfterEndMs = quietAfterEndMs;
    this.#pollIntervalMs = pollIntervalMs;
  }

  /** `undefined` while there is no log yet. The manifest is written before the log. */
  static async open(
    directory: PlainFileReader,
    options: FollowBundleOptions,
  ): Promise<Follower | undefined> {
    const log = directory.tryOpenAwaited(EVENT_LOG_FILE);
    if (log === undefined) return undefined;
    try {
      const platform = nodePlatform();
      const { mode = "tolerant", fullParse = false, signal, zstd = platform.zstd } = options;
      const { bytes } = platform;
      const source: BundleSource = {
        readManifest: () => directory.tryReadStart(MANIFEST_FILE, MAX_MANIFEST_BYTES + 1),
        events: () => undefined,
        readPayload: (path) => directory.read(path),
        readShard: (path, offset) => directory.readFrom(path, offset),
      };
      const replay = await openReplay(source, { bytes, mode, fullParse, hasLog: true });
      return new Follower(
        log,
        replay,
        new LogDriver(replay, { source, bytes, zstd, signal }),
        options,
      );
    } catch (error) {
      log.close();
      throw error;
    }
  }

  /** Reads towards the present end of the log; `undefined` when nothing arrived. */
  async next(): Promise<TraceUpdate | undefined> {
    const events: RawTraceEvent[] = [];
    this.#isAtEnd = false;
    for (let count = 0; count < UPDATE_CHUNKS; count += 1) {
      const chunk = this.#log.read();
      this.#isAtEnd = chunk === undefined;
      if (chunk === undefined) break;
      events.push(...(await this.#driver.push(chunk)));
      this.#isAtEnd = this.#driver.hasStopped;
      if (this.#isAtEnd) break;
    }
    for (const event of events) this.#noteEnd(event);
    if (this.#quietMs !== undefined)
      this.#quietMs = events.length > 0 ? 0 : this.#quietMs + this.#pollIntervalMs;
    if (events.length === 0 && !this.#isFirst) return undefined;
    this.#isFirst = false;
    return {
      events,
      diagnostics: [...this.#replay.diagnostics],
      state: () => this.#replay.state("copied"),
    };
  }

  /** Whether the last reading came to the present end of the log. */
  get isAtEnd(): boolean {
    return this.#isAtEnd;
  }

  /** Whether no more is to come. */
  get isOver(): boolean {
    if (this.#isCompleted || this.#driver.hasStopped) return true;
    return (this.#quietMs ?? -1) >= this.#quietAfterEndMs;
  }

  close(): void {
    this.#log.close();
    this.#driver.close();
  }

  #noteEnd({ payload }: RawTraceEvent): void {
    if (payload.type === "recording_completed") this.#isCompleted = true;
    if (payload.type === "rollout_ended" && !this.#replay.hasCompletion) this.#quietMs = 0;
  }
}
