import { Buffer } from "node:buffer";
import type { InferenceCall } from "../model/runtime.ts";

/** Stands between two elements of a list in an inference call of a printed state. */
const ELEMENT_INDENT = "\n        ";

/**
 * The request lists of one thread, printed once. Each request repeats the ids of the one before, so nearly every list
 * is a beginning of the longest.
 */
class PrintedList {
  readonly #ids: readonly string[];
  readonly #bytes: Buffer;
  /** End of each element in the bytes. */
  readonly #ends: readonly number[];

  constructor(ids: readonly string[]) {
    this.#ids = ids;
    const ends: number[] = [];
    let length = 0;
    const texts = ids.map((id, index) => {
      const text = `${index === 0 ? "" : ","}${ELEMENT_INDENT}${JSON.stringify(id)}`;
      length += Buffer.byteLength(text);
      ends.push(length);
      return text;
    });
    this.#bytes = Buffer.from(texts.join(""), "utf8");
    this.#ends = ends;
  }

  /** The bytes of the beginning that a list shares with this one, and the text of its rest. */
  print(ids: readonly string[]): { readonly shared: Uint8Array; readonly rest: string } {
    const shorter = Math.min(ids.length, this.#ids.length);
    let shared = 0;
    while (shared < shorter && ids[shared] === this.#ids[shared]) shared += 1;
    const rest = ids
      .slice(shared)
      .map(
        (id, index) => `${shared + index === 0 ? "" : ","}${ELEMENT_INDENT}${JSON.stringify(id)}`,
      );
    return {
      shared: this.#bytes.subarray(0, shared === 0 ? 0 : this.#ends[shared - 1]),
      rest: rest.join(""),
    };
  }
}

/** Prints the request lists of all calls. */
export class ItemIdLists {
  readonly #longest = new Map<string, readonly string[]>();
  readonly #printed = new Map<string, PrintedList>();

  constructor(calls: Iterable<InferenceCall>) {
    for (const { thread_id: threadId, request_item_ids: ids } of calls)
      if (ids.length > (this.#longest.get(threadId)?.length ?? -1))
        this.#longest.set(threadId, ids);
  }

  print(call: InferenceCall): { readonly shared: Uint8Array; readonly rest: string } {
    let list = this.#printed.get(call.thread_id);
    if (list === undefined) {
      list = new PrintedList(this.#longest.get(call.thread_id) ?? []);
      this.#printed.set(call.thread_id, list);
    }
    return list.print(call.request_item_ids);
  }
}
