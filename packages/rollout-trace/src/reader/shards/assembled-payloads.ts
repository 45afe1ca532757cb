import type { PayloadReference } from "../../format/payload.ts";
import { concatenateBytes } from "../../json/bytes.ts";
import type { ByteOperations } from "../../json/bytes.ts";
import { isReadable } from "../payload-reading.ts";
import type { PayloadPart, PayloadReading } from "../payload-reading.ts";
import { knownPrefixOf } from "./known-prefix.ts";
import { FragmentCheck, readFragments } from "./fragments.ts";
import type { RecordReading, RecordRequest } from "./shard-records.ts";

/** Texts of parts are kept up to so many bytes, first in first out: every request of a session with images names them all. */
const KEPT_BYTES = 32 * 1024 * 1024;
/** No string is longer. */
const LONGEST_TEXT_BYTES = 512 * 1024 * 1024;

/** A payload that an event names. */
export interface NamedPayload {
  readonly reference: PayloadReference;
  /** Whether the reducer may look into it. The parts of others are only checked. */
  readonly isRead: boolean;
}

/** Result of reading the payloads of an event. */
export interface EventPayloads {
  /** One for each that the event names. */
  readonly readings: readonly PayloadReading[];
  /** The parts of these that no event named before. */
  readonly parts: readonly PayloadPart[];
}

/** Asks for records, and is given each in turn. */
type Reading<T> = Generator<RecordRequest, T, RecordReading>;

/**
 * Puts payloads together from the records of shards. It asks for records and does not read any, so that callers may read
 * at once or wait.
 */
export class AssembledPayloads {
  readonly #operations: ByteOperations;
  readonly #fragments: FragmentCheck;
  readonly #encoder = new TextEncoder();
  /** Parts that were checked, by id. */
  readonly #checked = new Set<string>();
  readonly #texts = new Map<string, PartText>();
  #keptBytes = 0;

  constructor(operations: ByteOperations) {
    this.#operations = operations;
    this.#fragments = new FragmentCheck(operations);
  }

  *load(payloads: readonly NamedPayload[]): Reading<EventPayloads> {
    const readings: PayloadReading[] = [];
    const parts: PayloadPart[] = [];
    for (const { reference, isRead } of payloads) {
      yield* this.#checkParts(reference, parts);
      readings.push(yield* this.#read(reference, isRead));
    }
    return { readings, parts };
  }

  /** Reads the parts that were not seen before, in the order in which recorders write them: inner ones first. */
  *#checkParts(reference: PayloadReference, found: PayloadPart[]): Reading<void> {
    const { parts = [] } = reference;
    for (let index = knownPrefixOf(parts); index < parts.length; index += 1) {
      const part = parts[index];
      if (part === undefined) return;
      if (this.#checked.has(part.raw_payload_id)) continue;
      this.#checked.add(part.raw_payload_id);
      yield* this.#checkParts(part, found);
      const reading = yield* this.#read(part, false);
      found.push({ reference: part, reading });
      if ("bytes" in reading && part.capture === undefined && part.parts === undefined)
        this.#keep(part.raw_payload_id, { bytes: reading.bytes.slice(), lost: NOTHING_LOST });
    }
  }

  *#read(reference: PayloadReference, isRead: boolean): Reading<PayloadReading> {
    const { shard, capture, parts } = reference;
    if (capture?.status === "omitted")
      return shard === null || shard === undefined
        ? { isLost: true }
        : refused("is omitted and has a shard");
    if (shard === null || shard === undefined) return refused("names no shard");
    const record = yield { shard, id: reference.raw_payload_id };
    if ("isTooMuch" in record) return refused("is more than an event may name");
    if ("isTooFar" in record)
      return refused("is too far from those before it: shards would be inflated again and again");
    if (!("body" in record)) return { failure: "missing", cause: record.cause };
    const { body } = record;
    if (capture !== undefined) {
      const { retained_bytes: retained, original_bytes: original } = capture;
      const isSound = retained === body.length && retained < original;
      return isSound ? { isLost: true } : refused("does not have the length it names");
    }
    if (parts === undefined) return { bytes: body };
    const isSound = this.#fragments.isSound(body, parts.length);
    const form = isSound ? "fragments" : "broken fragments";
    const text = isRead ? yield* this.#join(body, parts) : undefined;
    return text === undefined
      ? { bytes: body, form }
      : { bytes: text.bytes, form, isWhole: true, lost: text.lost };
  }

  /** The text of fragments with parts between them; `undefined` when they do not fit together. */
  *#join(record: Uint8Array, parts: readonly PayloadReference[]): Reading<PartText | undefined> {
    const fragments = readFragments(this.#operations, record, parts.length);
    if (fragments === undefined) return undefined;
    const pieces: Uint8Array[] = [];
    const lost = new Set<string>();
    let length = 0;
    for (const [index, fragment] of fragments.entries()) {
      const part = index === 0 ? undefined : parts[index - 1];
      const text = part === undefined ? NO_TEXT : yield* this.#textOf(part);
      if (text === undefined) return undefined;
      for (const id of text.lost) lost.add(id);
      const bytes = this.#encoder.encode(fragment);
      length += text.bytes.length + bytes.length;
      if (length > LONGEST_TEXT_BYTES) return undefined;
      pieces.push(text.bytes, bytes);
    }
    return { bytes: concatenateBytes(pieces), lost };
  }

  *#textOf(part: PayloadReference): Reading<PartText | undefined> {
    const id = part.raw_payload_id;
    const kept = this.#texts.get(id);
    if (kept !== undefined) return kept;
    const reading = yield* this.#read(part, true);
    const text = this.#toText(id, reading);
    if (text !== undefined) this.#keep(id, text);
    return text;
  }

  #toText(id: string, reading: PayloadReading): PartText | undefined {
    if ("isLost" in reading)
      return { bytes: this.#encoder.encode(unavailable(id)), lost: new Set([id]) };
    if (!("bytes" in reading) || !isReadable(reading)) return undefined;
    // The record's memory is used again.
    return { bytes: reading.bytes.slice(), lost: reading.lost ?? NOTHING_LOST };
  }

  #keep(id: string, text: PartText): void {
    if (this.#texts.has(id) || text.bytes.length > KEPT_BYTES) return;
    this.#texts.set(id, text);
    this.#keptBytes += text.bytes.length;
    for (const [oldest, { bytes }] of this.#texts) {
      if (this.#keptBytes <= KEPT_BYTES) return;
      this.#texts.delete(oldest);
      this.#keptBytes -= bytes.length;
    }
  }
}

/** The text of a part, and which payloads in it were not kept. */
interface PartText {
  readonly bytes: Uint8Array;
  readonly lost: ReadonlySet<string>;
}

const NOTHING_LOST: ReadonlySet<string> = new Set();
const NO_TEXT: PartText = { bytes: new Uint8Array(0), lost: NOTHING_LOST };

/** The only member of the object that Codex's reducer puts in the place of a part that was not kept: its id. */
export const UNAVAILABLE_MEMBER = "$trace_unavailable";

function unavailable(id: string): string {
  return JSON.stringify({ [UNAVAILABLE_MEMBER]: id });
}

function refused(why: string): PayloadReading {
  return { failure: "refused", why };
}
