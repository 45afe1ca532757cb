import { Buffer } from "node:buffer";
import type { PrintableList } from "./printed-list-source.ts";

/** Stands between two elements of a list in a record of a printed state. */
const ELEMENT_INDENT = "\n        ";

/** Lists printed once that repeat each other: nearly every one is a beginning of the longest. */
class PrintedList<List extends PrintableList<List>> {
  readonly #list: List;
  readonly #bytes: Buffer;
  /** End of each element in the bytes. */
  readonly #ends: readonly number[];

  constructor(list: List) {
    this.#list = list;
    const ends: number[] = [];
    let length = 0;
    let text = "";
    for (let index = 0; index < list.length; index += 1) {
      const element = printedElement(list, index);
      length += Buffer.byteLength(element);
      ends.push(length);
      text += element;
    }
    this.#bytes = Buffer.from(text, "utf8");
    this.#ends = ends;
  }

  /** The bytes of the beginning that a list shares with this one, and the text of its rest. */
  print(list: List): { readonly shared: Uint8Array; readonly rest: string } {
    const shared = this.#list.countShared(list);
    let rest = "";
    for (let index = shared; index < list.length; index += 1) rest += printedElement(list, index);
    return { shared: this.#bytes.subarray(0, shared === 0 ? 0 : this.#ends[shared - 1]), rest };
  }
}

function printedElement<List extends PrintableList<List>>(list: List, index: number): string {
  return `${index === 0 ? "" : ","}${ELEMENT_INDENT}${list.textAt(index)}`;
}

/** Prints lists of many records, of which those of one group, a thread for example, repeat each other. */
export class RepeatedLists<List extends PrintableList<List>> {
  readonly #longest = new Map<string, List>();
  readonly #printed = new Map<string, PrintedList<List>>();

  /** To be called for all lists before the first is printed. */
  expect(group: string, list: List): void {
    if (list.length > (this.#longest.get(group)?.length ?? -1)) this.#longest.set(group, list);
  }

  print(group: string, list: List): { readonly shared: Uint8Array; readonly rest: string } {
    let printed = this.#printed.get(group);
    if (printed === undefined) {
      printed = new PrintedList(this.#longest.get(group) ?? list);
      this.#printed.set(group, printed);
    }
    return printed.print(list);
  }
}
