import { describe, expect, test } from "vitest";
import {
  CHILD,
  bundle,
  conversation,
  customOutput,
  execItem,
  functionCall,
  functionOutput,
  item,
  message,
  requestItems,
  THREAD,
} from "./support/bundle-builder.ts";
import type { BundleBuilder } from "./support/bundle-builder.ts";

const IN_NOTHING = { thread: null, turn: null };

const image = JSON.stringify("data:image/png;base64,AAAA");

/** A request with an image that stands in a payload of its own. */
function withImage(
  builder: BundleBuilder,
  value = builder.payloadText("content_value", image),
): BundleBuilder {
  const before =
    '{"input":[{"type":"message","role":"user","content":[{"type":"input_image","image_url":';
  return builder.request("a", builder.assembled("inference_request", [before, "}]}]}"], [value]));
}

test("[trace/V3-5] a payload of parts reads like the whole text", async () => {
  const whole = bundle(3).request("a", [
    {
      type: "message",
      role: "user",
      content: [{ type: "input_image", image_url: JSON.parse(image) as string }],
    },
  ]);
  const [assembled, plain] = [await withImage(bundle(3)).state(), await whole.state()];
  const partOf = (state: typeof plain): object => item(state, 1).body.parts[0] ?? {};
  expect({ ...partOf(assembled), raw_payload_id: "" }).toEqual({
    ...partOf(plain),
    raw_payload_id: "",
  });
});

test("[trace/V3-5] parts are payloads of the state, parts of parts too, and stand for one object each", async () => {
  const builder = bundle(3);
  const value = builder.payloadText("content_value", '"deep"');
  const inner = builder.assembled(
    "model_item",
    ['{"type":"message","role":"user","content":[{"type":"input_text","text":', "}]}"],
    [value],
  );
  const request = builder.assembled(
    "inference_request",
    ['{"input":[', ",", "]}"],
    [inner, { ...inner }],
  );
  const prompt = builder.assembled("prepared_prompt", ['{"input":[', "]}"], [{ ...inner }]);
  const state = await builder
    .request("a", request, {}, {}, { prepared_prompt_payload: prompt })
    .state();
  expect(item(state, 1).body.parts).toEqual([{ type: "text", text: "deep" }]);
  expect(state.raw_payloads[value.raw_payload_id]).toEqual(value);
  expect(state.raw_payloads[prompt.raw_payload_id]?.parts?.[0]).toBe(
    state.raw_payloads[inner.raw_payload_id],
  );
});

test.each<[string, (builder: BundleBuilder) => void, string]>([
  [
    "too few fragments",
    (b) =>
      void b.request("a", b.assembled("inference_request", ["{}"], [b.payload("model_item", 1)])),
    "payload_invalid",
  ],
  [
    "fragments that are no list",
    (b) =>
      void b.request("a", {
        ...b.payload("inference_request", {}),
        parts: [b.payload("model_item", 1)],
      }),
    "payload_invalid",
  ],
  [
    "a part that is not json, although the whole is",
    (b) =>
      void b.request(
        "a",
        b.assembled(
          "inference_request",
          ['{"input":[', "]}"],
          [b.payloadText("model_item", "1,2")],
        ),
      ),
    "payload_invalid",
  ],
  [
    "a prompt whose fragments do not go together",
    (b) =>
      void b.request(
        "a",
        [],
        {},
        {},
        {
          prepared_prompt_payload: b.assembled(
            "prepared_prompt",
            ["{", "}"],
            [b.payload("model_item", "k")],
          ),
        },
      ),
    "payload_invalid",
  ],
  [
    "one id for two payloads",
    (b) => {
      const one = b.payload("model_item", message("user", "x"));
      b.request(
        "a",
        b.assembled(
          "inference_request",
          ['{"input":[', ",", "]}"],
          [one, { ...one, kind: { type: "content_value" } }],
        ),
      );
    },
    "payload_conflict",
  ],
  [
    "a request labeled as something else",
    (b) => void b.request("a", b.payload("protocol_event", { input: [] })),
    "payload_shape",
  ],
  [
    "an omitted payload with a shard",
    (b) => void b.request("a", { ...b.lost("inference_request"), shard: 1 }),
    "payload_invalid",
  ],
  [
    "no shard and no reason",
    (b) => void b.request("a", { ...b.payload("inference_request", {}), shard: null }),
    "payload_invalid",
  ],
  [
    "another length than was retained",
    (b) =>
      void b.request("a", {
        ...b.payload("inference_request", {}),
        capture: { status: "truncated", original_bytes: 9, retained_bytes: 5 },
      }),
    "payload_invalid",
  ],
  [
    "a shard that is no whole number",
    (b) => void b.request("a", { ...b.payload("inference_request", {}), shard: 1.5 }),
    "event_invalid",
  ],
  [
    "no prompt",
    (b) => void b.request("a", [], {}, {}, { prepared_prompt_payload: undefined }),
    "event_invalid",
  ],
])("[trace/V3-5] %s is refused", async (_, damage, code) => {
  const builder = bundle(3);
  damage(builder);
  expect((await builder.refusal()).code).toBe(code);
});

describe("what was not recorded", () => {
  test("[trace/V3-6] a request that was left out shows nothing, and the recording says so", async () => {
    const state = await bundle(3)
      .request("a", bundleLost("inference_request"))
      .response("a", [message("assistant", "y")])
      .event("recording_completed", {}, IN_NOTHING)
      .state();
    expect(requestItems(state, "a")).toEqual([]);
    expect(state.recording_status).toBe("closed_with_partial_payloads");
  });

  test("[trace/V3-6] a text or an image that was cut points to what is left of it", async () => {
    const builder = bundle(3);
    const value = {
      ...builder.payloadText("content_value", '"data:im'),
      capture: { status: "truncated", original_bytes: 900, retained_bytes: 8 } as const,
    };
    const state = await withImage(builder, value).state();
    expect(item(state, 1).body.parts).toMatchObject([
      { type: "payload_ref", label: "input_image", raw_payload_id: value.raw_payload_id },
    ]);
  });

  test("[trace/V3-6] bodies that must be whole are refused when a part of them is missing", async () => {
    const builder = bundle(3);
    const part = builder.lost("content_value");
    const metadata = builder.assembled("session_metadata", ['{"model":', "}"], [part]);
    builder.event(
      "thread_started",
      { thread_id: "t", agent_path: "/root", metadata_payload: metadata },
      IN_NOTHING,
    );
    expect((await builder.refusal()).code).toBe("payload_shape");
  });

  test.each(["send_message", "assign_agent_task"])(
    "[trace/V3-6] an invocation of %s that was left out makes no edge, one with a part missing is refused",
    async (kind) => {
      const done = {
        event_id: "s",
        occurred_at_ms: 1,
        agent_thread_id: CHILD,
        agent_path: "/root/a",
        kind: "interacted",
      };
      const sent = (invocation: (b: BundleBuilder) => object): BundleBuilder => {
        const builder = bundle(3).thread(CHILD, "/root/a");
        return builder.tool("s", kind, { invocation: invocation(builder) }).runtimeEnd("s", done);
      };
      const fragments = ['{"tool_name":"s","payload":{"type":"function","arguments":', "}}"];
      const text = JSON.stringify(JSON.stringify({ message: "hi" }));
      const whole = sent((b) =>
        b.assembled("tool_invocation", fragments, [b.payloadText("content_value", text)]),
      );
      await whole.state();
      const left = await sent((b) => b.lost("tool_invocation")).state();
      expect(left.interaction_edges).toEqual({});
      const cut = sent((b) =>
        b.assembled(
          "tool_invocation",
          ['{"tool_name":', ',"payload":{"type":"function","arguments":', "}}"],
          [b.lost("content_value"), b.payloadText("content_value", text)],
        ),
      );
      expect((await cut.refusal()).code).toBe("payload_shape");
    },
  );

  function bundleLost(kind: "inference_request"): ReturnType<BundleBuilder["lost"]> {
    return {
      raw_payload_id: "raw_payload:99",
      kind: { type: kind },
      shard: null,
      capture: { status: "omitted", original_bytes: 5 },
    };
  }
});

describe("tool outputs", () => {
  const call = { ...functionCall("c1", "{}"), id: "fc_1" };
  const output = { ...functionOutput("c1", "done"), id: "fco_1" };
  const start = (): BundleBuilder =>
    bundle(3)
      .request("a", [message("user", "x", { id: "m_1" })])
      .response("a", [call])
      .accept("fc_1")
      .tool("c1", "exec_command")
      .acceptOutput("fco_1", output);

  test("[trace/V3-7] are there from their acceptance on, without links", async () => {
    const state = await start().state();
    expect(conversation(state)).toEqual([1, 2, 3]);
    expect(item(state, 3)).toMatchObject({
      kind: "function_call_output",
      produced_by: [{ type: "tool", tool_call_id: "c1" }],
    });
    expect(state.tool_calls["c1"]?.model_visible_output_item_ids).toEqual([]);
  });

  test("[trace/V3-7] are taken by the first request that lists them, with its body, behind what stands in front of them", async () => {
    const state = await start()
      .request("b", [
        message("user", "x", { id: "m_1" }),
        call,
        message("user", "new", { id: "m_2" }),
        { ...output, output: "changed" },
      ])
      .state();
    expect(requestItems(state, "b")).toEqual([1, 2, 4, 3]);
    expect(conversation(state)).toEqual([1, 2, 4, 3]);
    expect(item(state, 3).body.parts).toEqual([{ type: "text", text: "changed" }]);
    expect(state.tool_calls["c1"]?.model_visible_output_item_ids).toEqual(["conversation_item:3"]);
  });

  test("[trace/V3-7] are joined with the call that the first request names for them", async () => {
    const state = await start()
      .request("b", [message("user", "x", { id: "m_1" }), call, { ...output, call_id: "lost" }])
      .state();
    expect(requestItems(state, "b")).toEqual([1, 2, 3]);
    expect(item(state, 3).call_id).toBe("c1");
    expect(state.tool_calls["c1"]?.model_visible_output_item_ids).toEqual([]);
  });

  test("[trace/V3-7] are joined with it also when the call they came with was not recorded", async () => {
    const builder = bundle(3).tool("c1", "exec_command");
    const cut = builder.assembled(
      "protocol_event",
      ['{"type":"function_call_output","id":"fco_1","call_id":', ',"output":"done"}'],
      [builder.lost("content_value", '"c')],
    );
    const state = await builder.acceptOutput("fco_1", cut).request("b", [output]).state();
    expect(item(state, 1)).toMatchObject({
      call_id: null,
      produced_by: [{ type: "tool", tool_call_id: "c1" }],
    });
    expect(state.tool_calls["c1"]?.model_visible_output_item_ids).toEqual(["conversation_item:1"]);
  });

  test("[trace/V3-7] are joined with the cell that the first request names for them", async () => {
    const shown = { ...customOutput("c1", "done"), id: "ctco_1" };
    const state = await bundle(3)
      .request("a", [message("user", "x", { id: "m_1" })])
      .response("a", [{ ...execItem("c1", "text(1)"), id: "ctc_1" }])
      .event("code_cell_started", {
        runtime_cell_id: "1",
        model_visible_call_id: "c1",
        source_js: "text(1)",
      })
      .acceptOutput("ctco_1", { ...shown, call_id: "lost" })
      .request("b", [shown])
      .state();
    expect(item(state, 3)).toMatchObject({
      call_id: "lost",
      produced_by: [{ type: "code_cell", code_cell_id: "code_cell:c1" }],
    });
  });

  test("[trace/V3-7] are taken by an agent message of their id as well, and the other way round", async () => {
    const content = [{ type: "input_text", text: "hello" }];
    const author = { author: "/root/helper", recipient: "/root" };
    const said = { type: "agent_message", id: "fco_1", ...author, content };
    const first = await bundle(3).acceptOutput("fco_1", output).request("a", [said]).state();
    expect(requestItems(first, "a")).toEqual([1]);
    expect(item(first, 1)).toMatchObject({
      kind: "function_call_output",
      body: { parts: [{ text: "hello" }] },
    });
    const second = await bundle(3).accept("fco_1", said).request("a", [output]).state();
    expect(requestItems(second, "a")).toEqual([1]);
    expect(item(second, 1)).toMatchObject({
      kind: "message",
      agent_message: author,
      body: { parts: [{ text: "done" }] },
    });
  });

  test("[trace/V3-7] get back the ids a request was sent without", async () => {
    const { id: _, ...sent } = output;
    const state = await start()
      .request(
        "b",
        [message("user", "x", { id: "m_1" }), call, sent],
        {},
        {},
        { stripped_tool_output_ids: [[2, "fco_1"]] },
      )
      .state();
    expect(requestItems(state, "b")).toEqual([1, 2, 3]);
  });

  test.each([
    [[[9, "fco_1"]], "outside the request"],
    [[[0, "fco_1"]], "no output"],
  ])("[trace/V3-7] ids for %j, %s, are refused", async (stripped) => {
    const builder = start().request(
      "b",
      [message("user", "x"), call],
      {},
      {},
      { stripped_tool_output_ids: stripped },
    );
    expect((await builder.refusal()).code).toBe("item_invalid");
  });

  test.each<[string, object]>([
    ["of another id", { ...output, id: "fco_2" }],
    ["that is no output", message("user", "x", { id: "fco_9" })],
  ])("[trace/V3-7] a body %s is refused", async (_, body) => {
    const builder = bundle(3).acceptOutput("fco_9", body);
    expect((await builder.refusal()).code).toBe("acceptance_mismatch");
  });
});

test("[trace/V3-8] a request that continues a warm-up stands for its full input", async () => {
  const builder = bundle(3);
  const warmup_context_payload = builder.payload("warmup_context", {
    input: [message("user", "x")],
  });
  builder.request("a", [], { previous_response_id: "resp_warm" }, {}, { warmup_context_payload });
  expect(requestItems(await builder.state(), "a")).toEqual([1]);
});

describe("waits", () => {
  test("[trace/V3-9] an event says which cell a call waits for, and it alone", async () => {
    const state = await bundle(3)
      .tool(
        "w",
        { type: "other", name: "wait" },
        {
          invocation: {
            tool_name: "wait",
            payload: { type: "function", arguments: '{"cell_id":"1"}' },
          },
        },
      )
      .event("code_cell_wait_target_resolved", { tool_call_id: "w", runtime_cell_id: "7" })
      .state();
    expect(state.tool_calls["w"]?.resolved_wait_runtime_cell_id).toBe("7");
  });

  test.each<[string, object, object, string]>([
    ["an unknown call", { tool_call_id: "none" }, {}, "unknown_reference"],
    ["a call of another turn", {}, { turn: "other" }, "context_mismatch"],
    ["a call without a thread", {}, { thread: null, turn: null }, "context_mismatch"],
  ])("[trace/V3-9] %s is refused", async (_, members, place, code) => {
    const builder = bundle(3)
      .tool("w", "wait_agent")
      .event(
        "code_cell_wait_target_resolved",
        { tool_call_id: "w", runtime_cell_id: "7", ...members },
        place,
      );
    expect((await builder.refusal()).code).toBe(code);
  });

  test("[trace/V3-9] a second target is refused", async () => {
    const members = { tool_call_id: "w", runtime_cell_id: "7" };
    const builder = bundle(3)
      .tool("w", "wait_agent")
      .event("code_cell_wait_target_resolved", members)
      .event("code_cell_wait_target_resolved", members);
    expect((await builder.refusal()).code).toBe("duplicate");
  });
});

test("[trace/V3-10] a recording is complete, unclosed, or closed with something missing", async () => {
  const builder = bundle(3);
  expect((await builder.state()).recording_status).toBe("unclosed");
  builder.event("recording_completed", {}, IN_NOTHING);
  expect((await builder.state()).recording_status).toBe("complete");
  const { state } = await builder.tolerant(builder.log.trimEnd());
  expect(state.recording_status).toBe("unclosed");
  expect(state.threads[THREAD]?.execution.status).toBe("running");
});
