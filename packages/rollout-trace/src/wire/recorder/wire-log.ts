import { join } from "node:path";
import { errorLine } from "../../writer/error-line.ts";
import type { TraceFileSystem, TraceLogFile } from "../../writer/file-system.ts";
import { WIRE_LOG_FILE, WIRE_VERSION } from "../records.ts";
import type { WireRecord } from "../records.ts";
import { HEADER_POLICY } from "./kept-headers.ts";
import { toLine } from "./to-line.ts";

/** From here on only what a diagnosis needs is recorded. */
const REDUCED_FROM_BYTES = 32 * 1024 * 1024;
const MAX_BYTES = 64 * 1024 * 1024;

type WithoutEnvelope<Record> = Record extends unknown ? Omit<Record, "seq" | "at_ms"> : never;

/** A record before it has its number and time. */
export type NewWireRecord = WithoutEnvelope<WireRecord>;

/** Where a wire log belongs. */
export interface WireLogOptions {
  readonly bundlePath: string;
  readonly traceId: string;
  readonly rolloutId: string;
  readonly schemaVersion: number;
  /** The program that records. */
  readonly writer: { readonly name: string; readonly version: string };
  readonly fileSystem: TraceFileSystem;
  readonly now: () => number;
  readonly onWarning: (message: string) => void;
}

/**
 * Appends records to the wire log of one bundle, each with one write. The file is made with the first record. Nothing
 * here throws: the first write that fails ends the log with a warning, and requests go on.
 */
export class WireLog {
  readonly #options: WireLogOptions;
  #file: TraceLogFile | undefined;
  #state: "new" | "open" | "closed" = "new";
  #bytes = 0;
  #records = 0;
  #dropped = 0;
  #lastAtMs = 0;

  constructor(options: WireLogOptions) {
    this.#options = options;
  }

  append(record: NewWireRecord): void {
    if (this.#state === "closed") return;
    const isDispensable = record.type === "frames" || record.type === "stall";
    if (isDispensable && this.#bytes >= REDUCED_FROM_BYTES) {
      this.#dropped += 1;
      return;
    }
    try {
      if (this.#state === "new") this.#open();
      this.#write(record);
      if (this.#bytes >= MAX_BYTES) this.#end("size_limit");
    } catch (error) {
      this.#fail(error);
    }
  }

  /** Writes the last record, if there is any other, and closes the file. */
  close(): void {
    if (this.#state !== "open") {
      this.#state = "closed";
      return;
    }
    try {
      this.#end("completed");
    } catch (error) {
      this.#fail(error);
    }
  }

  #open(): void {
    const { bundlePath, fileSystem, writer, ...bundle } = this.#options;
    this.#file = fileSystem.openNewLog(join(bundlePath, WIRE_LOG_FILE));
    this.#state = "open";
    this.#write({
      type: "wire_opened",
      wire_version: WIRE_VERSION,
      trace_id: bundle.traceId,
      rollout_id: bundle.rolloutId,
      bundle_schema: bundle.schemaVersion,
      writer: { ...writer, node: process.versions.node },
      policy: { headers: HEADER_POLICY, bodies: "none" },
    });
  }

  #write(record: NewWireRecord): void {
    // A wall clock may be set back; what is behind is never before.
    this.#lastAtMs = Math.max(this.#lastAtMs, Math.trunc(this.#options.now()));
    const line = toLine({ seq: this.#records + 1, at_ms: this.#lastAtMs }, record);
    this.#file?.append(line);
    this.#records += 1;
    this.#bytes += Buffer.byteLength(line);
  }

  #end(reason: "completed" | "size_limit"): void {
    this.#write({ type: "wire_closed", reason, records: this.#records, dropped: this.#dropped });
    this.#state = "closed";
    this.#file?.close();
  }

  #fail(error: unknown): void {
    this.#state = "closed";
    try {
      this.#file?.close();
    } catch {
      // The failure that led here is the one to report.
    }
    const path = join(this.#options.bundlePath, WIRE_LOG_FILE);
    this.#options.onWarning(`the wire log stopped: ${errorLine(error)} (${path})`);
  }
}
