import { describe, expect, test } from "vitest";
import {
  bundle,
  conversation,
  functionCall,
  functionOutput,
  item,
  message,
  requestItems,
  responseItems,
  TURN,
} from "../support/bundle-builder.ts";

describe.each([1, 2] as const)("conversation, schema %i", (schema) => {
  test("[trace/A17] a repeated message keeps its id, a second equal one gets its own", async () => {
    const hello = message("user", "hello");
    const state = await bundle(schema)
      .request("a", [hello])
      .request("b", [hello, message("assistant", "hi"), hello])
      .state();
    expect(requestItems(state, "a")).toEqual([1]);
    expect(requestItems(state, "b")).toEqual([1, 2, 3]);
    expect(conversation(state)).toEqual([1, 2, 3]);
    expect(Object.keys(state.conversation_items)).toHaveLength(3);
  });

  test("[trace/A18] response output is live history at once in schema 1, after acceptance or a request in schema 2", async () => {
    const answer = message("assistant", "hi", { id: "msg_1" });
    const builder = bundle(schema)
      .request("a", [message("user", "hello")])
      .response("a", [answer]);
    const state = await builder.state();
    expect(item(state, 2).produced_by).toEqual([{ type: "inference", inference_call_id: "a" }]);
    expect(conversation(state)).toEqual(schema === 1 ? [1, 2] : [1]);
    const later = schema === 1 ? builder : builder.accept("msg_1");
    expect(conversation(await later.state())).toEqual([1, 2]);
  });

  test("[trace/A19] a function call repeated by the next full request is the same item", async () => {
    const call = functionCall("c1", '{"cmd":"ls"}');
    const user = message("user", "list");
    const state = await bundle(schema)
      .request("a", [user])
      .response("a", [call])
      .request("b", [user, call])
      .state();
    expect(responseItems(state, "a")).toEqual([2]);
    expect(requestItems(state, "b")).toEqual([1, 2]);
    expect(item(state, 2).body.parts).toEqual([
      { type: "json", summary: '{"cmd":"ls"}', raw_payload_id: "raw_payload:2" },
    ]);
  });

  test("[trace/A20] an incremental request continues the call with that response id, never that transport id", async () => {
    const builder = bundle(schema)
      .request("a", [message("user", "one")])
      .response("a", [message("assistant", "two")], { responseId: "resp_1", upstream: "req_1" })
      .request("b", [message("user", "three")], { previous_response_id: "resp_1" });
    const state = await builder.state();
    expect(requestItems(state, "b")).toEqual([1, 2, 3]);
    expect(state.inference_calls["a"]?.upstream_request_id).toBe("req_1");
    const wrong = builder.request("c", [message("user", "x")], { previous_response_id: "req_1" });
    expect((await wrong.refusal()).code).toBe("previous_response_unknown");
  });

  test("[trace/A21] a full request may reorder known items around a new one", async () => {
    const [a, b] = [message("user", "a"), message("user", "b")];
    const state = await bundle(schema)
      .request("a", [a, b])
      .request("b", [b, message("assistant", "summary"), a])
      .state();
    expect(requestItems(state, "b")).toEqual([2, 3, 1]);
    expect(Object.keys(state.conversation_items)).toHaveLength(3);
  });

  test("[trace/A22] reasoning holds its text, its summary and its encrypted form, in this order", async () => {
    const state = await bundle(schema)
      .request("a", [])
      .response("a", [reasoning({ content: "why", summary: "short", encrypted: "e1" })])
      .state();
    expect(item(state, 1).body.parts).toEqual([
      { type: "text", text: "why" },
      { type: "summary", text: "short" },
      { type: "encoded", label: "encrypted_content", value: "e1" },
    ]);
  });

  test("[trace/A23] encrypted-only reasoning is recognized and the readable parts stay", async () => {
    const state = await bundle(schema)
      .request("a", [])
      .response("a", [reasoning({ content: "why", summary: "short", encrypted: "e1" })])
      .request("b", [reasoning({ encrypted: "e1" })])
      .state();
    expect(requestItems(state, "b")).toEqual([1]);
    expect(item(state, 1).body.parts).toHaveLength(3);
  });

  test("[trace/A24] readable parts seen later are added before the encrypted one", async () => {
    const state = await bundle(schema)
      .request("a", [reasoning({ encrypted: "e1" })])
      .request("b", [reasoning({ content: "why", summary: "short", encrypted: "e1" })])
      .state();
    expect(requestItems(state, "b")).toEqual([1]);
    expect(item(state, 1).body.parts.map((part) => part.type)).toEqual([
      "text",
      "summary",
      "encoded",
    ]);
  });

  test("[trace/A25] other readable text under the same encryption does not replace the first", async () => {
    const state = await bundle(schema)
      .request("a", [reasoning({ content: "first", encrypted: "e1" })])
      .request("b", [reasoning({ content: "second", encrypted: "e1" })])
      .state();
    expect(requestItems(state, "b")).toEqual([1]);
    expect(item(state, 1).body.parts[0]).toEqual({ type: "text", text: "first" });
  });

  test("[trace/A26] a call id that comes back with another call is refused", async () => {
    const refusal = await bundle(schema)
      .request("a", [functionCall("c1", "{}")])
      .request("b", [functionCall("c1", '{"other":1}')])
      .refusal();
    expect(refusal).toMatchObject({
      code: "call_id_reused",
      facts: { line: 5, seq: 5, objectId: "c1" },
    });
  });

  test("[trace/A27] an unknown item type is refused; tolerant reading keeps it as a reference", async () => {
    const odd = { type: "hologram", id: "h1" };
    const builder = bundle(schema)
      .request("a", [message("user", "x"), odd])
      .request("b", [message("user", "x"), odd, message("user", "y")]);
    expect((await builder.refusal()).code).toBe("item_type_unknown");
    const { state, diagnostics } = await builder.tolerant();
    expect(requestItems(state, "b")).toEqual([1, 2, 3]);
    expect(item(state, 2).body.parts[0]).toMatchObject({ type: "payload_ref", label: "hologram" });
    expect(diagnostics).toHaveLength(1);
  });

  test("[trace/A28] a request without a list of input is refused", async () => {
    for (const body of ['{"model":"m"}', '{"input":"text"}', "[]"]) {
      const builder = bundle(schema).request("a", body);
      expect((await builder.refusal()).code).toBe("payload_shape");
      expect((await builder.tolerant()).state.inference_calls["a"]?.request_item_ids).toEqual([]);
    }
  });

  test("[trace/A29] an unknown previous response is refused; tolerant reading continues the history", async () => {
    const builder = bundle(schema)
      .request("a", [message("user", "one")])
      .request("b", [message("user", "two")], { previous_response_id: "resp_x" });
    expect(await builder.refusal()).toMatchObject({ code: "previous_response_unknown" });
    expect(requestItems((await builder.tolerant()).state, "b")).toEqual([1, 2]);
  });

  test("[trace/A32] call and output items are linked with their tool, and the tool with its response", async () => {
    const call = functionCall("c1", "{}");
    const user = message("user", "go");
    const state = await bundle(schema)
      .request("a", [user])
      .response("a", [call])
      .tool("c1", "exec_command")
      .toolEnd("c1")
      .request("b", [user, call, functionOutput("c1", "done")])
      .state();
    expect(state.tool_calls["c1"]).toMatchObject({
      model_visible_call_item_ids: ["conversation_item:2"],
      model_visible_output_item_ids: ["conversation_item:3"],
    });
    expect(state.inference_calls["a"]?.tool_call_ids_started_by_response).toEqual(["c1"]);
    expect(item(state, 3).produced_by).toEqual([{ type: "tool", tool_call_id: "c1" }]);
  });

  test("[trace/B24] an item that was gone from one request and is back is new", async () => {
    const [a, b] = [message("user", "a"), message("user", "b")];
    const state = await bundle(schema)
      .request("1", [a, b])
      .request("2", [a])
      .request("3", [a, b])
      .state();
    expect(requestItems(state, "3")).toEqual([1, 3]);
  });

  test("[trace/B15] an incremental retry with the same delta reuses its items, another delta is refused", async () => {
    const previous = { previous_response_id: "resp-a" };
    const builder = bundle(schema)
      .request("a", [message("user", "one")])
      .response("a", [message("assistant", "two")])
      .request("b", [message("user", "three")], previous)
      .cutShort("failed", "b")
      .request("c", [message("user", "three")], previous);
    expect(requestItems(await builder.state(), "c")).toEqual([1, 2, 3]);
    const other = builder.request("d", [message("user", "four")], previous);
    expect((await other.refusal()).code).toBe("history_mismatch");
    expect(requestItems((await other.tolerant()).state, "d")).toEqual([1, 2, 4]);
  });

  test("[trace/B16] a tool that started before its response is linked when its call is seen in a request", async () => {
    const call = functionCall("c1", "{}");
    const user = message("user", "go");
    const builder = bundle(schema)
      .request("a", [user])
      .tool("c1", "exec_command")
      .response("a", [call]);
    const before = await builder.state();
    expect(before.tool_calls["c1"]?.model_visible_call_item_ids).toEqual(["conversation_item:2"]);
    expect(before.inference_calls["a"]?.tool_call_ids_started_by_response).toEqual([]);
    const after = await builder.request("b", [user, call]).state();
    expect(after.inference_calls["a"]?.tool_call_ids_started_by_response).toEqual(["c1"]);
  });
});

describe("reconciliation of one schema", () => {
  test("[trace/B22] schema 1 may use an id twice, schema 2 does not", async () => {
    const [a, b, z] = ["a", "b", "z"].map((text) => message("user", text));
    const twice = async (schema: 1 | 2, first: readonly unknown[]): Promise<number[]> =>
      requestItems(await bundle(schema).request("1", first).request("2", [a, a]).state(), "2");
    expect(await twice(1, [b, a])).toEqual([2, 2]);
    expect(await twice(2, [b, a])).toEqual([2, 3]);
    expect(await twice(1, [z, a, a])).toEqual([2, 2]);
    expect(await twice(2, [z, a, a])).toEqual([2, 3]);
  });

  test("[trace/B23] schema 2: ids tell equal items apart, are adopted, and are found again in responses", async () => {
    const withId = (id: string): object => message("user", "same", { id });
    const different = await bundle()
      .request("1", [withId("m1")])
      .request("2", [withId("m2")])
      .state();
    expect(requestItems(different, "2")).toEqual([2]);
    const adopted = await bundle()
      .request("1", [message("user", "same")])
      .request("2", [withId("m1")])
      .state();
    expect(requestItems(adopted, "2")).toEqual([1]);
    expect(item(adopted, 1).responses_item_id).toBe("m1");
    const changed = await bundle()
      .request("1", [withId("m1")])
      .request("2", [message("user", "x", { id: "m1" })])
      .state();
    expect(requestItems(changed, "2")).toEqual([2]);
  });

  test("[trace/B23] schema 2: a response that repeats an id known in the thread reuses the item with a second producer", async () => {
    const answer = message("assistant", "a", { id: "m1" });
    const state = await bundle()
      .request("1", [])
      .response("1", [answer])
      .request("2", [])
      .response("2", [answer])
      .state();
    expect(responseItems(state, "2")).toEqual([1]);
    expect(item(state, 1).produced_by).toHaveLength(2);
  });

  test.each([
    ["after the id", ["cut", "m1"], ["done"], [2, 1]],
    ["before the id", ["done"], ["cut", "m1"], [1, 2]],
    ["where the id is its own", ["done"], ["done", "m1"], [1, 2]],
    ["with another id", ["cut", "m1"], ["done", "m2"], [2, 3]],
    ["without the id in the list", ["cut", "m2"], ["done"], [2, 3]],
  ])(
    "[trace/S12] schema 2: a response that names an item's id may show it under none: %s",
    async (_, first, second, expected) => {
      const answer = ([text = "", id]: string[]): object =>
        message("assistant", text, id === undefined ? {} : { id });
      const state = await bundle()
        .request("1", [])
        .response("1", [answer(["done", "m1"])])
        .request("2", [])
        .response("2", [answer(first), answer(second)])
        .state();
      expect(responseItems(state, "2")).toEqual(expected);
    },
  );

  test("[trace/S12] schema 2: of several items the ids of a response name, the oldest that matches comes first", async () => {
    const answer = (text: string, id?: string): object =>
      message("assistant", text, id === undefined ? {} : { id });
    const named = [answer("a", "m2"), answer("b", "m1")];
    const state = await bundle()
      .request("1", [])
      .response("1", [answer("same", "m1"), answer("same", "m2")])
      .request("2", [])
      .response("2", [...named, answer("same"), answer("same"), answer("same")])
      .state();
    expect(responseItems(state, "2")).toEqual([3, 4, 1, 2, 5]);
  });

  test("[trace/B23] schema 2: an item without an id takes the first match even if a later one names it", async () => {
    const state = await bundle()
      .request("1", [message("user", "x", { id: "m1" })])
      .request("2", [
        message("user", "new"),
        message("user", "x"),
        message("user", "x", { id: "m1" }),
      ])
      .state();
    expect(requestItems(state, "2")).toEqual([2, 1, 3]);
  });

  test("[trace/B25] schema 2 lets an output come back changed, and ids never matter to the check", async () => {
    const outputs = (schema: 1 | 2) =>
      bundle(schema)
        .request("1", [functionOutput("c1", "one")])
        .request("2", [functionOutput("c1", "two")]);
    expect((await outputs(1).refusal()).code).toBe("call_id_reused");
    expect(requestItems(await outputs(2).state(), "2")).toEqual([2]);
    const calls = bundle()
      .request("1", [{ ...functionCall("c1", "{}"), id: "fc_1" }])
      .request("2", [{ ...functionCall("c1", "{}"), id: "fc_2" }]);
    expect(requestItems(await calls.state(), "2")).toEqual([2]);
  });

  test("[trace/B14] a late response extends the snapshot in schema 1 only", async () => {
    const user = message("user", "u");
    const answer = message("assistant", "late");
    const late = (schema: 1 | 2) =>
      bundle(schema)
        .request("1", [user])
        .request("2", [user])
        .response("1", [answer])
        .request("3", [user, answer]);
    expect(requestItems(await late(1).state(), "3")).toEqual([1, 2]);
    expect(requestItems(await late(2).state(), "3")).toEqual([1, 3]);
  });

  test("[trace/B26] schema 2: history is in order of creation and the first acceptance counts", async () => {
    const builder = bundle()
      .accept("m1", undefined, { at: 5000 })
      .request("1", [message("user", "u")])
      .response("1", [
        message("assistant", "a", { id: "m1" }),
        message("assistant", "b", { id: "m2" }),
      ]);
    const acceptedSeq = builder.seq - 2;
    const state = await builder.accept("m1").accept("nobody").state();
    expect(conversation(state)).toEqual([1, 2]);
    expect(item(state, 2)).toMatchObject({ accepted_at_unix_ms: 5000, accepted_seq: acceptedSeq });
    expect(item(state, 3)).not.toHaveProperty("accepted_seq");
    const lost = bundle().accept("m1", undefined, { thread: null, turn: TURN });
    expect((await lost.refusal()).code).toBe("context_mismatch");
  });

  test("[trace/B27] schema 2: an accepted agent message is an item at once and is found at any position", async () => {
    const sent = agentMessage("am1", "hello");
    const user = message("user", "u");
    const builder = bundle().request("1", [user]).accept("am1", sent).request("2", [sent, user]);
    const state = await builder.state();
    expect(requestItems(state, "2")).toEqual([2, 1]);
    expect(item(state, 2)).toMatchObject({
      agent_message: { author: "/root/helper", recipient: "/root" },
      channel: "analysis",
      produced_by: [],
    });
    const mismatch = bundle().accept("am2", sent);
    expect((await mismatch.refusal()).code).toBe("acceptance_mismatch");
    const noMessage = bundle().accept("m1", message("user", "x", { id: "m1" }));
    expect((await noMessage.refusal()).code).toBe("acceptance_mismatch");
  });
});

function reasoning(parts: { content?: string; summary?: string; encrypted?: string }): object {
  const { content, summary, encrypted } = parts;
  return {
    type: "reasoning",
    summary: summary === undefined ? [] : [{ type: "summary_text", text: summary }],
    ...(content === undefined ? {} : { content: [{ type: "reasoning_text", text: content }] }),
    encrypted_content: encrypted ?? null,
  };
}

function agentMessage(id: string, text: string): object {
  return {
    type: "agent_message",
    id,
    author: "/root/helper",
    recipient: "/root",
    content: [{ type: "input_text", text }],
  };
}
