import { describe, expect, test } from "vitest";
import { TurnState } from "@codex-ts/api";
import type { ResponseEvent } from "@codex-ts/protocol";
import {
  created,
  hang,
  rawEvent,
  startResponsesServer,
  textDelta,
} from "@codex-ts/responses-server";
import { clientAt, outcomeOf, request } from "../support/client.ts";
import type { Outcome } from "../support/client.ts";
import { completedEvent, decodeChunks, delta, sse } from "../support/decode.ts";
import { holdTimers } from "../support/held-timers.ts";

async function decode(...events: readonly object[]): Promise<Outcome> {
  return decodeChunks([Buffer.from(events.map(sse).join(""))]);
}

/** What one event gives. */
async function eventsFor(...events: readonly object[]): Promise<readonly ResponseEvent[]> {
  const outcome = await decode(...events, completedEvent);
  return outcome.events.slice(0, -1);
}

/** The same of a response that goes on: nothing is made up for what it has not shown yet. */
async function eventsBeforeEnd(...events: readonly object[]): Promise<readonly ResponseEvent[]> {
  return (await decode(...events)).events;
}

const message = {
  type: "message",
  id: "msg_1",
  role: "assistant",
  content: [{ type: "output_text", text: "hi" }],
};

describe("[api/E1] each event, complete and with a needed member missing", () => {
  test.each<[object, ResponseEvent, readonly string[]]>([
    [{ type: "response.created", response: {} }, { type: "created" }, ["response"]],
    [
      { type: "response.output_item.added", item: message },
      { type: "outputItemAdded", item: message as never },
      ["item"],
    ],
    [
      { type: "response.output_item.done", item: message },
      { type: "outputItemDone", item: message as never },
      ["item"],
    ],
    [delta("hi"), { type: "outputTextDelta", delta: "hi" }, ["delta"]],
    [
      { type: "response.custom_tool_call_input.delta", item_id: "i", call_id: "c", delta: "d" },
      { type: "toolCallInputDelta", itemId: "i", callId: "c", delta: "d" },
      ["delta"],
    ],
    [
      { type: "response.custom_tool_call_input.delta", item_id: "i", delta: "d" },
      { type: "toolCallInputDelta", itemId: "i", callId: null, delta: "d" },
      ["delta", "item_id"],
    ],
    [
      { type: "response.reasoning_summary_text.delta", delta: "d", summary_index: 0 },
      { type: "reasoningSummaryDelta", delta: "d", summaryIndex: 0 },
      ["delta", "summary_index"],
    ],
    [
      { type: "response.reasoning_text.delta", delta: "d", content_index: 2 },
      { type: "reasoningContentDelta", delta: "d", contentIndex: 2 },
      ["delta", "content_index"],
    ],
    [
      { type: "response.reasoning_summary_part.added", summary_index: 1 },
      { type: "reasoningSummaryPartAdded", summaryIndex: 1 },
      ["summary_index"],
    ],
  ])("%j", async (event, expected, needed) => {
    expect(await eventsBeforeEnd(event)).toEqual([expected]);
    for (const member of needed) {
      expect(await eventsBeforeEnd({ ...event, [member]: undefined })).toEqual([]);
      expect(await eventsBeforeEnd({ ...event, [member]: null })).toEqual([]);
    }
  });
});

test("[api/E2] a custom tool delta with only a call id has it as its item id", async () => {
  const event = { type: "response.custom_tool_call_input.delta", call_id: "c", delta: "d" };
  expect(await eventsFor(event)).toEqual([
    { type: "toolCallInputDelta", itemId: "c", callId: "c", delta: "d" },
  ]);
});

test.each([
  "response.in_progress",
  "response.queued",
  "response.output_text.done",
  "response.content_part.added",
  "response.content_part.done",
  "response.function_call_arguments.delta",
  "response.function_call_arguments.done",
  "response.custom_tool_call_input.done",
  "response.reasoning_summary_text.done",
  "response.reasoning_summary_part.done",
  "error",
  "codex.rate_limits",
])("[api/E3] %s gives nothing", async (type) => {
  expect(await eventsFor({ type, delta: "x", response: {} })).toEqual([]);
});

test("[api/E3] an event of an unknown type does no harm and reaches the consumer as it came", async () => {
  const event = { type: "response.future", delta: "x", nested: { a: [1] } };
  expect(await eventsFor(event)).toEqual([{ type: "other", raw: event }]);
});

test("[api/E4] an item of an unknown type is delivered raw, one that lacks a member is named at the end", async () => {
  const future = { type: "future_item", id: "f_1", payload: [1] };
  const events = await eventsFor(
    { type: "response.output_item.done", item: future },
    { type: "response.output_item.done", item: { type: "compaction" } },
    { type: "response.output_item.done", item: { role: "assistant", content: [] } },
    { type: "response.output_item.done", item: "message" },
  );
  expect(events).toEqual([
    { type: "outputItemDone", item: { type: "other", raw: future } },
    { type: "unreadableItem", itemType: "compaction", problem: "it has no encrypted_content" },
    { type: "unreadableItem", itemType: "unknown", problem: "it has no type" },
    { type: "unreadableItem", itemType: "unknown", problem: "it is no object" },
  ]);
});

function createdWith(headers: unknown): object {
  return { type: "response.created", response: { headers } };
}

function models(events: readonly ResponseEvent[]): string[] {
  return events.flatMap((event) => (event.type === "serverModel" ? event.model : []));
}

describe("the model a server names inside events", () => {
  test("[api/E5] is reported before its event, and only when it changes", async () => {
    const a = createdWith({ "OpenAI-Model": "a" });
    const events = await eventsFor(a, a, createdWith({ "OpenAI-Model": "b" }), a);
    expect(models(events)).toEqual(["a", "b", "a"]);
    expect(events.slice(0, 3).map((event) => event.type)).toEqual([
      "serverModel",
      "created",
      "created",
    ]);
  });

  test("[api/E5] is reported although the response header said the same", async () => {
    await using server = await startResponsesServer({
      script: [
        {
          headers: { "openai-model": "a" },
          events: [
            rawEvent(createdWith({ "openai-model": "a" }) as never),
            rawEvent(completedEvent),
          ],
        },
      ],
    });
    const { events } = await outcomeOf(await clientAt(server.url).stream(request()));
    expect(models(events)).toEqual(["a", "a"]);
  });

  test.each([
    [{ "x-openai-model": "a" }],
    [{ "OPENAI-MODEL": ["a", "b"] }],
    [{ "X-OpenAI-Model": [["a"], "b"] }],
    [{ "x-openai-model": 5, "openai-model": "a" }],
  ])("[api/E6] %j works", async (headers) => {
    expect(models(await eventsFor(createdWith(headers)))).toEqual(["a"]);
  });

  test("[api/E6] deeply nested arrays do no harm", async () => {
    const depth = 2000;
    const nested = JSON.parse(`${"[".repeat(depth)}"a"${"]".repeat(depth)}`) as unknown;
    expect(models(await eventsFor(createdWith({ "openai-model": nested })))).toEqual(["a"]);
  });

  test("[api/E7] response.model is not looked at", async () => {
    expect(models(await eventsFor({ type: "response.created", response: { model: "z" } }))).toEqual(
      [],
    );
  });

  test("[api/E8] headers of the response win over those of the event", async () => {
    const both = {
      type: "response.created",
      headers: { "openai-model": "outer" },
      response: { headers: { "openai-model": "inner" } },
    };
    const outer = { ...delta("x"), headers: { "openai-model": "outer" } };
    expect(models(await eventsFor(both, outer))).toEqual(["inner", "outer"]);
  });
});

describe("response.metadata", () => {
  test.each([
    [["trusted_access_for_cyber"], ["trusted_access_for_cyber"]],
    [["trusted_access_for_cyber", "x", "trusted_access_for_cyber"], ["trusted_access_for_cyber"]],
    [["x", 5, null], undefined],
    ["trusted_access_for_cyber", undefined],
    [[], undefined],
  ])("[api/E9] a recommendation of %j gives %j", async (recommendation, verifications) => {
    const events = await eventsFor({
      type: "response.metadata",
      metadata: { openai_verification_recommendation: recommendation },
    });
    expect(events).toEqual(
      verifications === undefined ? [] : [{ type: "modelVerifications", verifications }],
    );
  });

  test.each([[{ flagged: true }], ["text"], [null], [[1, { a: 2 }]]])(
    "[api/E10] moderation metadata %j arrives verbatim, after what stands before it",
    async (metadata) => {
      const events = await eventsFor({
        type: "response.metadata",
        headers: { "openai-model": "m" },
        metadata: {
          openai_chatgpt_moderation_metadata: metadata,
          openai_verification_recommendation: ["trusted_access_for_cyber"],
        },
      });
      expect(events).toEqual([
        { type: "serverModel", model: "m" },
        { type: "modelVerifications", verifications: ["trusted_access_for_cyber"] },
        { type: "turnModerationMetadata", metadata },
      ]);
    },
  );

  test("fills an empty turn state", async () => {
    await using server = await startResponsesServer({
      script: [
        {
          events: [
            rawEvent({ type: "response.metadata", headers: { "X-Codex-Turn-State": ["ts-0"] } }),
            rawEvent({ type: "response.metadata", headers: { "X-Codex-Turn-State": "ts-1" } }),
            rawEvent(completedEvent),
          ],
        },
      ],
    });
    const turnState = new TurnState();
    await outcomeOf(await clientAt(server.url).stream(request(), { turnState }));
    expect(turnState.value).toBe("ts-0");
  });
});

describe("response.completed", () => {
  const counts = { input_tokens: 10, output_tokens: 5, total_tokens: 15 };
  const usage = {
    input_tokens: 10,
    cached_input_tokens: 0,
    output_tokens: 5,
    reasoning_output_tokens: 0,
    total_tokens: 15,
  };

  test.each([
    ["no usage", undefined, null],
    ["null usage", null, null],
    ["no details", counts, usage],
    ["null details", { ...counts, input_tokens_details: null, output_tokens_details: null }, usage],
    [
      "full usage and unknown members",
      {
        ...counts,
        input_tokens_details: { cached_tokens: 4, cache_write_tokens: 2, future: 1 },
        output_tokens_details: { reasoning_tokens: 3 },
        future: {},
      },
      { ...usage, cached_input_tokens: 4, cache_write_input_tokens: 2, reasoning_output_tokens: 3 },
    ],
  ])("[api/E11] with %s", async (_name, wire, tokenUsage) => {
    const outcome = await decode({
      type: "response.completed",
      response: { id: "resp_1", usage: wire },
    });
    expect(outcome).toEqual({
      events: [{ type: "completed", responseId: "resp_1", tokenUsage, endTurn: null }],
      error: undefined,
    });
  });

  test.each([true, false])("carries end_turn %s", async (endTurn) => {
    const event = { type: "response.completed", response: { id: "r", end_turn: endTurn } };
    expect((await decode(event)).events).toMatchObject([{ endTurn }]);
  });

  test.each([
    [{ usage: null }, "missing field id"],
    [{ id: 5 }, "id is not a string"],
    ["text", "response is not an object"],
  ])("[api/E12] a response of %j is a parse error", async (response, reason) => {
    const { error } = await decode({ type: "response.completed", response });
    expect(error).toMatchObject({ code: "stream", reason: "unparsable_completion" });
    expect(error?.message).toMatch(/^failed to parse ResponseCompleted: /);
    expect(error?.message).toContain(reason);
  });

  test.each<[unknown, unknown]>([
    [{ input_tokens: 10, output_tokens: 5 }, usage],
    [{ input_tokens: 10, total_tokens: 15, output_tokens: null }, usage],
    [{ input_tokens: null, output_tokens: 5, total_tokens: 15 }, usage],
    [{ ...counts, input_tokens_details: { cached_tokens: null } }, usage],
    [{ ...counts, output_tokens_details: [] }, usage],
    [{ ...counts, total_tokens: "15" }, usage],
    [{ input_tokens: null, output_tokens: null, total_tokens: null }, null],
    [{}, null],
    [[], null],
    ["none", null],
  ])(
    "[api/E16] a whole answer does not fail for the usage %j, under either policy",
    async (wire, tokenUsage) => {
      for (const policy of ["0.169", "0.140"] as const) {
        const event = { type: "response.completed", response: { id: "r", usage: wire } };
        const outcome = await decodeChunks([Buffer.from(sse(event))], { policy });
        expect(outcome.error).toBeUndefined();
        expect(outcome.events).toEqual([
          { type: "completed", responseId: "r", tokenUsage, endTurn: null },
        ]);
      }
    },
  );

  test("[api/E16] nor for an end_turn that is no boolean", async () => {
    const event = { type: "response.completed", response: { id: "r", end_turn: "no" } };
    expect((await decode(event)).events).toMatchObject([{ type: "completed", endTurn: null }]);
  });

  test.each([[{}], [{ response: null }]])(
    "[api/E12] without a response it is ignored: %j",
    async (members) => {
      const { error } = await decode({ type: "response.completed", ...members });
      expect(error).toMatchObject({ reason: "closed_early" });
    },
  );

  test("[api/E13] ends the stream at once though the connection stays open", async () => {
    await using server = await startResponsesServer({
      script: [{ events: [created(), rawEvent(completedEvent), hang()] }],
    });
    using time = holdTimers();
    const { error } = await outcomeOf(await clientAt(server.url).stream(request()));
    expect(error).toBeUndefined();
    // For a moment, because the end is usually there already and the connection can then be used again.
    await time.advance(100);
    await server.waitFor(() => server.exchanges[0]?.clientGone);
  });

  test("[api/E14] nothing is delivered after it", async () => {
    await using server = await startResponsesServer({
      script: [{ events: [rawEvent(completedEvent), textDelta("late"), rawEvent(completedEvent)] }],
    });
    const { events } = await outcomeOf(await clientAt(server.url).stream(request()));
    expect(events.at(-1)?.type).toBe("completed");
    expect(events.filter((event) => event.type !== "rateLimits")).toHaveLength(1);
  });
});

test("[api/E15] two items with one id are both delivered", async () => {
  const done = { type: "response.output_item.done", item: message };
  expect(await eventsFor(done, done)).toHaveLength(2);
});
