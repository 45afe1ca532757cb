import { isJsonObject } from "@codex-ts/protocol";
import type { JsonObject, JsonValue } from "@codex-ts/protocol";
import { LineSplitter, isBlankLine } from "../../reader/log-lines.ts";
import { WIRE_VERSION } from "../records.ts";
import type { WireRecord } from "../records.ts";
import { recordSchema } from "../wire-log-schema.ts";
import { misfit } from "./fits-schema.ts";
import type { WireDiagnostic, WireProblemCode } from "./wire-diagnostic.ts";

/** Twice what a writer writes. */
const MAX_LOG_BYTES = 128 * 1024 * 1024;
/** A writer's longest has 16 KiB. */
const MAX_LINE_BYTES = 1024 * 1024;
/** A log with more of them is none: what each costs would add up to minutes. */
const MAX_UNREADABLE_RECORDS = 10_000;
/** Of each kind so many are listed: a damaged log has thousands. */
const MAX_DIAGNOSTICS_PER_CODE = 20;

/** Reads the lines of a wire log as they come. It never throws: what cannot be read is listed. */
export class WireLineReader {
  readonly records: WireRecord[] = [];
  readonly diagnostics: WireDiagnostic[] = [];
  readonly #lines = new LineSplitter(MAX_LINE_BYTES);
  readonly #decoder = new TextDecoder();
  readonly #listed = new Map<WireProblemCode, number>();
  #bytes = 0;
  #lastSeq = 0;

  /** Nothing more is taken. */
  get isFull(): boolean {
    return (
      this.#bytes > MAX_LOG_BYTES || this.#lines.tooLongLine !== undefined || this.#isUnreadable
    );
  }

  get #isUnreadable(): boolean {
    return (this.#listed.get("unreadable_record") ?? 0) >= MAX_UNREADABLE_RECORDS;
  }

  push(chunk: Uint8Array): void {
    if (this.#bytes > MAX_LOG_BYTES || this.#isUnreadable) return;
    this.#bytes += chunk.length;
    if (this.#bytes > MAX_LOG_BYTES) {
      this.#note("too_large", "the wire log is longer than 128 MiB: the rest is not read");
      return;
    }
    const before = this.#lines.tooLongLine;
    for (const line of this.#lines.push(chunk)) {
      this.#read(line.bytes.subarray(line.start, line.end), line.number);
      if (!this.#isUnreadable) continue;
      const message = `${MAX_UNREADABLE_RECORDS} lines are no records: the rest is not read`;
      this.#note("too_large", message, line.number);
      return;
    }
    const tooLong = this.#lines.tooLongLine;
    if (before === undefined && tooLong !== undefined) {
      this.#note("too_large", "a line is longer than 1 MiB: the rest is not read", tooLong);
    }
  }

  end(): void {
    for (const line of this.#isUnreadable ? [] : this.#lines.rest()) {
      const bytes = line.bytes.subarray(line.start, line.end);
      const message = "the last line is not whole: the process was killed, or goes on";
      if (!isBlankLine(this.#decoder.decode(bytes))) this.#note("torn_line", message, line.number);
    }
    if (this.records.length > 0 && this.records[0]?.type !== "wire_opened") {
      this.#note("not_opened", "the wire log does not begin with its first record");
    }
  }

  note(diagnostic: WireDiagnostic): void {
    this.#note(diagnostic.code, diagnostic.message, diagnostic.line);
  }

  #read(bytes: Uint8Array, line: number): void {
    const text = this.#decoder.decode(bytes);
    if (isBlankLine(text)) return;
    const value = parseObject(text);
    const type = value?.["type"];
    if (value === undefined || typeof type !== "string") {
      this.#note("unreadable_record", "the line is no record", line);
      return;
    }
    const record = toRecord(value, type);
    if (typeof record === "string") {
      this.#note("unreadable_record", `the ${shown(type)} record is not usable (${record})`, line);
      return;
    }
    this.#checkSequence(record, line);
    if (record.type === "wire_opened" && record.wire_version > WIRE_VERSION) {
      const message = `the wire log is of version ${record.wire_version}, this reader knows ${WIRE_VERSION}`;
      this.#note("newer_version", message, line);
    }
    this.records.push(record);
  }

  #checkSequence({ seq }: WireRecord, line: number): void {
    if (seq !== this.#lastSeq + 1) {
      this.#note("sequence", `record ${seq} follows record ${this.#lastSeq}`, line);
    }
    this.#lastSeq = seq;
  }

  #note(code: WireProblemCode, message: string, line?: number): void {
    const listed = this.#listed.get(code) ?? 0;
    this.#listed.set(code, listed + 1);
    if (listed >= MAX_DIAGNOSTICS_PER_CODE) return;
    this.diagnostics.push({ code, ...(line !== undefined && { line }), message });
  }
}

function parseObject(text: string): JsonObject | undefined {
  try {
    const value = JSON.parse(text) as JsonValue;
    return isJsonObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** The record, or where it differs from what its type has. */
function toRecord(value: JsonObject, type: string): WireRecord | string {
  const schema = recordSchema(type);
  if (schema !== undefined) return misfit(value, schema) ?? (value as unknown as WireRecord);
  const { seq, at_ms } = value;
  if (!isCount(seq) || !isCount(at_ms)) return "/seq or /at_ms";
  return { type: "other", seq, at_ms, record_type: shown(type) };
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function shown(type: string): string {
  return type.slice(0, 50).replaceAll(/[^\w.-]/g, "?");
}
