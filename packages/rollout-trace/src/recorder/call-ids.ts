import { isJsonObject, type JsonObject, type ResponseItem } from "@codex-ts/protocol";

/** Member of a recorded item whose call id was given before: the id its server gave it. */
const SERVER_CALL_ID = "server_call_id";

/**
 * Call ids inside one bundle. A reducer takes a call id for the name of one call, and refuses the bundle when it comes
 * back with something else; servers do give an id twice. So the first call keeps its id, later ones are recorded under
 * an id of their own (`call_1~2`), with the server's beside it, in every payload in which they appear.
 *
 * Items of responses are distinguished by object identity, items of requests by their place among those that entered
 * the history of their thread under the same id. Nothing changes as long as no id comes twice.
 */
export class CallIds {
  readonly #given = new Set<string>();
  /** How often each id of the server was given out. */
  readonly #uses = new Map<string, number>();
  readonly #ofItem = new WeakMap<ResponseItem, string>();
  /** `<kind> <id>` of the outputs so far: an id has one output of a kind. */
  readonly #answered = new Set<string>();
  /**
   * The items that entered the history of a thread, by group. Nearly always it is one, under the id of its server: then the
   * id of the thread alone, as this grows with the life of the bundle.
   */
  readonly #accepted = new Map<string, string | AcceptedItem[]>();
  /** Ids of outputs that only requests have, by `<kind> <id of the call>`. */
  readonly #missingOutputs = new Map<string, string>();
  /** Items of requests that were looked at: requests repeat them, often as the same objects. */
  readonly #noted = new WeakSet<object>();
  #hasOwnIds = false;

  /** The id of an item of a response; `undefined` for one without a call id. */
  ofResponseItem(item: ResponseItem): string | undefined {
    const serverId = callIdOf(item);
    if (serverId === undefined) return undefined;
    const known = this.#ofItem.get(item);
    if (known !== undefined) return known;
    return this.#name(item, serverId, serverId);
  }

  /** An item entered history; `toolCallId` is the recorded id of the call it belongs to. */
  accept(threadId: string, item: ResponseItem, toolCallId: string | undefined): void {
    const serverId = callIdOf(item);
    if (serverId === undefined) return;
    const id = this.#ofItem.get(item) ?? this.#name(item, serverId, toolCallId ?? serverId);
    const group = groupOf(item);
    const before = this.#accepted.get(group);
    if (before === undefined && id === serverId) this.#accepted.set(group, threadId);
    else if (typeof before === "object") before.push({ threadId, id });
    else this.#accepted.set(group, [...this.#acceptedOf(group, serverId), { threadId, id }]);
  }

  /** In the order in which they were accepted. */
  #acceptedOf(group: string, serverId: string): readonly AcceptedItem[] {
    const accepted = this.#accepted.get(group) ?? [];
    return typeof accepted === "string" ? [{ threadId: accepted, id: serverId }] : accepted;
  }

  /** An item as payloads hold it, under its id in this bundle. */
  rename(json: JsonObject, item: ResponseItem): JsonObject {
    return withCallId(json, this.#ofItem.get(item));
  }

  /**
   * The input of a request, its items under their ids in this bundle. A request shows the newest items of its thread:
   * all of them, or what came since the response it continues.
   */
  renameInput(threadId: string, input: readonly unknown[]): readonly unknown[] {
    if (!this.#hasOwnIds) {
      // The usual case: nothing to rename, but what answers a call must be known when something else claims to.
      for (const item of input) this.#note(item);
      return input;
    }
    const sizes = new Map<string, number>();
    for (const item of input) if (isCallItem(item)) count(sizes, groupOf(item));
    const places = new Map<string, number>();
    const ofThread = new Map<string, readonly AcceptedItem[]>();
    let previous: { readonly serverId: string; readonly id: string } | undefined;
    const ids = input.map((item) => {
      if (!isCallItem(item)) {
        previous = undefined;
        return undefined;
      }
      const serverId = item.call_id;
      const group = groupOf(item);
      const place = count(places, group) - 1;
      const accepted = this.#acceptedOf(group, serverId);
      const own = ofThread.get(group) ?? accepted.filter((each) => each.threadId === threadId);
      ofThread.set(group, own);
      const id =
        own.at(place - (sizes.get(group) ?? 0))?.id ??
        // What a thread began with entered the history of another one.
        accepted.at(place)?.id ??
        this.#unaccepted(item, previous?.serverId === serverId ? previous.id : serverId);
      previous = { serverId, id };
      return id;
    });
    return input.map((item, index) => (isJsonObject(item) ? withCallId(item, ids[index]) : item));
  }

  #note(item: unknown): void {
    if (typeof item !== "object" || item === null || this.#noted.has(item)) return;
    this.#noted.add(item);
    if (isCallItem(item)) this.#noteOutput(item);
  }

  #noteOutput({ type, call_id: callId }: CallItem): void {
    const kind = outputKind(type);
    if (kind === undefined || this.#answered.has(`${kind} ${callId}`)) return;
    this.#unaccepted({ type, call_id: callId }, callId);
  }

  /** An output that entered no history: a request has one for each call without, right after the call. */
  #unaccepted({ type, call_id: serverId }: CallItem, callId: string): string {
    const kind = outputKind(type);
    if (kind === undefined) return serverId;
    const key = `${kind} ${callId}`;
    const known = this.#missingOutputs.get(key);
    if (known !== undefined) return known;
    const id = this.#answered.has(key) ? this.#assign(callId) : callId;
    this.#given.add(id);
    this.#answered.add(`${kind} ${id}`);
    this.#missingOutputs.set(key, id);
    return id;
  }

  #assign(serverId: string): string {
    let uses = this.#uses.get(serverId) ?? 0;
    let id: string;
    do {
      uses += 1;
      id = uses === 1 ? serverId : `${serverId}~${uses}`;
    } while (this.#given.has(id));
    this.#uses.set(serverId, uses);
    this.#given.add(id);
    if (id !== serverId) this.#hasOwnIds = true;
    return id;
  }

  /** An output has the wanted id, that of its call, unless the call had an output before; a call has one nobody has. */
  #name(item: ResponseItem, serverId: string, wanted: string): string {
    const kind = outputKind(item.type);
    const isFree = kind !== undefined && !this.#answered.has(`${kind} ${wanted}`);
    const id = isFree ? wanted : this.#assign(serverId);
    // Also the id of an output without a call: a call of that id would seem to be answered by it.
    this.#given.add(id);
    if (kind !== undefined) this.#answered.add(`${kind} ${id}`);
    this.#ofItem.set(item, id);
    return id;
  }
}

/** An item that entered the history of a thread, by its id in the bundle. */
interface AcceptedItem {
  readonly threadId: string;
  readonly id: string;
}

/** The item under another call id, with the server's beside it. */
export function withCallId(json: JsonObject, id: string | undefined): JsonObject {
  const serverId = json["call_id"];
  if (id === undefined || typeof serverId !== "string" || serverId === id) return json;
  return { ...json, call_id: id, [SERVER_CALL_ID]: serverId };
}

function callIdOf(item: ResponseItem): string | undefined {
  return "call_id" in item && typeof item.call_id === "string" ? item.call_id : undefined;
}

/** Kind of an output in reduced traces; `undefined` for a call. */
function outputKind(type: string): string | undefined {
  if (type === "custom_tool_call_output") return type;
  return type.endsWith("_output") ? "function_call_output" : undefined;
}

/** An item with a call id, of a response or a request. */
interface CallItem {
  readonly type: string;
  readonly call_id: string;
  readonly execution?: unknown;
}

function isCallItem(json: unknown): json is JsonObject & CallItem {
  return (
    isJsonObject(json) && typeof json["call_id"] === "string" && typeof json["type"] === "string"
  );
}

/** Items of one group are all in a request or none of them is: outputs without a call stay out, unless of a server. */
function groupOf(item: ResponseItem | CallItem): string {
  const execution = "execution" in item ? String(item.execution) : "";
  return `${item.type} ${execution} ${"call_id" in item ? item.call_id : ""}`;
}

function count(counts: Map<string, number>, key: string): number {
  const next = (counts.get(key) ?? 0) + 1;
  counts.set(key, next);
  return next;
}
