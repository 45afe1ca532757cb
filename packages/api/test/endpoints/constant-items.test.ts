import { expect, test } from "vitest";
import { keepItemText } from "../../src/endpoints/constant-items.ts";
import { serializeResponsesRequest } from "../../src/endpoints/responses-body.ts";
import { DEFAULT_REQUEST_FORMAT } from "../../src/endpoints/request-format.ts";

/** An item that counts how often it is made into text. */
function countedItem(text: string): { readonly item: object; readonly times: () => number } {
  let times = 0;
  const item = {
    type: "message",
    role: "user",
    get content() {
      times += 1;
      return [{ type: "input_text", text }];
    },
  };
  return { item, times: () => times };
}

function written(input: readonly object[]): string {
  const request = {
    model: "gpt-mock",
    instructions: "",
    input: input as never,
    tools: [],
    tool_choice: "auto",
    parallel_tool_calls: true,
    reasoning: null,
    store: false,
    stream: true,
    include: [],
    prompt_cache_key: 'a "key"',
    client_metadata: { thread_id: "ünï" },
  } as const;
  const format = { ...DEFAULT_REQUEST_FORMAT, itemIds: "keep" } as const;
  return Buffer.from(serializeResponsesRequest(request, { azure: false, format })).toString();
}

test("[api/X4] an item that is promised never to change is made into text once, others each time", () => {
  const kept = countedItem("ünï 😀");
  const other = countedItem("two");
  keepItemText(kept.item);
  const first = written([kept.item, other.item]);
  expect(written([kept.item, other.item])).toBe(first);
  expect(kept.times()).toBe(1);
  expect(other.times()).toBe(2);
  expect(JSON.parse(first)).toMatchObject({
    input: [{ content: [{ text: "ünï 😀" }] }, { content: [{ text: "two" }] }],
    client_metadata: { thread_id: "ünï" },
  });
  expect(Object.keys(JSON.parse(first) as object)).not.toContain("instructions");
});

test("[api/X4] a request without items has an empty list", () => {
  expect(written([])).toContain('"input":[],');
});
