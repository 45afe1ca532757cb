import { isJsonObject } from "@codex-ts/protocol";
import type { JsonValue } from "@codex-ts/protocol";
import type { PayloadReference } from "../../format/payload.ts";
import type { RawTraceEvent } from "../../format/raw-event.ts";
import type { ByteOperations } from "../../json/bytes.ts";
import { markKnownPrefix } from "./known-prefix.ts";
import { scanElements, startOfList } from "../../json/scan.ts";
import type { LogLine } from "../log-lines.ts";

/** Shorter lines are quicker parsed than compared. */
const SHORT_LINE_BYTES = 4096;
/** A list that repeats fewer parts is parsed whole. */
const FEWEST_SHARED = 16;
/** A member is looked for so far: it comes early in its line, or soon after the list before it. */
const MEMBER_WITHIN_BYTES = 4096;
/** Lists that are remembered, of each member: as many threads. */
const LISTS = 8;
const GROWTH = 2;

const ENCODER = new TextEncoder();
type Member = "request_payload" | "prepared_prompt_payload";

/** In the order in which they stand in a line. */
const MEMBERS: readonly { readonly member: Member; readonly prefix: Uint8Array }[] = (
  ["request_payload", "prepared_prompt_payload"] as const
).map((member) => ({ member, prefix: ENCODER.encode(`"${member}":`) }));
const PARTS = ENCODER.encode("parts");
const PLACEHOLDER = "null";

/**
 * Reads the starts of requests without parsing again the parts that the start before it named: they are most of a long
 * log. Where a list repeats the bytes of one that was valid, up to the end of an element, those elements are cut out of
 * the line, and are put back, parsed, into its event. A line in which something surprises is read whole.
 */
export class RepeatedParts {
  readonly #operations: ByteOperations;
  /** By thread. */
  readonly #lists: { readonly [member in Member]: Map<string | null, KnownList> } = {
    request_payload: new Map(),
    prepared_prompt_payload: new Map(),
  };

  constructor(operations: ByteOperations) {
    this.#operations = operations;
  }

  /** The line without the parts that are known; `undefined` when there are none. */
  cut({ bytes, start, end }: LogLine): CutLine | undefined {
    if (end - start < SHORT_LINE_BYTES) return undefined;
    const cuts: Cut[] = [];
    let text = "";
    let at = start;
    for (const { member, prefix } of MEMBERS) {
      const listStart = startOfParts(bytes, at, end, prefix);
      if (listStart === -1) continue;
      const found = this.#longestShared(member, bytes, listStart, end);
      if (found === undefined) continue;
      const { list, shared } = found;
      text += this.#operations.decode(bytes, at, listStart) + PLACEHOLDER;
      at = listStart + list.endOf(shared);
      cuts.push({ member, list, shared, parts: list.parts.slice(0, shared) });
    }
    if (cuts.length === 0) return undefined;
    return new CutLine(text + this.#operations.decode(bytes, at, end), cuts);
  }

  /** Remembers the lists of a line whose event was read. `line` is the whole one. */
  remember(
    { bytes, start, end }: LogLine,
    { payload, thread_id }: RawTraceEvent,
    cut?: CutLine,
  ): void {
    if (payload.type !== "inference_started" || end - start < SHORT_LINE_BYTES) return;
    let at = start;
    for (const { member, prefix } of MEMBERS) {
      const parts = payload[member]?.parts ?? [];
      if (parts.length < FEWEST_SHARED) continue;
      const listStart = startOfParts(bytes, at, end, prefix);
      if (listStart === -1) continue;
      const lists = this.#lists[member];
      const own = lists.get(thread_id) ?? new KnownList();
      const known = cut?.cutOf(member);
      const listEnd = own.take(bytes, listStart, parts, known?.list === own ? known.shared : 0);
      lists.delete(thread_id);
      if (listEnd === -1) continue;
      at = listEnd;
      lists.set(thread_id, own);
      const [oldest] = lists.keys();
      if (oldest !== undefined && lists.size > LISTS) lists.delete(oldest);
    }
  }

  /** Of all known lists the one that begins like this for the longest. */
  #longestShared(
    member: Member,
    bytes: Uint8Array,
    listStart: number,
    end: number,
  ): { readonly list: KnownList; readonly shared: number } | undefined {
    let best: { readonly list: KnownList; readonly shared: number } | undefined;
    for (const list of this.#lists[member].values()) {
      const shared = list.countShared(this.#operations, bytes, listStart, end);
      if (shared >= FEWEST_SHARED && shared > (best?.shared ?? 0)) best = { list, shared };
    }
    return best;
  }
}

interface Cut {
  readonly member: Member;
  readonly list: KnownList;
  readonly shared: number;
  readonly parts: readonly PayloadReference[];
}

/** A line with a placeholder for each run of parts that was cut out of it. */
export class CutLine {
  readonly text: string;
  readonly #cuts: readonly Cut[];

  constructor(text: string, cuts: readonly Cut[]) {
    this.text = text;
    this.#cuts = cuts;
  }

  /** Takes the placeholders out of the parsed line; false when they are not where parts of a request start. */
  takePlaceholders(value: JsonValue): boolean {
    const payload = isJsonObject(value) ? value["payload"] : undefined;
    if (!isJsonObject(payload) || payload["type"] !== "inference_started") return false;
    const lists = this.#cuts.map(({ member }) => {
      const reference = payload[member];
      const parts = isJsonObject(reference) ? reference["parts"] : undefined;
      return Array.isArray(parts) && parts[0] === null ? (parts as JsonValue[]) : undefined;
    });
    if (lists.includes(undefined)) return false;
    for (const list of lists) list?.shift();
    return true;
  }

  /** The event of the line with the parts in their places. */
  complete(event: RawTraceEvent): RawTraceEvent {
    if (event.payload.type !== "inference_started") return event;
    const payload = { ...event.payload };
    for (const { member, parts } of this.#cuts) {
      const reference = payload[member];
      if (reference === undefined) continue;
      const all = [...parts, ...(reference.parts ?? [])];
      markKnownPrefix(all, parts.length);
      payload[member] = { ...reference, parts: all };
    }
    return { ...event, payload };
  }

  cutOf(member: Member): Cut | undefined {
    return this.#cuts.find((cut) => cut.member === member);
  }
}

/** The bytes of a list of parts, where each ends, and what each is. */
class KnownList {
  parts: readonly PayloadReference[] = [];
  #bytes: Uint8Array = new Uint8Array(0);
  readonly #ends: number[] = [];

  endOf(count: number): number {
    return this.#ends[count - 1] ?? 0;
  }

  countShared(
    operations: ByteOperations,
    bytes: Uint8Array,
    listStart: number,
    end: number,
  ): number {
    const isSame = (from: number, to: number): boolean =>
      listStart + to <= end &&
      operations.equal(this.#bytes, from, bytes, listStart + from, to - from);
    let low = 0;
    let high = this.#ends.length;
    // Nearly always all of them.
    if (isSame(0, this.endOf(high))) return high;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (isSame(this.endOf(low), this.endOf(middle))) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  /** Becomes the list that starts at `listStart`, of which the first `shared` parts are here; returns its end, or -1. */
  take(
    bytes: Uint8Array,
    listStart: number,
    parts: readonly PayloadReference[],
    shared: number,
  ): number {
    const fresh: number[] = [];
    const sharedEnd = this.endOf(shared);
    const listEnd = scanElements(bytes, listStart + sharedEnd, shared === 0, fresh);
    if (listEnd === -1 || shared + fresh.length !== parts.length) return -1;
    const length = listEnd - listStart;
    if (this.#bytes.length < length) {
      const larger = new Uint8Array(length * GROWTH);
      larger.set(this.#bytes.subarray(0, sharedEnd));
      this.#bytes = larger;
    }
    this.#bytes.set(bytes.subarray(listStart + sharedEnd, listEnd), sharedEnd);
    this.#ends.length = shared;
    for (const end of fresh) this.#ends.push(end - listStart);
    this.parts = parts;
    return listEnd;
  }
}

/** The offset after the `[` of the parts of a member; -1 when it has none. Looks for the usual form of the member only. */
function startOfParts(bytes: Uint8Array, from: number, end: number, prefix: Uint8Array): number {
  const memberStart = indexOf(bytes, prefix, from, Math.min(end, from + MEMBER_WITHIN_BYTES));
  if (memberStart === -1) return -1;
  return startOfList(bytes.subarray(0, end), PARTS, memberStart + prefix.length);
}

function indexOf(bytes: Uint8Array, pattern: Uint8Array, from: number, end: number): number {
  const [first = 0] = pattern;
  for (let at = from; at + pattern.length <= end; at += 1) {
    if (bytes[at] !== first) continue;
    let length = 1;
    while (length < pattern.length && bytes[at + length] === pattern[length]) length += 1;
    if (length === pattern.length) return at;
  }
  return -1;
}
