import { describe, expect, test } from "vitest";
import type { ConversationItem } from "../../src/model/conversation.ts";
import { BaseHistory, firstUnusedMatch } from "../../src/reducer/choose-item.ts";
import { fileUnderContent } from "../../src/reducer/create-item.ts";
import type { Draft } from "../../src/reducer/draft.ts";
import type { Item } from "../../src/reducer/item.ts";
import { ItemList } from "../../src/reducer/item-list.ts";
import type { NormalisedItem } from "../../src/reducer/normalised-item.ts";
import { createThreadHistory } from "../../src/reducer/thread-history.ts";

const LIST = 1;

const INCOMING: NormalisedItem = {
  role: "user",
  channel: null,
  kind: "message",
  parts: [{ type: "text", text: "again" }],
  callId: null,
  responsesId: undefined,
  agentMessage: undefined,
};

/** A history of equal items, newest first, that counts how often one is looked at. */
function equalItems(count: number): { base: BaseHistory; items: Item[]; looks: () => number } {
  const history = createThreadHistory("thread");
  let looks = 0;
  const items = Array.from({ length: count }, (_, number): Item => {
    const record = { ...INCOMING, call_id: null, body: { parts: INCOMING.parts } };
    let usedInList = 0;
    const item: Item = {
      number,
      record: record as unknown as Draft<ConversationItem>,
      history,
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
  return { base: new BaseHistory(ItemList.empty().append(items)), items, looks: () => looks };
}

describe("the first unused item that matches", () => {
  test("is the first in the history, not the first that was made", () => {
    const { base, items } = equalItems(5);
    for (const expected of items) {
      const found = firstUnusedMatch(base, expected.history, INCOMING, LIST);
      expect(found).toBe(expected);
      expected.usedInList = LIST;
    }
  });

  test("of many equal ones is found without looking at all of them each time", () => {
    const { base, items, looks } = equalItems(200);
    for (const item of items) {
      expect(firstUnusedMatch(base, item.history, INCOMING, LIST)).toBe(item);
      item.usedInList = LIST;
    }
    expect(looks()).toBeLessThanOrEqual(4 * items.length);
  });
});
