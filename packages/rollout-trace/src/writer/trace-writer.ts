import { join } from "node:path";
import {
  EVENT_LOG_FILE,
  MANIFEST_FILE,
  PAYLOADS_DIRECTORY,
  type TraceManifest,
} from "../format/bundle.ts";
import { TraceWriteError } from "../errors.ts";
import type { PayloadKind, PayloadReference } from "../format/payload.ts";
import type {
  RawTraceEvent,
  RawTraceEventPayload,
  TraceSchemaVersion,
} from "../format/raw-event.ts";
import { bundleDirectoryName } from "./bundle-name.ts";
import { isClosingEvent } from "./closing-events.ts";
import { errorLine } from "./error-line.ts";
import type { TraceFileSystem } from "./file-system.ts";
import { FileStore } from "./file-store.ts";
import { toLineText, toPayloadText } from "./json-text.ts";
import { nodeFileSystem } from "./node-file-system.ts";
import { StorageError } from "./payload-store.ts";
import type { AssembledText, TraceStore } from "./payload-store.ts";
import { ShardStore } from "./shards/shard-store.ts";
import type { TraceLimits } from "./shards/shard-store.ts";
import { DEFAULT_SCHEMA, rulesOf } from "../schema/known-schemas.ts";

/** How to make a bundle. */
export interface TraceWriterOptions {
  /** Directory in which the bundle directory `trace-<trace id>-<root thread id>` is made; made itself when missing. */
  readonly root: string;
  /** Id of the observed session: the root thread id. */
  readonly rolloutId: string;
  readonly rootThreadId: string;
  /** Id of this recording; a fresh UUID by default. */
  readonly traceId?: string | undefined;
  /** Default 3, what today's Codex (0.171) reads; 2 is for Codex 0.169, 1 for 0.132 and 0.140. */
  readonly schemaVersion?: TraceSchemaVersion | undefined;
  /** Schema 3 only. Default: no limits. */
  readonly limits?: TraceLimits | undefined;
  /** Unix milliseconds; default `Date.now`. */
  readonly now?: (() => number) | undefined;
  /** Version 4 UUID text; default `crypto.randomUUID`. */
  readonly randomUuid?: (() => string) | undefined;
  /** Called once when a file operation fails, and once when a value cannot be written as JSON. One line, no content. */
  readonly onWarning?: ((message: string) => void) | undefined;
  /** Default: the real file system. */
  readonly fileSystem?: TraceFileSystem | undefined;
}

/** Which thread and turn an event belongs to; both absent for events of the whole bundle. */
export interface TraceEventContext {
  readonly threadId: string;
  readonly turnId: string;
}

/**
 * `recording`: everything is written. `closing`: a payload could not be written, so only events that end something
 * already begun are still appended. `off`: the log failed, or the writer was closed; nothing is written any more.
 */
export type TraceWriterState = "recording" | "closing" | "off";

/**
 * Appends raw events and their payloads to one bundle. Numbers have no gaps, and a payload is complete before an event
 * names it.
 *
 * In schema 1 and 2 a record is on its way to the disk when the call returns. In schema 3 payloads are compressed, which
 * Node does beside the main thread: a record reaches the disk a little later, all in the order of the calls, and a
 * process that exits at once loses the last ones. {@link TraceWriter.settled} and {@link TraceWriter.close} wait. A
 * process that is killed leaves a bundle that ends with the last record that was flushed.
 *
 * Best effort: after {@link TraceWriter.create} nothing here throws. The first file operation that fails ends the
 * recording with one warning; what was written stays a valid bundle. Source: docs/behavior/rollout-trace.md 2.
 */
export class TraceWriter {
  /** Absolute or relative as `root` was. */
  readonly bundlePath: string;
  readonly traceId: string;
  readonly rolloutId: string;
  readonly schemaVersion: TraceSchemaVersion;
  readonly randomUuid: () => string;
  /** Bytes of the longest record of a payload; what is longer is cut. `Infinity` without a limit. */
  readonly maxPayloadBytes: number;
  readonly #now: () => number;
  readonly #onWarning: (message: string) => void;
  readonly #store: TraceStore;
  #state: TraceWriterState = "recording";
  #lastSeq = 0;
  #hasWarnedOfValue = false;
  #hasFailed = false;

  /** Makes the bundle directory, its manifest and an empty log; throws {@link TraceWriteError}. Writes no event. */
  static create(options: TraceWriterOptions): TraceWriter {
    const randomUuid = options.randomUuid ?? (() => crypto.randomUUID());
    const traceId = options.traceId ?? randomUuid();
    const bundlePath = join(options.root, bundleDirectoryName(traceId, options.rootThreadId));
    const fileSystem = options.fileSystem ?? nodeFileSystem;
    try {
      const { version: schemaVersion } = rulesOf(options.schemaVersion ?? DEFAULT_SCHEMA.version);
      fileSystem.makeDirectory(options.root);
      // Never into a directory that is there: two recordings in one bundle could not be told apart.
      fileSystem.makeNewDirectory(bundlePath);
      fileSystem.makeNewDirectory(join(bundlePath, PAYLOADS_DIRECTORY));
      const known = { randomUuid, traceId, schemaVersion };
      return new TraceWriter({ ...options, ...known }, bundlePath, fileSystem);
    } catch (error) {
      throw new TraceWriteError(bundlePath, error);
    }
  }

  private constructor(
    options: TraceWriterOptions & Pick<TraceWriter, "randomUuid" | "schemaVersion" | "traceId">,
    bundlePath: string,
    fileSystem: TraceFileSystem,
  ) {
    this.bundlePath = bundlePath;
    this.traceId = options.traceId;
    this.rolloutId = options.rolloutId;
    this.schemaVersion = options.schemaVersion;
    this.randomUuid = options.randomUuid;
    this.maxPayloadBytes = options.limits?.maxPayloadBytes ?? Infinity;
    this.#now = options.now ?? Date.now;
    this.#onWarning = options.onWarning ?? (() => {});
    const manifest: TraceManifest = {
      schema_version: this.schemaVersion,
      trace_id: this.traceId,
      rollout_id: this.rolloutId,
      root_thread_id: options.rootThreadId,
      started_at_unix_ms: Math.trunc(this.#now()),
      raw_event_log: EVENT_LOG_FILE,
      payloads_dir: PAYLOADS_DIRECTORY,
    };
    fileSystem.writeNewFile(join(bundlePath, MANIFEST_FILE), toPayloadText(manifest));
    const log = fileSystem.openNewLog(join(bundlePath, EVENT_LOG_FILE));
    this.#store =
      rulesOf(this.schemaVersion).container === "files"
        ? new FileStore(bundlePath, fileSystem, log)
        : new ShardStore({
            ...options.limits,
            bundlePath,
            fileSystem,
            log,
            onFailure: (error) => {
              this.#fail("off", error);
            },
          });
  }

  get state(): TraceWriterState {
    return this.#state;
  }

  /**
   * Writes a payload and returns the reference an event may carry; `undefined` when it was not written. A value that JSON
   * cannot express, or that is nested deeper than readers go, is skipped with a warning and does not end the recording.
   */
  writePayload(kind: PayloadKind, value: unknown): PayloadReference | undefined {
    return this.#writePayload(kind, () => this.#store.payload(kind, value));
  }

  /**
   * Writes a payload that is put together from others; only in schema 3, and `undefined` otherwise. Its text is the
   * fragments with the text of a part between each two.
   */
  writeAssembledPayload(kind: PayloadKind, text: AssembledText): PayloadReference | undefined {
    return this.#writePayload(kind, () => this.#store.assembled(kind, text));
  }

  /** Appends one event; `undefined` when it was not written. */
  append(payload: RawTraceEventPayload, context?: TraceEventContext): RawTraceEvent | undefined {
    if (this.#state === "off" || (this.#state === "closing" && !isClosingEvent(payload))) {
      return undefined;
    }
    const event: RawTraceEvent = {
      schema_version: this.schemaVersion,
      seq: this.#lastSeq + 1,
      wall_time_unix_ms: Math.trunc(this.#now()),
      rollout_id: this.rolloutId,
      thread_id: context?.threadId ?? null,
      codex_turn_id: context?.turnId ?? null,
      payload,
    };
    let line: string;
    try {
      line = `${toLineText(event)}\n`;
    } catch {
      this.warnOfOmission(payload.type);
      return undefined;
    }
    try {
      this.#store.line(line, payload.type === "recording_completed");
    } catch (error) {
      this.#fail("off", causeOf(error));
      return undefined;
    }
    this.#lastSeq = event.seq;
    return event;
  }

  /** Warns, once per bundle, that something JSON cannot express was left out. Never says what it was, only where. */
  warnOfOmission(where: string): void {
    if (this.#hasWarnedOfValue || this.#state === "off") return;
    this.#hasWarnedOfValue = true;
    this.#warn(`rollout trace left out a value that JSON cannot express (${where})`);
  }

  /** Resolves when everything so far was given to the file system. Never rejects. */
  settled(): Promise<void> {
    return this.#store.settled();
  }

  /** Closes the log; later calls of any method do nothing. Resolves when all is written. Never rejects. */
  close(): Promise<void> {
    if (this.#state === "off") return this.settled();
    this.#state = "off";
    return this.#store.close();
  }

  #writePayload(
    kind: PayloadKind,
    write: () => PayloadReference | undefined,
  ): PayloadReference | undefined {
    if (this.#state !== "recording") return undefined;
    try {
      return write();
    } catch (error) {
      if (error instanceof StorageError) this.#fail("closing", error.cause);
      else this.warnOfOmission(kind);
      return undefined;
    }
  }

  #fail(state: "closing" | "off", error: unknown): void {
    const isFirst = !this.#hasFailed;
    this.#hasFailed = true;
    const isOpen = this.#state !== "off";
    this.#state = state;
    if (state === "off" && isOpen) void this.#store.close();
    if (isFirst) this.#warn(`rollout trace stopped: ${errorLine(error)} (${this.bundlePath})`);
  }

  #warn(message: string): void {
    try {
      this.#onWarning(message);
    } catch {
      // An observer's trouble is not the run's.
    }
  }
}

function causeOf(error: unknown): unknown {
  return error instanceof StorageError ? error.cause : error;
}
