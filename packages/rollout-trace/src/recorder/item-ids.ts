import { toTraceItem, type ResponseItem, type WireItemOptions } from "@codex-ts/protocol";

/** In which form requests carry the ids of items. */
export type RequestItemIds = WireItemOptions["itemIds"];

/** Prefixes of ids made here, by item type; the same families as the server's. */
const ID_PREFIXES: Readonly<Record<string, string>> = {
  message: "msg",
  reasoning: "rs",
  function_call: "fc",
  custom_tool_call: "ctc",
};

/** Which types a reducer compares as a whole, id included: such items must look the same wherever they appear. */
const IS_COMPARED_WHOLE: { readonly [type in ResponseItem["type"]]: boolean } = {
  message: false,
  agent_message: false,
  reasoning: false,
  local_shell_call: true,
  function_call: false,
  tool_search_call: true,
  function_call_output: false,
  custom_tool_call: false,
  custom_tool_call_output: false,
  tool_search_output: true,
  web_search_call: true,
  image_generation_call: true,
  compaction: false,
  compaction_trigger: false,
  context_compaction: false,
  additional_tools: false,
  other: false,
};

const TYPES_COMPARED_WHOLE: ReadonlySet<string> = new Set(
  Object.entries(IS_COMPARED_WHOLE).flatMap(([type, isWhole]) => (isWhole ? [type] : [])),
);

/** How a bundle writes an item. */
export interface RecordedForm {
  /** `undefined`: the item has no id here. */
  readonly id: string | undefined;
  /** Set for an item that is written exactly as requests have it. */
  readonly asInRequests?: RequestItemIds;
}

/**
 * Ids of items inside one bundle. A schema 2 reducer joins an item of a response with the moment it entered history by
 * an id, and requests in the shape of 0.140 carry none: so an item keeps the id its server gave it, and one without
 * gets an id that is seen nowhere but in the trace; items that are compared as a whole have the id they have in
 * requests. Remembered by object identity, without keeping the object alive; a copy of an item is recognized by its
 * server's id.
 */
export class ItemIds {
  readonly #ids = new WeakMap<ResponseItem, RecordedForm>();
  readonly #serverIds = new Set<string>();
  readonly #randomUuid: () => string;

  constructor(randomUuid: () => string) {
    this.#randomUuid = randomUuid;
  }

  /** The form of an item that a model produced; the same on every call for the same object. */
  assign(item: ResponseItem, requestItemIds: RequestItemIds): RecordedForm {
    const known = this.#ids.get(item);
    if (known !== undefined) return known;
    const recorded = this.#choose(item, requestItemIds);
    this.#ids.set(item, recorded);
    return recorded;
  }

  /** Whether a model produced the item. */
  isOfResponse(item: ResponseItem): boolean {
    return this.#ids.has(item);
  }

  /** The form given by {@link assign}; without an id for an item that never went through it, such as user input. */
  find(item: ResponseItem): RecordedForm {
    const known = this.#ids.get(item);
    if (known !== undefined) return known;
    if (isComparedWhole(item)) return formInRequests(item, "omit");
    const id = ownId(item);
    return { id: id !== undefined && this.#serverIds.has(id) ? id : undefined };
  }

  #choose(item: ResponseItem, requestItemIds: RequestItemIds): RecordedForm {
    if (isComparedWhole(item)) return formInRequests(item, requestItemIds);
    const serverId = ownId(item);
    if (serverId !== undefined) this.#serverIds.add(serverId);
    return { id: serverId ?? `${ID_PREFIXES[item.type] ?? "item"}_${this.#randomUuid()}` };
  }
}

export function isComparedWhole(item: ResponseItem): boolean {
  return TYPES_COMPARED_WHOLE.has(item.type);
}

/** Each form of request has its own kinds that keep an id. */
function formInRequests(item: ResponseItem, asInRequests: RequestItemIds): RecordedForm {
  const id = toTraceItem(item, { itemIds: asInRequests })?.["id"];
  return { id: typeof id === "string" && id !== "" ? id : undefined, asInRequests };
}

/** The id an item carries itself; empty text counts as none. */
export function ownId(item: ResponseItem): string | undefined {
  const id = "id" in item ? item.id : undefined;
  return typeof id === "string" && id !== "" ? id : undefined;
}
