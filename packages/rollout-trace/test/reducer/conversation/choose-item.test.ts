import { describe, expect, test } from "vitest";
import type { ConversationItem } from "../../../src/model/conversation.ts";
import { BaseHistory, firstUnusedMatch } from "../../../src/reducer/conversation/choose-item.ts";
import { contentKeysOfIncoming } from "../../../src/reducer/conversation/content-key.ts";
import { fileUnderContent } from "../../../src/reducer/conversation/create-item.ts";
import type { Draft } from "../../../src/reducer/draft.ts";
import type { Item } from "../../../src/reducer/conversation/item.ts";
import { ItemList } from "../../../src/reducer/conversation/item-list.ts";
import type { NormalizedItem } from "../../../src/reducer/normalize/normalized-item.ts";
import { createThreadHistory } from "../../../src/reducer/conversation/thread-history.ts";
import type { ThreadHistory } from "../../../src/reducer/conversation/thread-history.ts";
import { UsedItems } from "../../../src/reducer/conversation/used-items.ts";

const INCOMING: NormalizedItem = {
  role: "user",
  channel: null,
  kind: "message",
  parts: [{ type: "text", text: "again" }],
  callId: null,
  responsesId: undefined,
  agentMessage: undefined,
};

/** A history of equal items, newest first, that counts how often one is looked at. */
function equalItems(count: number): {
  base: BaseHistory;
  history: ThreadHistory;
  items: Item[];
  used: UsedItems;
  looks: () => number;
} {
  const history = createThreadHistory("thread");
  let looks = 0;
  const items = Array.from({ length: count }, (_, number): Item => {
    const record = { ...INCOMING, call_id: null, body: { parts: INCOMING.parts } };
    // Some list used it before.
    let usedInList = -1;
    const item: Item = {
      number,
      place: number,
      record: record as unknown as Draft<ConversationItem>,
      siblings: history,
      get usedInList() {
        looks += 1;
        return usedInList;
      },
      set usedInList(serial) {
        usedInList = serial;
      },
      responseCalls: undefined,
      hasPendingLinks: false,
      hasNewBody: false,
    };
    fileUnderContent(item);
    return item;
  }).toReversed();
  const list = ItemList.empty().append(items);
  return {
    base: new BaseHistory(list),
    history,
    items,
    used: new UsedItems(1, list),
    looks: () => looks,
  };
}

describe("the first unused item that matches", () => {
  test("is the first in the history, not the first that was made", () => {
    const { base, history, items, used } = equalItems(5);
    for (const expected of items) {
      const found = firstUnusedMatch(base, history, INCOMING, used);
      expect(found).toBe(expected);
      used.add(expected);
    }
  });

  test("of many equal ones is found without looking at all of them each time", () => {
    const { base, history, items, used, looks } = equalItems(200);
    for (const item of items) {
      expect(firstUnusedMatch(base, history, INCOMING, used)).toBe(item);
      used.add(item);
    }
    expect(looks()).toBeLessThanOrEqual(4 * items.length);
  });

  test("comes behind a beginning that is used as a whole", () => {
    const { base, history, items, used } = equalItems(5);
    used.addBeginning(3);
    expect(firstUnusedMatch(base, history, INCOMING, used)).toBe(items[3]);
    expect(items.map((item) => used.has(item))).toEqual([true, true, true, false, false]);
  });

  test("is asked for without a look at a beginning that is older", () => {
    const { items, looks } = equalItems(200);
    const oldest = items.toReversed();
    const used = new UsedItems(1, ItemList.empty().append(oldest));
    used.addBeginning(150);
    expect(oldest.slice(150).map((item) => used.has(item))).not.toContain(true);
    expect(looks()).toBe(50);
  });

  test("is looked for among few, also where every item has the same call id", () => {
    const keys = Array.from({ length: 200 }, (_, index) =>
      contentKeysOfIncoming({
        ...INCOMING,
        kind: "function_call_output",
        callId: "call_0",
        parts: [{ type: "text", text: `output ${index}` }],
      }),
    );
    expect(new Set(keys.flat()).size).toBe(200);
  });
});
