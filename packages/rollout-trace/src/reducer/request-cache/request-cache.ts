import { isJsonObject } from "@codex-ts/protocol";
import type { JsonValue } from "@codex-ts/protocol";
import type { ByteOperations } from "../../json/bytes.ts";
import { parseExactJson } from "../../json/parse-exact.ts";
import { parseStrictJson } from "../../json/parse-strict.ts";
import { endOfMember, scanElements, skipSpace, startOfList } from "../../json/scan.ts";
import type { ItemList } from "../conversation/item-list.ts";
import { CachedRequest } from "./cached-request.ts";
import type { RequestLayout } from "./cached-request.ts";
import type { ElementChanges } from "./resolved-elements.ts";
import type { LoadedPayload } from "../loaded-payload.ts";
import type { RequestContent } from "./request-content.ts";
import { parseWholeRequest } from "./request-content.ts";
import { parseTail, parseTailAfter } from "./request-tail.ts";
import type { RequestTail } from "./request-tail.ts";

/** The input of a request is in an object. */
const LIST_LEVELS = 1;
const INPUT_KEY: Uint8Array = new TextEncoder().encode("input");
/** The requests of threads are cached up to so many bytes, least recently used first out. */
const CACHE_LIMIT_BYTES = 64 * 1024 * 1024;
/** After so many requests in a row that shared next to nothing, keeping pauses: it costs a scan of all bytes. */
const PATIENCE = 3;
const PAUSE = 16;
const LARGE_BYTES = 64 * 1024;

/** A request that was read, and how to keep it for the next one. */
export interface RequestReading {
  readonly content: RequestContent;
  /**
   * Keeps the request, with what each element became and all its items. To be called before the next payload is read.
   * Returns whether the next request of the thread will be compared with this one.
   */
  keep(changes: ElementChanges, list: ItemList): boolean;
}

/**
 * Reads requests without parsing again what the request before already had. Requests repeat the whole history of their
 * thread, so without this the work grows with the square of its length.
 *
 * A JSON parser's state depends on the bytes it has seen and nothing else: where a request repeats the bytes of one
 * that was valid, up to the end of an element, it is valid so far and inside the list, after a value. What is left to
 * check is checked by parsing it in a frame that puts the parser into that state. Every surprise falls back to
 * parsing the whole request, which alone decides whether it is an error.
 */
export class RequestCache {
  readonly #operations: ByteOperations;
  readonly #isEnabled: boolean;
  readonly #requests = new Map<string, CachedRequest>();
  readonly #unsharedInRow = new Map<string, number>();

  constructor(options: { readonly bytes: ByteOperations; readonly isEnabled: boolean }) {
    this.#operations = options.bytes;
    this.#isEnabled = options.isEnabled;
  }

  /** Reads the request of a thread; `undefined` after reporting why it can not be read. */
  read(threadId: string, payload: LoadedPayload): RequestReading | undefined {
    const bytes = payload.bytes();
    if (bytes === undefined) return undefined;
    const cached = this.#isEnabled ? this.#requests.get(threadId) : undefined;
    if (cached !== undefined) {
      const shared = new SharedReading(this.#operations, cached, bytes, payload);
      const content = shared.read();
      if (content !== undefined) {
        this.#unsharedInRow.delete(threadId);
        return {
          content,
          keep: (changes, list) => {
            shared.replace(changes, list);
            this.#store(threadId, cached);
            return true;
          },
        };
      }
    }
    const content = parseWholeRequest(payload);
    if (content === undefined) return undefined;
    return {
      content,
      keep: (changes, list) => this.#keepWhole(threadId, payload, bytes, changes, list),
    };
  }

  #keepWhole(
    threadId: string,
    payload: LoadedPayload,
    bytes: Uint8Array,
    changes: ElementChanges,
    list: ItemList,
  ): boolean {
    if (!this.#isEnabled || !payload.isSound || bytes.length > CACHE_LIMIT_BYTES) return false;
    const unshared = (this.#unsharedInRow.get(threadId) ?? 0) + 1;
    this.#unsharedInRow.set(threadId, unshared >= PAUSE ? 0 : unshared);
    if (unshared > PATIENCE) {
      this.#requests.delete(threadId);
      return false;
    }
    const layout = this.#layoutOf(bytes);
    if (layout === undefined || layout.ends.length !== changes.fresh.length) return false;
    const cached = new CachedRequest();
    cached.replace(bytes, 0, layout);
    cached.elements.update(0, changes, list);
    this.#store(threadId, cached);
    return true;
  }

  /** Where the parts of a valid request are; `undefined` when that is not known without parsing. */
  #layoutOf(bytes: Uint8Array): RequestLayout | undefined {
    const headEnd = startOfList(bytes, INPUT_KEY);
    if (headEnd === -1) return undefined;
    const ends: number[] = [];
    const listEnd = scanElements(bytes, headEnd, true, ends);
    if (listEnd === -1 || ends.length === 0) return undefined;
    // A second `input` would be the one that counts.
    const tail = parseTail(this.#operations, bytes, listEnd);
    return tail === undefined ? undefined : { headEnd, ends, listEnd, tail };
  }

  #store(threadId: string, cached: CachedRequest): void {
    this.#requests.delete(threadId);
    this.#requests.set(threadId, cached);
    // Most traces have one thread.
    if (this.#requests.size === 1) return;
    let total = 0;
    for (const each of this.#requests.values()) total += each.length;
    for (const [id, each] of this.#requests) {
      if (total <= CACHE_LIMIT_BYTES || id === threadId) return;
      total -= each.length;
      this.#requests.delete(id);
    }
  }
}

interface Head {
  readonly end: number;
  readonly previousResponseId: unknown;
}

/** Where the parts of a request are that shares elements with the cached one. */
interface FoundParts {
  readonly headEnd: number;
  /** How much later its elements start than those of the cached one. */
  readonly shift: number;
  readonly shared: number;
  /** After the last shared element. */
  readonly restStart: number;
  readonly freshEnds: readonly number[];
  readonly listEnd: number;
  readonly tail: RequestTail;
}

/** One request read against the cached one. */
class SharedReading {
  readonly #operations: ByteOperations;
  readonly #cached: CachedRequest;
  readonly #bytes: Uint8Array;
  readonly #payload: LoadedPayload;
  /** Set only when every part was found. */
  #found: FoundParts | undefined;

  constructor(
    operations: ByteOperations,
    cached: CachedRequest,
    bytes: Uint8Array,
    payload: LoadedPayload,
  ) {
    this.#operations = operations;
    this.#cached = cached;
    this.#bytes = bytes;
    this.#payload = payload;
  }

  /** The content, or `undefined` when the request has to be parsed whole. */
  read(): RequestContent | undefined {
    try {
      return this.#read();
    } catch (error) {
      if (error instanceof SyntaxError) return undefined;
      throw error;
    }
  }

  #read(): RequestContent | undefined {
    const head = this.#head();
    if (head === undefined) return undefined;
    const { layout, elements: known } = this.#cached;
    const shared = this.#cached.countSharedElements(this.#operations, this.#bytes, head.end);
    const lastShared = layout.ends[shared - 1];
    if (lastShared === undefined || this.#isTooLittle(lastShared)) return undefined;
    const shift = head.end - layout.headEnd;
    const restStart = lastShared + shift;
    const freshEnds: number[] = [];
    const listEnd = scanElements(this.#bytes, restStart, false, freshEnds);
    if (listEnd === -1) return undefined;
    const fresh = this.#parseElements(restStart, freshEnds);
    const tail = this.#tail(listEnd);
    if (tail === undefined) return undefined;
    const previous = tail.hasPreviousResponseId ? tail.previousResponseId : head.previousResponseId;
    // An incremental request is no history to compare the next one with.
    if (typeof previous === "string") return undefined;
    this.#found = { headEnd: head.end, shift, shared, restStart, freshEnds, listEnd, tail };
    return {
      previousResponseId: undefined,
      count: shared + fresh.length,
      sharedCount: shared,
      known,
      source: (index) => ({
        value: index < shared ? this.#parseElement(index) : (fresh[index - shared] ?? null),
        payloadId: this.#payload.reference.raw_payload_id,
        lostParts: this.#payload.lostParts,
        exact: () => parseExactJson(this.#textOf(index)),
      }),
      members: (texts) => texts.ofPieces(this.#memberPieces()),
    };
  }

  /** The members around `input`, in pieces that are objects of their own. */
  #memberPieces(): readonly string[] {
    if (this.#found === undefined) return [];
    const { headEnd, listEnd, tail } = this.#found;
    const starts = tail.memberStarts.map((start) => listEnd + start);
    const members = starts.map((start) => {
      const end = endOfMember(this.#bytes, start);
      return `{${this.#operations.decode(this.#bytes, start, end)}}`;
    });
    return [`${this.#operations.decode(this.#bytes, 0, headEnd)}]}`, ...members];
  }

  /** Scanning and then parsing nearly everything costs more than only parsing it. */
  #isTooLittle(sharedBytes: number): boolean {
    return this.#bytes.length > LARGE_BYTES && sharedBytes < this.#bytes.length / 4;
  }

  /** Makes the cached request this one. */
  replace(changes: ElementChanges, list: ItemList): void {
    if (this.#found === undefined) return;
    const { headEnd, shift, shared, restStart, freshEnds, listEnd, tail } = this.#found;
    const { ends } = this.#cached.layout;
    ends.length = shared;
    if (shift !== 0) for (const [index, end] of ends.entries()) ends[index] = end + shift;
    for (const end of freshEnds) ends.push(end);
    const sharedBytes = shift === 0 ? restStart : 0;
    this.#cached.replace(this.#bytes, sharedBytes, { headEnd, ends, listEnd, tail });
    this.#cached.elements.update(shared, changes, list);
  }

  #head(): Head | undefined {
    // The same head was checked before, and was that of a full request.
    if (this.#cached.hasSameHead(this.#operations, this.#bytes))
      return { end: this.#cached.layout.headEnd, previousResponseId: undefined };
    const end = startOfList(this.#bytes, INPUT_KEY);
    if (end === -1) return undefined;
    const head = parseStrictJson(`${this.#operations.decode(this.#bytes, 0, end)}0]}`);
    return isJsonObject(head)
      ? { end, previousResponseId: head["previous_response_id"] }
      : undefined;
  }

  #tail(listEnd: number): RequestTail | undefined {
    const shared = this.#cached.countSharedTailMembers(this.#operations, this.#bytes, listEnd);
    return parseTailAfter(this.#operations, this.#bytes, listEnd, this.#cached.layout.tail, shared);
  }

  /** The elements after the shared ones, which end at `ends`. */
  #parseElements(start: number, ends: readonly number[]): readonly JsonValue[] {
    const end = ends.at(-1);
    if (end === undefined) return [];
    const text = this.#operations.decode(this.#bytes, afterComma(this.#bytes, start), end);
    return parseStrictJson(`[${text}]`, LIST_LEVELS) as readonly JsonValue[];
  }

  #parseElement(index: number): JsonValue {
    return parseStrictJson(this.#textOf(index));
  }

  #textOf(index: number): string {
    const end = this.#endOf(index);
    const start =
      index === 0 ? this.#found?.headEnd : afterComma(this.#bytes, this.#endOf(index - 1));
    return this.#operations.decode(this.#bytes, start ?? end, end);
  }

  /** Where an element ends; not after this request was kept. */
  #endOf(index: number): number {
    if (this.#found === undefined) return 0;
    const { shared, shift, freshEnds } = this.#found;
    if (index >= shared) return freshEnds[index - shared] ?? 0;
    return (this.#cached.layout.ends[index] ?? 0) + shift;
  }
}

/** The offset after the comma that follows an element. */
function afterComma(bytes: Uint8Array, elementEnd: number): number {
  return skipSpace(bytes, elementEnd) + 1;
}
