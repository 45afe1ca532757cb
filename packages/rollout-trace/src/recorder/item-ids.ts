import type { ResponseItem } from "@codex-ts/protocol";

/** Prefixes of ids made here, by item type; the same families as the server's. */
const ID_PREFIXES: Readonly<Record<string, string>> = {
  message: "msg",
  reasoning: "rs",
  function_call: "fc",
  custom_tool_call: "ctc",
};

/**
 * Ids of items inside one bundle. A schema 2 reducer joins an item of a response with the moment it entered history by
 * an id, and requests in the shape of 0.140 carry none: so an item keeps the id its server gave it, and one without
 * gets an id that is seen nowhere but in the trace. Remembered by object identity, without keeping the object alive;
 * a copy of an item is recognised by its server's id.
 */
export class ItemIds {
  readonly #ids = new WeakMap<ResponseItem, string>();
  readonly #serverIds = new Set<string>();
  readonly #randomUuid: () => string;

  constructor(randomUuid: () => string) {
    this.#randomUuid = randomUuid;
  }

  /** The id of an item that a model produced; the same on every call for the same object. */
  assign(item: ResponseItem): string {
    const known = this.#ids.get(item);
    if (known !== undefined) return known;
    const serverId = ownId(item);
    if (serverId !== undefined) this.#serverIds.add(serverId);
    const id = serverId ?? `${ID_PREFIXES[item.type] ?? "item"}_${this.#randomUuid()}`;
    this.#ids.set(item, id);
    return id;
  }

  /** The id given by {@link assign}; `undefined` for an item that never went through it, such as user input. */
  find(item: ResponseItem): string | undefined {
    const known = this.#ids.get(item);
    if (known !== undefined) return known;
    const id = ownId(item);
    return id !== undefined && this.#serverIds.has(id) ? id : undefined;
  }
}

/** The id an item carries itself; empty text counts as none. */
export function ownId(item: ResponseItem): string | undefined {
  const id = "id" in item ? item.id : undefined;
  return typeof id === "string" && id !== "" ? id : undefined;
}
