import type { JsonValue } from "@codex-ts/protocol";
import type { ByteOperations } from "../../json/bytes.ts";
import { parseQuietly, parseStrictJson } from "../../json/parse-strict.ts";

// The record of a payload with parts is a list of strings, the fragments of its text around them.

/** The fragments of a record; `undefined` when it is no list of strings of that length. */
export function readFragments(
  operations: ByteOperations,
  record: Uint8Array,
  parts: number,
): readonly string[] | undefined {
  let list: JsonValue;
  try {
    list = parseStrictJson(operations.decode(record, 0, record.length));
  } catch {
    return undefined;
  }
  if (!Array.isArray(list) || list.length !== parts + 1) return undefined;
  const isText = (list as readonly JsonValue[]).every((element) => typeof element === "string");
  return isText ? (list as readonly string[]) : undefined;
}

/** Stands between the texts of two items in nearly every record. */
const COMMA_FRAGMENT: Uint8Array = new TextEncoder().encode('",",');

/** Checks records without looking at their parts: as Codex does, with `null` in the place of each. */
export class FragmentCheck {
  readonly #operations: ByteOperations;
  /** Of the last sound record: up to behind its first fragment, and from its last one on. */
  #head: Uint8Array | undefined;
  #tail: Uint8Array | undefined;
  #commas: Uint8Array = COMMA_FRAGMENT;

  constructor(operations: ByteOperations) {
    this.#operations = operations;
  }

  isSound(record: Uint8Array, parts: number): boolean {
    if (this.#isAsBefore(record, parts)) return true;
    const fragments = readFragments(this.#operations, record, parts);
    if (fragments === undefined) return false;
    try {
      parseQuietly(fragments.join("null"));
    } catch {
      return false;
    }
    this.#remember(record, fragments);
    return true;
  }

  /** A prompt repeats the one before, but for the number of its items: where two commas can stand any number can. */
  #isAsBefore(record: Uint8Array, parts: number): boolean {
    const [head, tail] = [this.#head, this.#tail];
    if (head === undefined || tail === undefined || parts < 1) return false;
    const between = (parts - 1) * COMMA_FRAGMENT.length;
    if (record.length !== head.length + between + tail.length) return false;
    const operations = this.#operations;
    return (
      operations.equal(record, 0, head, 0, head.length) &&
      operations.equal(record, head.length + between, tail, 0, tail.length) &&
      operations.equal(record, head.length, this.#repeatedCommas(between), 0, between)
    );
  }

  /** Only of a list with a comma between its items: what is sound with two of them is sound with any number. */
  #remember(record: Uint8Array, fragments: readonly string[]): void {
    const inner = fragments.slice(1, -1);
    if (inner.length === 0 || inner.some((fragment) => fragment !== ",")) return;
    const encoder = new TextEncoder();
    const head = encoder.encode(`[${JSON.stringify(fragments[0])},`);
    const tail = encoder.encode(`${JSON.stringify(fragments.at(-1))}]`);
    // Another way to write the same strings is not worth remembering.
    const isPlain =
      head.length + inner.length * COMMA_FRAGMENT.length + tail.length === record.length &&
      this.#operations.equal(record, 0, head, 0, head.length) &&
      this.#operations.equal(record, record.length - tail.length, tail, 0, tail.length);
    if (!isPlain) return;
    this.#head = head;
    this.#tail = tail;
  }

  #repeatedCommas(length: number): Uint8Array {
    if (this.#commas.length < length) {
      const longer = new Uint8Array(length * 2);
      for (let at = 0; at < longer.length; at += COMMA_FRAGMENT.length)
        longer.set(COMMA_FRAGMENT.subarray(0, longer.length - at), at);
      this.#commas = longer;
    }
    return this.#commas;
  }
}
