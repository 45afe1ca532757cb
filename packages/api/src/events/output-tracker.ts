import type { JsonObject, JsonValue, ResponseEvent, ResponseItem } from "@codex-ts/protocol";
import { isJsonObject } from "@codex-ts/protocol";
import { PiecedText } from "./pieced-text.ts";
import type { UnreadableItem } from "./read-output-item.ts";
import { isUnreadable, readOutputItem } from "./read-output-item.ts";

/** Facts by which two items of one response are recognized as the same. */
interface ItemMark {
  readonly type: string;
  readonly id: string | undefined;
  readonly callId: string | undefined;
  /** Of a message. */
  readonly text: string | undefined;
}

/** An item that began and has not ended yet. */
interface BegunItem {
  raw: JsonObject;
  /** Text of a message, arguments or input of a call, as far as it came. */
  text: PiecedText;
}

/** Items that can be open at once, and how much of one is kept, in characters: a server must not fill our memory. */
const MAX_BEGUN_ITEMS = 1000;
const MAX_TEXT_CHARACTERS = 4 * 1024 * 1024;

/**
 * Keeps account of the output a stream shows, so that none is lost without a word when the response completes: items
 * that stand only in the final response are taken from there, text and calls of which only the pieces came are put
 * together, and what cannot be read is named. Codex drops all of it.
 */
export class OutputTracker {
  readonly #shown: ItemMark[] = [];
  readonly #begun = new Map<string, BegunItem>();
  readonly #doneKeys = new Set<string>();
  readonly #unread: (UnreadableItem & ItemMark)[] = [];
  /** The item of the last piece, because the next piece belongs to it as a rule. */
  #last: { readonly id: unknown; readonly index: unknown; readonly item: BegunItem } | undefined;

  /** A `response.output_item.added`. */
  added(item: JsonValue | undefined, event: JsonObject): void {
    if (!isJsonObject(item) || this.#begun.size >= MAX_BEGUN_ITEMS) return;
    const key = keyOf(item["id"], event);
    this.#doneKeys.delete(key);
    this.#last = undefined;
    const known = this.#begun.get(key);
    if (known === undefined) this.#begun.set(key, { raw: item, text: new PiecedText() });
    else known.raw = item;
  }

  /** A piece of the text of a message, or of the arguments of a call that was added. */
  piece(type: string, text: string, event: JsonObject): void {
    const begun = this.#begunOf(type, event);
    if (begun === undefined || begun.text.length > MAX_TEXT_CHARACTERS) return;
    begun.text.append(text);
  }

  /** The whole of it, again or for the first time. */
  whole(type: string, text: string, event: JsonObject): void {
    const begun = this.#begunOf(type, event);
    if (begun === undefined) return;
    if (type !== "message") begun.text = new PiecedText();
    else if (begun.text.toString().endsWith(text)) return;
    begun.text.append(text);
  }

  #begunOf(type: string, event: JsonObject): BegunItem | undefined {
    const { item_id: id, output_index: index } = event;
    const last = this.#last;
    if (last !== undefined && last.id === id && last.index === index) return last.item;
    const key = keyOf(id, event);
    if (this.#doneKeys.has(key)) return undefined;
    let item = this.#begun.get(key);
    if (item === undefined) {
      // A call nobody named cannot be made; text says all it has to say.
      if (type !== "message" || this.#begun.size >= MAX_BEGUN_ITEMS) return undefined;
      item = { raw: { type }, text: new PiecedText() };
      this.#begun.set(key, item);
    }
    this.#last = { id, index, item };
    return item;
  }

  /** A `response.output_item.done`: the item, or `undefined` when it cannot be read. */
  done(raw: JsonValue | undefined, event: JsonObject): ResponseItem | undefined {
    const read = readOutputItem(raw);
    const mark = markOf(raw);
    const key = keyOf(mark.id, event);
    this.#last = undefined;
    this.#doneKeys.add(key);
    this.#settle(mark, key);
    if (isUnreadable(read)) {
      this.#unread.push({ ...read, ...mark });
      return undefined;
    }
    this.#shown.push(mark);
    return read;
  }

  /** The events a completed response still owes, given the `output` of its final form. */
  missing(finalOutput: JsonValue | undefined): ResponseEvent[] {
    const events: ResponseEvent[] = [];
    for (const raw of this.#notShown(finalOutput)) {
      const mark = markOf(raw);
      this.#settle(mark, undefined);
      const unread = this.#unread.findIndex((other) => other.type === mark.type);
      if (unread >= 0) this.#unread.splice(unread, 1);
      events.push(doneOrDropped(raw));
    }
    for (const begun of this.#begun.values()) {
      const text = begun.text.toString();
      const isShown = this.#shown.some((mark) => mark.text === text);
      const event = isShown ? undefined : assembled(begun.raw, text);
      if (event !== undefined) events.push(event);
    }
    events.push(...this.#unread.map(dropped));
    return events;
  }

  /**
   * The final items that no item of the stream stands for. Servers exist that give an item one id in the stream and
   * another in the final response, so that items left over on both sides are paired by type: nothing is taken twice.
   */
  #notShown(finalOutput: JsonValue | undefined): readonly JsonObject[] {
    if (!Array.isArray(finalOutput)) return [];
    const finals = (finalOutput as readonly JsonValue[]).filter(isJsonObject);
    const shown = [...this.#shown];
    const take = (isSame: (mark: ItemMark) => boolean): boolean => {
      const index = shown.findIndex(isSame);
      if (index >= 0) shown.splice(index, 1);
      return index >= 0;
    };
    const unmatched = finals.filter((raw) => {
      const mark = markOf(raw);
      return !take((other) => isSameItem(mark, other));
    });
    return unmatched.filter((raw) => !take((other) => other.type === markOf(raw).type));
  }

  /** An item is there: what was kept of its pieces is of no further use, also where its ids do not agree. */
  #settle(mark: ItemMark, key: string | undefined): void {
    if (key !== undefined && this.#begun.delete(key)) return;
    for (const [other, { raw }] of this.#begun) {
      if (raw["type"] !== mark.type) continue;
      this.#begun.delete(other);
      return;
    }
  }
}

/** The id of an item, or its place where it has none: the places that servers write do not always agree. */
function keyOf(id: JsonValue | undefined, event: JsonObject): string {
  if (typeof id === "string" && id !== "") return id;
  const index = event["output_index"];
  return typeof index === "number" ? `#${index}` : "#";
}

function markOf(raw: JsonValue | undefined): ItemMark {
  const member = (name: string): string | undefined => {
    const value = isJsonObject(raw) ? raw[name] : undefined;
    return typeof value === "string" && value !== "" ? value : undefined;
  };
  const type = member("type") ?? "";
  const text = type === "message" && isJsonObject(raw) ? contentText(raw["content"]) : undefined;
  return { type, id: member("id"), callId: member("call_id"), text };
}

function contentText(content: JsonValue | undefined): string {
  if (!Array.isArray(content)) return typeof content === "string" ? content : "";
  return (content as readonly JsonValue[])
    .map((part) => (isJsonObject(part) && typeof part["text"] === "string" ? part["text"] : ""))
    .join("");
}

function isSameItem(left: ItemMark, right: ItemMark): boolean {
  if (left.type !== right.type) return false;
  if (left.callId !== undefined && left.callId === right.callId) return true;
  return left.id !== undefined && left.id === right.id;
}

/** An item of which only the pieces came; `undefined` when it was empty. */
function assembled(raw: JsonObject, text: string): ResponseEvent | undefined {
  const type = typeof raw["type"] === "string" ? raw["type"] : "unknown";
  if (text.length > MAX_TEXT_CHARACTERS) {
    return dropped({ itemType: type, problem: "it never ended, and its pieces are too long" });
  }
  if (type === "message") {
    const content = text === "" ? raw["content"] : [{ type: "output_text", text }];
    const isEmpty = content === undefined || (Array.isArray(content) && content.length === 0);
    return isEmpty ? undefined : doneOrDropped({ ...raw, content });
  }
  const member = MEMBER_OF_PIECES.get(type);
  const whole = member !== undefined && text === "" ? raw[member] : text;
  const isCall = typeof raw["name"] === "string" && typeof whole === "string" && whole !== "";
  return member !== undefined && isCall
    ? doneOrDropped({ ...raw, [member]: whole })
    : dropped({ itemType: type, problem: "it began and never ended" });
}

/** The member of each kind of call that its pieces add up to. */
const MEMBER_OF_PIECES: ReadonlyMap<string, string> = new Map([
  ["function_call", "arguments"],
  ["custom_tool_call", "input"],
]);

function doneOrDropped(raw: JsonObject): ResponseEvent {
  const read = readOutputItem(raw);
  return isUnreadable(read) ? dropped(read) : { type: "outputItemDone", item: read };
}

function dropped({ itemType, problem }: UnreadableItem): ResponseEvent {
  return { type: "unreadableItem", itemType, problem };
}
