import { hash } from "node:crypto";
import type { PayloadKind, PayloadReference } from "../format/payload.ts";
import type { AssembledText } from "../writer/payload-store.ts";
import { toRecordText } from "../writer/json-text.ts";
import { withParts } from "../writer/part-list-text.ts";
import { RecentMap } from "./recent-map.ts";
import { isSameJson } from "./same-json.ts";

/** Writes the payloads parts are made of. */
export interface PartWriter {
  /** Longest record in bytes; the rest of a longer one is cut off. Default: no limit. */
  readonly maxPayloadBytes?: number;
  writeAssembledPayload(kind: PayloadKind, text: AssembledText): PayloadReference | undefined;
}

/** A text of a request that is longer is a part of its own: the next request will most likely have it, too. */
const LONG_TEXT_CHARACTERS = 1024;
const IMAGE_START = "data:image/";
/** A text of an item that a limit would cut is cut by itself, so that the rest of the item is kept, if it has so many characters. */
const LONG_ENOUGH_TO_CUT = 256;
/** Texts that are known at least; an item of a request is a text, unless it is known by its object. */
const MIN_KNOWN_TEXTS = 1000;

/** Members that are objects or lists and stay the same from request to request. */
const LASTING_MEMBERS: ReadonlySet<string> = new Set([
  "tools",
  "base_instructions",
  "output_schema",
]);

/**
 * Schema 3: what requests have in common is recorded once and named ever after, so that recording a request costs what
 * is new about it. Items and lists are known by their object, else by their text.
 */
export class PromptParts {
  readonly #writer: PartWriter;
  readonly #byObject = new WeakMap<object, PayloadReference>();
  /** The lists written last, by owner and kind; its items are nearly always the beginning of those of the next one. */
  readonly #last = new Map<string, LastWritten>();
  /** By a hash of kind and text. What was last asked for long ago was compacted away, and would only fill the memory. */
  readonly #byText = new RecentMap<PayloadReference>(MIN_KNOWN_TEXTS);
  /** Most characters of a text that stays in its item. */
  readonly #maxCharacters: number;

  constructor(writer: PartWriter) {
    this.#writer = writer;
    this.#maxCharacters = Math.max(writer.maxPayloadBytes ?? Infinity, LONG_ENOUGH_TO_CUT);
  }

  /**
   * Writes an object of which one member is a list of items: a request, or what it was made from. `owner`: whose it is,
   * such as the id of a thread.
   */
  write(kind: PayloadKind, body: object, owner: string): PayloadReference | undefined {
    const text = new TextWithParts();
    const last = this.#lastOf(`${kind} ${owner}`);
    let separator = "{";
    for (const [name, value] of Object.entries(body) as [string, unknown][]) {
      if (!isPrintable(value)) continue;
      text.add(`${separator}${JSON.stringify(name)}:`);
      separator = ",";
      if (name === "input" && Array.isArray(value)) {
        if (!this.#addItems(text, value, last)) return undefined;
      } else this.#addValue(text, { name, value, last });
    }
    text.add(separator === "{" ? "{}" : "}");
    return this.#writer.writeAssembledPayload(kind, text);
  }

  #lastOf(key: string): LastWritten {
    const known = this.#last.get(key);
    if (known !== undefined) return known;
    const last: LastWritten = { items: [], parts: [], values: new Map() };
    this.#last.set(key, last);
    return last;
  }

  #addItems(text: TextWithParts, items: readonly unknown[], last: LastWritten): boolean {
    let same = 0;
    while (same < last.items.length && this.#isRepeated(items[same], last.items[same])) same += 1;
    const known = same === last.items.length ? last.parts : last.parts.slice(0, same);
    const more: PayloadReference[] = [];
    for (const item of items.slice(same)) {
      const part = this.#itemOf(item);
      if (part === undefined) return false;
      more.push(part);
    }
    last.items = items;
    last.parts = withParts(known, more);
    text.add("[");
    text.partList(last.parts);
    text.add("]");
    return true;
  }

  /** Whether an item is the one the last body had at its place. */
  #isRepeated(item: unknown, last: unknown): boolean {
    return isObject(item) && (item === last || isSameJson(item, last));
  }

  /** A long text, tools and the like are a part of their own: they stay the same from request to request. */
  #addValue(
    text: TextWithParts,
    {
      name,
      value,
      last,
    }: { readonly name: string; readonly value: unknown; readonly last: LastWritten },
  ): void {
    const isLong = typeof value === "string" && value.length > LONG_TEXT_CHARACTERS;
    const isLasting = LASTING_MEMBERS.has(name) && isObject(value);
    const part = isLong || isLasting ? this.#lastingValue(name, value, last) : undefined;
    if (part === undefined) text.add(toRecordText(value));
    else text.part(part);
  }

  #lastingValue(
    name: string,
    value: unknown,
    { values }: LastWritten,
  ): PayloadReference | undefined {
    const before = values.get(name);
    if (before !== undefined && isSameJson(before.value, value)) return before.part;
    const part = this.#valueOf(value);
    if (part !== undefined) values.set(name, { value, part });
    return part;
  }

  #itemOf(item: unknown): PayloadReference | undefined {
    return this.#known(item, "model_item", (printed) =>
      textWithValues(printed, {
        maxCharacters: this.#maxCharacters,
        partOf: (value) => this.#contentOf(value),
      }),
    );
  }

  #valueOf(value: unknown): PayloadReference | undefined {
    // Only images have shards of their own; tools and instructions go with the requests.
    const isImage = typeof value === "string" && value.startsWith(IMAGE_START);
    if (isImage) return this.#contentOf(value);
    return this.#known(value, "model_item", (printed) => new TextWithParts(printed));
  }

  #contentOf(value: string): PayloadReference | undefined {
    return this.#known(value, "content_value", (printed) => new TextWithParts(printed));
  }

  #known(
    value: unknown,
    kind: PayloadKind,
    toText: (printed: string) => TextWithParts,
  ): PayloadReference | undefined {
    const object = isObject(value) ? value : undefined;
    const byObject = object === undefined ? undefined : this.#byObject.get(object);
    if (byObject !== undefined) return byObject;
    const printed = toRecordText(value);
    const key = `${kind} ${hash("sha256", printed, "base64")}`;
    const reference =
      this.#byText.get(key) ?? this.#writer.writeAssembledPayload(kind, toText(printed));
    if (reference === undefined) return undefined;
    this.#byText.set(key, reference);
    if (object !== undefined) this.#byObject.set(object, reference);
    return reference;
  }
}

/** The last body of one kind, as far as the next one may repeat it. */
interface LastWritten {
  items: readonly unknown[];
  /** Of the items, in order. */
  parts: readonly PayloadReference[];
  /** By the names of their members. */
  readonly values: Map<string, { readonly value: unknown; readonly part: PayloadReference }>;
}

/** A JSON text in pieces, with the places of its parts. */
class TextWithParts {
  readonly fragments: string[];
  #parts: readonly PayloadReference[] = [];

  constructor(text = "") {
    this.fragments = [text];
  }

  get parts(): readonly PayloadReference[] {
    return this.#parts;
  }

  add(text: string): void {
    this.fragments[this.fragments.length - 1] += text;
  }

  part(reference: PayloadReference): void {
    this.#parts = withParts(this.#parts, [reference]);
    this.fragments.push("");
  }

  /** Parts in a row, with commas in between. */
  partList(references: readonly PayloadReference[]): void {
    this.#parts = this.#parts.length === 0 ? references : withParts(this.#parts, references);
    for (let count = references.length; count > 0; count -= 1)
      this.fragments.push(count === 1 ? "" : ",");
  }
}

/** A printed value with each image, and each text that is too long, as a part. */
function textWithValues(
  printed: string,
  {
    maxCharacters,
    partOf,
  }: {
    readonly maxCharacters: number;
    readonly partOf: (value: string) => PayloadReference | undefined;
  },
): TextWithParts {
  if (!printed.includes(IMAGE_START) && printed.length <= maxCharacters)
    return new TextWithParts(printed);
  const isOwnPart = (text: string): boolean =>
    text.startsWith(IMAGE_START) || text.length > maxCharacters;
  const text = new TextWithParts();
  const add = (inner: unknown): void => {
    if (Array.isArray(inner)) {
      inner.forEach((element: unknown, index) => {
        text.add(index === 0 ? "[" : ",");
        add(element);
      });
      text.add(inner.length === 0 ? "[]" : "]");
    } else if (typeof inner === "object" && inner !== null) {
      let separator = "{";
      for (const [name, member] of Object.entries(inner) as [string, unknown][]) {
        text.add(`${separator}${JSON.stringify(name)}:`);
        separator = ",";
        add(member);
      }
      text.add(separator === "{" ? "{}" : "}");
    } else if (typeof inner === "string" && isOwnPart(inner)) {
      const part = partOf(inner);
      if (part === undefined) text.add(JSON.stringify(inner));
      else text.part(part);
    } else text.add(JSON.stringify(inner));
  };
  // Parsed from what was printed: nothing of it needs to be left out or converted.
  add(JSON.parse(printed));
  return text;
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

function isPrintable(value: unknown): boolean {
  return value !== undefined && typeof value !== "function" && typeof value !== "symbol";
}
