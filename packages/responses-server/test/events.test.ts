import {
  completed,
  created,
  customToolCall,
  customToolCallInputDelta,
  failed,
  functionCall,
  incomplete,
  inProgress,
  itemDone,
  message,
  metadata,
  rateLimits,
  rawEvent,
  reasoning,
  reasoningTextDelta,
  startResponsesServer,
  streamedCustomToolCall,
  streamedFunctionCall,
  streamedMessage,
  streamedReasoning,
  textDelta,
  wrappedError,
} from "@codex-ts/responses-server";
import type { Step } from "@codex-ts/responses-server";
import { expect, test } from "vitest";
import { postForEvents } from "./support/post.ts";

/** What a client receives for these steps, as the only request of a server. */
async function sent(...events: (Step | readonly Step[])[]): Promise<Record<string, unknown>[]> {
  await using server = await startResponsesServer({ script: [{ events }] });
  return await postForEvents(server);
}

function idsOf(events: readonly Record<string, unknown>[]): string[] {
  return events
    .map((event) => (event["response"] ?? event["item"]) as { readonly id: string })
    .map(({ id }) => id);
}

test("numbers events, items and ids that the script leaves out", async () => {
  const events = await sent(
    created(),
    streamedReasoning({ summary: ["thinking"] }),
    streamedMessage(["hel", "lo"]),
    streamedFunctionCall("f", { a: 1 }, "call_1"),
    streamedCustomToolCall("apply", "patch", "call_2"),
    completed(),
  );
  expect(events.map((event) => event["sequence_number"])).toEqual(events.map((_, index) => index));
  const places = events
    .filter((event) => "output_index" in event)
    .map((event) => {
      const item = event["item"] as { readonly id: string } | undefined;
      return [event["output_index"], event["item_id"] ?? item?.id];
    });
  expect(new Set(places.map((place) => JSON.stringify(place)))).toEqual(
    new Set(['[0,"rs_1_1"]', '[1,"msg_1_2"]', '[2,"fc_call_1"]', '[3,"ctc_call_2"]']),
  );
  const last = events.at(-1) as { response: { id: string; output: { type: string }[] } };
  expect(last.response.id).toBe("resp_1");
  expect(last.response.output.map(({ type }) => type)).toEqual([
    "reasoning",
    "message",
    "function_call",
    "custom_tool_call",
  ]);
});

test("ids differ between the requests of one server", async () => {
  const events = [created(), message("x"), completed()];
  await using server = await startResponsesServer({ script: [{ events, repeat: 2 }] });
  const first = await postForEvents(server);
  const second = await postForEvents(server);
  expect(idsOf(first)).toEqual(["resp_1", "msg_1_1", "resp_1"]);
  expect(idsOf(second)).toEqual(["resp_2", "msg_2_1", "resp_2"]);
});

test("keeps what the script says", async () => {
  const events = await sent(
    created("resp_own"),
    textDelta("x", "msg_own"),
    {
      type: "response.output_item.done",
      item: { type: "compaction", id: "cmp_own", encrypted_content: "" },
      sequence_number: 77,
    },
    completed({ responseId: "resp_other", output: [], endTurn: false }),
  );
  expect(events).toMatchObject([
    { response: { id: "resp_own" } },
    { item_id: "msg_own", sequence_number: 1 },
    { item: { id: "cmp_own" }, sequence_number: 77 },
    { response: { id: "resp_other", output: [], end_turn: false } },
  ]);
});

test("a final event takes the id of created", async () => {
  for (const final of [
    completed(),
    failed({ code: "c", message: "m" }),
    incomplete("max_output_tokens"),
  ]) {
    expect((await sent(created("resp_x"), inProgress(), final)).at(-1)).toMatchObject({
      response: { id: "resp_x" },
    });
  }
});

test("raw events and events outside of a response pass untouched", async () => {
  const untouched = [
    { type: "response.completed", response: {} },
    { type: "response.output_text.delta", delta: 5 },
    { no: "type" },
    { type: "error", status: 429, error: { code: "c", message: "m" }, headers: { a: 1 } },
    { type: "codex.rate_limits", plan_type: "plus", rate_limits: {} },
  ];
  const events = await sent(
    ...untouched.slice(0, 3).map((event) => rawEvent(event)),
    wrappedError({ status: 429, code: "c", message: "m", headers: { a: 1 } }),
    rateLimits({ planType: "plus" }),
  );
  expect(events).toEqual(untouched);
});

test("gives items the shape of the API", async () => {
  const items = await sent(
    message("hi", "msg_1"),
    reasoning({ summary: ["s"], content: ["c"], encryptedContent: "e", id: "rs_1" }),
    functionCall("f", '{"a":1}', "call_1"),
    customToolCall("apply", "text", "call_2"),
    itemDone({ type: "function_call_output", call_id: "call_1", output: "done" }),
  );
  expect(items.map((event) => event["item"])).toEqual([
    {
      id: "msg_1",
      type: "message",
      status: "completed",
      role: "assistant",
      content: [{ type: "output_text", text: "hi", annotations: [], logprobs: [] }],
    },
    {
      id: "rs_1",
      type: "reasoning",
      summary: [{ type: "summary_text", text: "s" }],
      content: [{ type: "reasoning_text", text: "c" }],
      encrypted_content: "e",
    },
    {
      id: "fc_call_1",
      type: "function_call",
      status: "completed",
      name: "f",
      arguments: '{"a":1}',
      call_id: "call_1",
    },
    {
      id: "ctc_call_2",
      type: "custom_tool_call",
      status: "completed",
      name: "apply",
      input: "text",
      call_id: "call_2",
    },
    { type: "function_call_output", call_id: "call_1", output: "done" },
  ]);
});

test("counts tokens in the spelling of the API", async () => {
  const [byDefault, full, none] = await sent(
    completed(),
    completed({
      usage: {
        input_tokens: 100,
        cached_input_tokens: 20,
        cache_write_input_tokens: 3,
        output_tokens: 30,
        reasoning_output_tokens: 10,
        total_tokens: 131,
      },
    }),
    completed({ usage: null }),
  );
  expect(byDefault).toMatchObject({ response: { usage: { total_tokens: 15 } } });
  expect((full as { response: { usage: unknown } }).response.usage).toEqual({
    input_tokens: 100,
    input_tokens_details: { cached_tokens: 20, cache_write_tokens: 3 },
    output_tokens: 30,
    output_tokens_details: { reasoning_tokens: 10 },
    total_tokens: 131,
  });
  expect(none).toMatchObject({ response: { usage: null } });
});

test("single deltas belong to a plausible item of their own", async () => {
  const events = await sent(
    reasoningTextDelta("r"),
    customToolCallInputDelta("c", "call_9"),
    textDelta("t"),
    metadata({ headers: { "openai-model": "m" } }),
    incomplete(),
  );
  expect(events).toMatchObject([
    { item_id: "rs_1_1", content_index: 0 },
    { item_id: "ctc_1_1", call_id: "call_9" },
    { item_id: "msg_1_1", output_index: 0 },
    { type: "response.metadata", headers: { "openai-model": "m" }, sequence_number: 3 },
    { response: { status: "incomplete", incomplete_details: null } },
  ]);
});
