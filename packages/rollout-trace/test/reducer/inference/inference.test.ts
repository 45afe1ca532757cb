import { describe, expect, test } from "vitest";
import { readUsage } from "../../../src/reducer/inference/usage.ts";
import { bundle, item, message, responseItems, THREAD } from "../support/bundle-builder.ts";
import type { BundleBuilder } from "../support/bundle-builder.ts";
import { SCHEMA_1 } from "../../../src/schema/schema-1.ts";

const usage = {
  input_tokens: 10,
  cached_input_tokens: 4,
  output_tokens: 3,
  reasoning_output_tokens: 1,
  total_tokens: 13,
};

describe.each([1, 2] as const)("inference, schema %i", (schema) => {
  test("[trace/A33] a call of an unknown turn is refused; tolerant reading keeps it", async () => {
    const builder = bundle(schema).request("a", [message("user", "x")], {}, { turn: "nobody" });
    expect(await builder.refusal()).toMatchObject({
      code: "unknown_reference",
      facts: { objectId: "nobody" },
    });
    expect((await builder.tolerant()).state.inference_calls["a"]?.request_item_ids).toHaveLength(1);
  });

  test("[trace/A34] a cancelled call keeps its partial output and its transport id", async () => {
    const state = await bundle(schema)
      .request("a", [message("user", "x")])
      .cutShort("cancelled", "a", [message("assistant", "par")], "req-1")
      .state();
    expect(state.inference_calls["a"]).toMatchObject({
      execution: { status: "cancelled" },
      upstream_request_id: "req-1",
      response_id: null,
      raw_response_payload_id: "raw_payload:2",
      usage: null,
    });
    expect(item(state, 2)).toMatchObject({
      body: { parts: [{ type: "text", text: "par" }] },
      produced_by: [{ type: "inference", inference_call_id: "a" }],
    });
  });

  test("[trace/A35] a turn that ends cancelled cancels its running call", async () => {
    const builder = bundle(schema).request("a", []).endTurn("cancelled");
    expect((await builder.state()).inference_calls["a"]?.execution).toMatchObject({
      status: "cancelled",
      ended_seq: builder.seq,
    });
  });

  test("[trace/A36] a late cancellation adds output and transport id to a call its turn had ended", async () => {
    const builder = bundle(schema).request("a", []).endTurn("failed");
    const turnEnd = builder.seq;
    const state = await builder
      .cutShort("cancelled", "a", [message("assistant", "par")], "req-1")
      .state();
    expect(state.inference_calls["a"]).toMatchObject({
      execution: { status: "failed", ended_seq: turnEnd },
      upstream_request_id: "req-1",
      raw_response_payload_id: "raw_payload:2",
      response_item_ids: ["conversation_item:1"],
    });
  });

  test("[trace/B11] a late completion keeps the end its turn gave it and brings both ids", async () => {
    const state = await bundle(schema)
      .request("a", [])
      .endTurn("cancelled")
      .response("a", [], { responseId: "resp-1", upstream: "req-1" })
      .state();
    expect(state.inference_calls["a"]).toMatchObject({
      execution: { status: "cancelled" },
      response_id: "resp-1",
      upstream_request_id: "req-1",
    });
  });

  test("[trace/B12] a failure after completion clears the response id and keeps the transport id", async () => {
    const state = await bundle(schema)
      .request("a", [])
      .response("a", [message("assistant", "one")], { responseId: "resp-1", upstream: "req-1" })
      .cutShort("failed", "a", [message("assistant", "two")])
      .state();
    expect(state.inference_calls["a"]).toMatchObject({
      execution: { status: "completed" },
      response_id: null,
      upstream_request_id: "req-1",
    });
    expect(responseItems(state, "a")).toEqual([2]);
  });

  test("a failure without output leaves the output of a completion alone", async () => {
    const state = await bundle(schema)
      .request("a", [])
      .response("a", [message("assistant", "one")])
      .cutShort("failed", "a")
      .state();
    expect(responseItems(state, "a")).toEqual([1]);
    expect(state.inference_calls["a"]?.raw_response_payload_id).toBe("raw_payload:2");
  });

  test("an end of an unknown call and a second start are refused", async () => {
    expect((await bundle(schema).cutShort("failed", "nobody").refusal()).code).toBe(
      "unknown_reference",
    );
    expect((await bundle(schema).request("a", []).request("a", []).refusal()).code).toBe(
      "duplicate",
    );
  });

  test("a response without a list of output is refused", async () => {
    const builder = bundle(schema).request("a", []).response("a", "{}");
    expect((await builder.refusal()).code).toBe("payload_shape");
    expect((await builder.tolerant()).state.inference_calls["a"]?.execution.status).toBe(
      "completed",
    );
  });

  test("[trace/B13] usage needs four whole numbers, written as such", async () => {
    const reduced = async (change: object): Promise<unknown> =>
      usageOf(
        bundle(schema)
          .request("a", [])
          .response("a", [], { usage: { ...usage, ...change } }),
      );
    const counters = {
      input_tokens: 10,
      cached_input_tokens: 4,
      ...(schema === 2 ? { cache_write_input_tokens: 0 } : {}),
      output_tokens: 3,
      reasoning_output_tokens: 1,
    };
    expect(await reduced({})).toEqual(counters);
    expect(await reduced({ input_tokens: -5 })).toEqual({ ...counters, input_tokens: 0 });
    expect(await reduced({ input_tokens: 1.5 })).toBeNull();
    expect(await reduced({ output_tokens: "3" })).toBeNull();
    expect(await reduced({ reasoning_output_tokens: undefined })).toBeNull();
    const cacheWrite = schema === 2 ? { cache_write_input_tokens: 7 } : {};
    expect(await reduced({ cache_write_input_tokens: 7 })).toEqual({ ...counters, ...cacheWrite });
    expect(await reduced({ cache_write_input_tokens: "x" })).toEqual(counters);
  });

  test("[trace/B13] 1.0 is no whole number, and text in strings that looks like one does not matter", async () => {
    const text = JSON.stringify({
      output_items: [message("assistant", "took 1.5 s")],
      token_usage: usage,
    });
    const whole = bundle(schema).request("a", []).response("a", text);
    expect(await usageOf(whole)).toMatchObject({ input_tokens: 10 });
    const float = text.replace('"input_tokens":10', '"input_tokens":10.0');
    expect(await usageOf(bundle(schema).request("a", []).response("a", float))).toBeNull();
  });

  test("the response id links a thread's own calls only", async () => {
    const builder = bundle(schema)
      .thread("t2", "/root/other")
      .turn("u2", "t2")
      .request("a", [message("user", "x")])
      .response("a", [], { responseId: "shared" })
      .request("b", [], { previous_response_id: "shared" }, { thread: "t2", turn: "u2" });
    expect((await builder.refusal()).code).toBe("previous_response_unknown");
  });
});

test("usage may have any number of members", () => {
  const text = `{"token_usage":{${'"a":1,'.repeat(1_000_000)}"b":1}}`;
  expect(readUsage(usage, () => new Map(), text, SCHEMA_1.inference)).toMatchObject({
    input_tokens: 10,
  });
});

test("members stand in the order of Codex", async () => {
  const agentMessage = {
    type: "agent_message",
    id: "m1",
    author: "/root",
    recipient: "/root/helper",
    content: [{ type: "input_text", text: "x" }],
  };
  const state = await bundle(2).request("a", [agentMessage]).response("a", [], { usage }).state();
  expect(Object.keys(Object.values(state.conversation_items)[0] ?? {})).toEqual([
    "item_id",
    "responses_item_id",
    "thread_id",
    "codex_turn_id",
    "first_seen_at_unix_ms",
    "role",
    "channel",
    "kind",
    "agent_message",
    "body",
    "call_id",
    "produced_by",
  ]);
  expect(Object.keys(state.inference_calls["a"]?.usage ?? {})).toEqual([
    "input_tokens",
    "cached_input_tokens",
    "cache_write_input_tokens",
    "output_tokens",
    "reasoning_output_tokens",
  ]);
});

async function usageOf(builder: BundleBuilder): Promise<unknown> {
  const state = await builder.state();
  expect(state.threads[THREAD]).toBeDefined();
  return state.inference_calls["a"]?.usage;
}
