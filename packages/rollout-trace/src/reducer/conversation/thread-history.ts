import type { Item, ThreadItems } from "./item.ts";
import { ItemList } from "./item-list.ts";

/** Everything the reducer remembers about one thread besides its public record. */
export interface ThreadHistory extends ThreadItems {
  /** The items the model last saw or produced. */
  snapshot: ItemList;
  /** History installed by a compaction, waiting for the next full request. */
  pendingReplacement: ItemList | undefined;
  /** Schema 2: items that came with their acceptance and that no list has shown yet, by id. */
  readonly unseenItems: Map<string, Item>;
  /** Schema 2: the call whose response may extend the snapshot. */
  latestInference: string | undefined;
  /** Code cell id of each runtime id. */
  readonly cellOfRuntimeId: Map<string, string>;
  /** Schema 2: terminal session of each process id. */
  readonly sessionOfProcess: Map<string, string>;
  /** Inference calls by response id, in order of arrival. */
  readonly callsOfResponseId: Map<string, Set<string>>;
}

export function createThreadHistory(threadId: string): ThreadHistory {
  return {
    threadId,
    snapshot: ItemList.empty(),
    pendingReplacement: undefined,
    unseenItems: new Map(),
    latestInference: undefined,
    items: [],
    conversation: new Set(),
    itemsByCallId: new Map(),
    itemsByResponsesId: new Map(),
    itemsByContent: new Map(),
    acceptances: new Map(),
    cellOfRuntimeId: new Map(),
    sessionOfProcess: new Map(),
    callsOfResponseId: new Map(),
  };
}

/** Appends to the list of a key, making it when it is the first. */
export function addToList<Key, Value>(map: Map<Key, Value[]>, key: Key, value: Value): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [value]);
  else list.push(value);
}
