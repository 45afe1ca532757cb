import { describe, expect, test } from "vitest";
import type { InteractionEdge, ReducedTrace } from "@codex-ts/rollout-trace/reducer";
import {
  CHILD,
  CHILD_TURN,
  family,
  inChild,
  invocation,
  message,
  THREAD,
  TURN,
} from "../support/bundle-builder.ts";

const SPAWN_EDGE = `edge:spawn:${THREAD}:${CHILD}`;
const NOBODY = "01a1fa2c-0000-7000-8000-00000000ffff";
const inParent = { thread: THREAD, turn: TURN };

const spawnEnd = (extra: object = {}) => ({
  call_id: "c1",
  sender_thread_id: THREAD,
  new_thread_id: CHILD,
  prompt: "look around",
  model: "m",
  reasoning_effort: "low",
  status: "running",
  ...extra,
});
const interaction = (extra: object = {}) => ({
  call_id: "c1",
  sender_thread_id: THREAD,
  receiver_thread_id: CHILD,
  prompt: "look around",
  ...extra,
});
const activity = (kind: string, extra: object = {}) => ({
  event_id: "c1",
  agent_thread_id: CHILD,
  agent_path: "/root/helper",
  kind,
  ...extra,
});
const asked = (text = "look around") => ({ invocation: invocation("x", { message: text }) });

/** The older form of a delivered message. */
function mailbox(text: string, { author = "/root", recipient = "/root/helper" } = {}): object {
  return message(
    "assistant",
    JSON.stringify({ author, recipient, content: text, trigger_turn: true }),
  );
}

/** The newer form. */
function delivered(
  content: readonly object[] | string,
  { author = "/root", recipient = "/root/helper" } = {},
): object {
  const parts = typeof content === "string" ? [{ type: "input_text", text: content }] : content;
  return { type: "agent_message", author, recipient, content: parts };
}

function edges(state: ReducedTrace): InteractionEdge[] {
  return Object.values(state.interaction_edges);
}

describe.each([1, 2] as const)("agents, schema %i", (schema) => {
  test("[trace/A46] a spawn ends at the item that shows its message to the child, and carries its payloads", async () => {
    const builder = family(schema)
      .tool("c1", "spawn_agent", asked())
      .runtimeStart("c1", {}, "spawn_agent")
      .runtimeEnd("c1", spawnEnd());
    const ended = builder.seq;
    const state = await builder
      .toolEnd("c1", { type: "direct_response", response_item: {} })
      .request("b", [message("user", "context"), mailbox("look around")], {}, inChild)
      .state();
    expect(edges(state)).toEqual([
      {
        edge_id: SPAWN_EDGE,
        kind: "spawn_agent",
        source: { type: "tool_call", tool_call_id: "c1" },
        target: { type: "conversation_item", item_id: "conversation_item:2" },
        started_at_unix_ms: 1000 + (ended - 2) * 10,
        ended_at_unix_ms: 1000 + ended * 10,
        carried_item_ids: ["conversation_item:2"],
        carried_raw_payload_ids: [
          "raw_payload:1",
          "raw_payload:2",
          "raw_payload:3",
          "raw_payload:4",
        ],
      },
    ]);
  });

  test("[trace/A47] a spawn whose message is never shown ends at the child's thread", async () => {
    const state = await family(schema)
      .tool("c1", "spawn_agent")
      .runtimeEnd("c1", spawnEnd())
      .state();
    expect(edges(state)).toMatchObject([
      { edge_id: SPAWN_EDGE, target: { type: "thread", thread_id: CHILD }, carried_item_ids: [] },
    ]);
  });

  test("[trace/A48] a started activity makes the spawn edge with the message of the invocation", async () => {
    const state = await family(schema)
      .tool("c1", "spawn_agent", asked())
      .runtimeEnd("c1", activity("started"))
      .request("b", [delivered("look around")], {}, inChild)
      .state();
    expect(edges(state)).toMatchObject([
      { edge_id: SPAWN_EDGE, carried_item_ids: ["conversation_item:1"] },
    ]);
  });

  test("[trace/A49] begin and end of sending make one edge with an end", async () => {
    const builder = family(schema)
      .tool("c1", "send_message")
      .runtimeStart("c1", interaction(), "send_message")
      .request("b", [mailbox("look around")], {}, inChild)
      .runtimeEnd("c1", interaction({ status: { completed: null } }));
    // The end finds the item taken and waits for another one, which never comes.
    expect(edges(await builder.state())).toMatchObject([
      { edge_id: "edge:tool:c1", kind: "send_message", ended_at_unix_ms: null },
    ]);
    const merged = family(schema)
      .tool("c1", "send_message")
      .runtimeStart("c1", interaction(), "send_message")
      .runtimeEnd("c1", interaction({ status: "running" }));
    const ended = 1000 + merged.seq * 10;
    const state = await merged.request("b", [mailbox("look around")], {}, inChild).state();
    expect(edges(state)).toMatchObject([
      {
        edge_id: "edge:tool:c1",
        ended_at_unix_ms: ended,
        carried_item_ids: ["conversation_item:1"],
      },
    ]);
  });

  test.each([
    ["[trace/A50] a send_message activity", "send_message"],
    ["[trace/A51] a followup_task activity", "assign_agent_task"],
  ])("%s makes an edge to the delivered item", async (_, kind) => {
    const state = await family(schema)
      .tool("c1", kind, asked())
      .runtimeEnd("c1", activity("interacted"))
      .request("b", [delivered("look around")], {}, inChild)
      .state();
    expect(edges(state)).toMatchObject([
      { edge_id: "edge:tool:c1", kind, target: { item_id: "conversation_item:1" } },
    ]);
  });

  test("[trace/A52] closing an agent is an edge to its thread; the child's end does not end the rollout", async () => {
    const body = { call_id: "c1", sender_thread_id: THREAD, receiver_thread_id: CHILD };
    const state = await family(schema)
      .tool("c1", "close_agent")
      .runtimeStart("c1", body, "close_agent")
      .runtimeEnd("c1", { ...body, status: "shutdown" })
      .event(
        "thread_ended",
        { thread_id: CHILD, status: "completed" },
        { thread: null, turn: null },
      )
      .state();
    expect(edges(state)).toMatchObject([
      {
        edge_id: "edge:tool:c1",
        kind: "close_agent",
        target: { type: "thread", thread_id: CHILD },
      },
    ]);
    expect(edges(state)[0]?.ended_at_unix_ms).not.toBeNull();
    expect(state.status).toBe("running");
  });

  test("[trace/A53] a result goes from the child's last words to the notification in the parent", async () => {
    const state = await family(schema)
      .request("b", [message("user", "go")], {}, inChild)
      .response("b", [message("assistant", "first"), message("assistant", "last")], {}, inChild)
      .event("agent_result_observed", result("all good"), inChild)
      .request("a", [delivered("all good", { author: "/root/helper", recipient: "/root" })])
      .state();
    expect(edges(state)).toMatchObject([
      {
        edge_id: "edge:result",
        kind: "agent_result",
        source: { type: "conversation_item", item_id: "conversation_item:3" },
        target: { type: "conversation_item", item_id: "conversation_item:4" },
      },
    ]);
  });

  test("[trace/A54] a result of a child that said nothing comes from its thread", async () => {
    const state = await family(schema)
      .request("a", [delivered("all good", { author: "/root/helper", recipient: "/root" })])
      .event("agent_result_observed", result("all good"), inChild)
      .state();
    expect(edges(state)).toMatchObject([{ source: { type: "thread", thread_id: CHILD } }]);
  });

  test("[trace/B36] of equally old last words the greatest id by its bytes counts", async () => {
    const words = Array.from({ length: 11 }, (_, index) => message("assistant", `w${index}`));
    const state = await family(schema)
      .request("b", [], {}, inChild)
      .response("b", words, {}, inChild)
      .request("a", [delivered("all good", { author: "/root/helper", recipient: "/root" })])
      .event("agent_result_observed", result("all good"), inChild)
      .state();
    expect(edges(state)[0]?.source).toEqual({
      type: "conversation_item",
      item_id: "conversation_item:9",
    });
  });

  test("[trace/B37] a message with the same text from another author is another message", async () => {
    const state = await family(schema)
      .tool("c1", "send_message", asked())
      .runtimeEnd("c1", activity("interacted"))
      .request(
        "b",
        [
          delivered("look around", { author: "/root/other" }),
          mailbox("look around", { author: "/root/x" }),
        ],
        {},
        inChild,
      )
      .state();
    expect(edges(state)).toEqual([]);
  });

  test("[trace/B38] an item that delivered one message delivers no second one", async () => {
    const send = (id: string) => [id, "send_message", asked()] as const;
    const state = await family(schema)
      .tool(...send("c1"))
      .runtimeEnd("c1", activity("interacted"))
      .tool(...send("c2"))
      .runtimeEnd("c2", activity("interacted"))
      .request("b1", [delivered("look around")], {}, inChild)
      .request("b2", [delivered("look around"), message("user", "x")], {}, inChild)
      .state();
    expect(edges(state).map((edge) => edge.edge_id)).toEqual(["edge:tool:c1"]);
  });

  test("[trace/B39] activities of other kinds of calls, and calls without a message, are refused", async () => {
    for (const [kind, what] of [
      ["send_message", "started"],
      ["spawn_agent", "interacted"],
      ["spawn_agent", "interrupted"],
      ["web", "started"],
    ]) {
      const builder = family(schema)
        .tool("c1", kind, asked())
        .runtimeEnd("c1", activity(what ?? ""));
      expect((await builder.refusal()).code).toBe("payload_shape");
    }
    for (const options of [
      {},
      { invocation: invocation("x", {}) },
      { invocation: invocation("x", "{broken") },
    ]) {
      const builder = family(schema)
        .tool("c1", "spawn_agent", options)
        .runtimeEnd("c1", activity("started"));
      expect((await builder.refusal()).code).toBe("payload_shape");
    }
  });

  test("[trace/B39] what a tool of another server answers is no activity in schema 2", async () => {
    const builder = family(schema)
      .tool("c1", { type: "mcp", server: "s", tool: "t" })
      .runtimeEnd("c1", activity("started"));
    const found = schema === 1 ? (await builder.refusal()).code : edges(await builder.state());
    expect(found).toEqual(schema === 1 ? "payload_shape" : []);
  });

  test("[trace/S13] schema 2 knows the model of an activity, and agents that are done", async () => {
    const reduced = async (body: object, kind = "spawn_agent"): Promise<unknown> => {
      const builder = family(schema).tool("c1", kind, asked()).runtimeEnd("c1", body);
      const verdict = await builder.verdict();
      return verdict === "reduces" ? edges(await builder.state()).length : verdict;
    };
    const only2 = (expected: unknown, else1: unknown): unknown => (schema === 2 ? expected : else1);
    expect(await reduced(activity("started", { model: "m", reasoning_effort: null }))).toBe(1);
    expect(await reduced(activity("started", { model: 5 }))).toBe(only2("payload_shape", 1));
    expect(await reduced(activity("started", { reasoning_effort: "" }))).toBe(
      only2("payload_shape", 1),
    );
    expect(await reduced(activity("completed"))).toBe(only2(0, "payload_shape"));
    expect(await reduced(activity("completed"), "close_agent")).toBe(only2(0, "payload_shape"));
    expect(await reduced(activity("completed", { model: 5 }))).toBe("payload_shape");
  });

  test("[trace/S14] names of activities and agent states may be the key of an object", async () => {
    const refusal = async (kind: string, body: object): Promise<string> =>
      family(schema).tool("c1", kind, asked()).runtimeEnd("c1", body).verdict();
    const started = { ...activity(""), kind: { started: null } };
    expect(await refusal("spawn_agent", started)).toBe("reduces");
    for (const kind of [{ started: 5 }, { started: {} }, { started: null, x: 1 }, {}])
      expect(await refusal("spawn_agent", { ...started, kind })).toBe("payload_shape");
    for (const status of [{ running: null }, { completed: null }, { completed: "a" }])
      expect(await refusal("spawn_agent", spawnEnd({ status }))).toBe("reduces");
    for (const status of ["completed", {}, { errored: null }, { errored: "a", completed: null }])
      expect(await refusal("spawn_agent", spawnEnd({ status }))).toBe("payload_shape");
  });

  test("[trace/B39] malformed bodies are refused", async () => {
    const bodies: [string, object][] = [
      ["spawn_agent", activity("started", { agent_thread_id: "no-uuid" })],
      ["spawn_agent", activity("started", { agent_path: "helper" })],
      ["spawn_agent", activity("started", { occurred_at_ms: "x" })],
      ["spawn_agent", spawnEnd({ new_thread_id: "no-uuid" })],
      ["spawn_agent", spawnEnd({ status: "odd" })],
      ["spawn_agent", spawnEnd({ model: undefined })],
      ["send_message", interaction()],
      ["send_message", interaction({ status: "running", prompt: 1 })],
      ["close_agent", interaction({ status: { completed: 5 } })],
    ];
    for (const [kind, body] of bodies) {
      const builder = family(schema).tool("c1", kind, asked()).runtimeEnd("c1", body);
      expect((await builder.refusal()).code).toBe("payload_shape");
    }
    const begin = family(schema).tool("c1", "close_agent").runtimeStart("c1", {}, "close_agent");
    expect((await begin.refusal()).code).toBe("payload_shape");
  });

  test("[trace/B39] closing or spawning a thread that is not there, and messages never shown, make no edge", async () => {
    const state = await family(schema)
      .tool("c1", "close_agent")
      .runtimeEnd("c1", activity("interrupted", { agent_thread_id: NOBODY }))
      .tool("c2", "spawn_agent", asked())
      .runtimeEnd("c2", activity("started", { agent_thread_id: NOBODY }))
      .tool("c3", "send_message", asked())
      .runtimeEnd("c3", activity("interacted"))
      .tool("c4", "spawn_agent")
      .runtimeEnd("c4", spawnEnd({ new_thread_id: null }))
      .state();
    expect(edges(state)).toEqual([]);
  });

  test("[trace/B40] one edge observed twice is merged, with other content or another end it is refused", async () => {
    const queued = family(schema)
      .event("agent_result_observed", result("one"), inChild)
      .event("agent_result_observed", result("two"), inChild);
    expect((await queued.refusal()).code).toBe("edge_conflict");
    const body = (receiver: string) => ({
      call_id: "c",
      sender_thread_id: THREAD,
      receiver_thread_id: receiver,
    });
    const made = family(schema)
      .tool("c1", "close_agent")
      .runtimeStart("c1", body(CHILD), "close_agent")
      .runtimeEnd("c1", { ...body(THREAD), status: "shutdown" });
    expect((await made.refusal()).code).toBe("edge_conflict");
  });

  test("thread ids are UUIDs in any spelling", async () => {
    for (const spelling of [
      CHILD.toUpperCase(),
      CHILD.replaceAll("-", ""),
      `urn:uuid:${CHILD}`,
      `{${CHILD}}`,
    ]) {
      const state = await family(schema)
        .tool("c1", "close_agent")
        .runtimeEnd("c1", activity("interrupted", { agent_thread_id: spelling }))
        .state();
      expect(edges(state)[0]?.target).toEqual({ type: "thread", thread_id: CHILD });
    }
  });

  test("[trace/S11] a message that only a response showed, and nobody accepted, ends the edge", async () => {
    const shown = {
      ...delivered("done", { author: "/root/helper", recipient: "/root" }),
      id: "m1",
    };
    const state = await family(schema)
      .request("a", [message("user", "go")])
      .response("a", [shown])
      .event("agent_result_observed", result("done"), inParent)
      .state();
    expect(edges(state)[0]?.target).toEqual({
      type: "conversation_item",
      item_id: "conversation_item:2",
    });
  });

  test("a result of an unknown thread is refused", async () => {
    const members = { ...result("x"), child_thread_id: "nobody" };
    const builder = family(schema).event("agent_result_observed", members, inParent);
    expect((await builder.refusal()).code).toBe("unknown_reference");
  });

  test("text that only looks like a delivered message is none", async () => {
    const envelope = {
      author: "/root",
      recipient: "/root/helper",
      content: "look around",
      trigger_turn: true,
    };
    const near = [
      { ...envelope, trigger_turn: "yes" },
      { ...envelope, author: "root" },
      { ...envelope, author: "/root/Upper" },
      { ...envelope, other_recipients: ["nobody"] },
      { ...envelope, content: 5 },
      { ...envelope, recipient: "/root" },
    ];
    for (const each of near) {
      const state = await family(schema)
        .tool("c1", "send_message", asked())
        .runtimeEnd("c1", activity("interacted"))
        .request("b", [message("assistant", JSON.stringify(each))], {}, inChild)
        .state();
      expect(edges(state)).toEqual([]);
    }
    const encrypted = {
      ...envelope,
      content: "no",
      encrypted_content: "look around",
      other_recipients: ["/root/a_1"],
    };
    const state = await family(schema)
      .tool("c1", "send_message", asked())
      .runtimeEnd("c1", activity("interacted"))
      .request("b", [message("assistant", JSON.stringify(encrypted))], {}, inChild)
      .state();
    expect(edges(state)).toHaveLength(1);
  });
});

test("[trace/B41] schema 2 matches the encrypted part behind a header, and no pair of texts", async () => {
  const header = { type: "input_text", text: "header" };
  const pair = async (schema: 1 | 2, second: object): Promise<number> => {
    const state = await family(schema)
      .tool("c1", "send_message", asked())
      .runtimeEnd("c1", activity("interacted"))
      .request("b", [delivered([header, second])], {}, inChild)
      .state();
    return edges(state).length;
  };
  const encrypted = { type: "encrypted_content", encrypted_content: "look around" };
  expect(await pair(2, encrypted)).toBe(1);
  expect(await pair(1, encrypted)).toBe(0);
  expect(await pair(2, { type: "input_text", text: "look around" })).toBe(0);
});

function result(text: string): { [member: string]: unknown } {
  return {
    edge_id: "edge:result",
    child_thread_id: CHILD,
    child_codex_turn_id: CHILD_TURN,
    parent_thread_id: THREAD,
    message: text,
    carried_payload: null,
  };
}
