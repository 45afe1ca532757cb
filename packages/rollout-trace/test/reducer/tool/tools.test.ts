import { describe, expect, test } from "vitest";
import {
  bundle,
  CHILD,
  family,
  functionCall,
  inChild,
  message,
  THREAD,
  TURN,
} from "../support/bundle-builder.ts";

describe.each([1, 2] as const)("tools, schema %i", (schema) => {
  test("a correlation fills the mcp call id; a second one and an unknown tool are refused", async () => {
    const assigned = { tool_call_id: "c1", mcp_call_id: "uuid-1" };
    const kind = { type: "mcp", server: "s", tool: "t" };
    const builder = bundle(schema)
      .tool("c1", kind)
      .event("mcp_tool_call_correlation_assigned", assigned, { thread: null, turn: null });
    expect((await builder.state()).tool_calls["c1"]).toMatchObject({ mcp_call_id: "uuid-1", kind });
    expect(
      (await builder.event("mcp_tool_call_correlation_assigned", assigned).refusal()).code,
    ).toBe("duplicate");
    const unknown = bundle(schema).event("mcp_tool_call_correlation_assigned", assigned);
    expect((await unknown.refusal()).code).toBe("unknown_reference");
  });

  test("ids of tools and their model-visible calls are used once, over all threads", async () => {
    expect((await bundle(schema).tool("c1", "web").tool("c1", "web").refusal()).code).toBe(
      "duplicate",
    );
    const again = family(schema)
      .tool("c1", "web")
      .tool("c2", "web", { call: "c1", place: inChild });
    expect((await again.refusal()).code).toBe("duplicate");
  });

  test("a tool needs a thread, its own or its turn's, that exists and agrees", async () => {
    const at = (thread: string | null, turn: string | null) => ({ place: { thread, turn } });
    expect((await bundle(schema).tool("c1", "web", at(null, null)).refusal()).code).toBe(
      "context_mismatch",
    );
    expect((await bundle(schema).tool("c1", "web", at("nobody", null)).refusal()).code).toBe(
      "unknown_reference",
    );
    expect((await bundle(schema).tool("c1", "web", at(THREAD, "nobody")).refusal()).code).toBe(
      "unknown_reference",
    );
    expect((await family(schema).tool("c1", "web", at(CHILD, TURN)).refusal()).code).toBe(
      "context_mismatch",
    );
    const state = await bundle(schema).tool("c1", "web", at(null, TURN)).state();
    expect(state.tool_calls["c1"]).toMatchObject({
      thread_id: THREAD,
      started_by_codex_turn_id: TURN,
    });
    const free = await bundle(schema).tool("c1", "web", at(THREAD, null)).state();
    expect(free.tool_calls["c1"]?.started_by_codex_turn_id).toBeNull();
  });

  test("the last end of a tool counts, without result the payload id is null", async () => {
    const state = await bundle(schema)
      .tool("c1", "web")
      .toolEnd("c1", { type: "error", error: "x" }, "failed")
      .toolEnd("c1")
      .state();
    expect(state.tool_calls["c1"]).toMatchObject({
      execution: { status: "completed" },
      raw_result_payload_id: null,
    });
    expect((await bundle(schema).toolEnd("nobody").refusal()).code).toBe("unknown_reference");
    expect((await bundle(schema).runtimeEnd("nobody", {}).refusal()).code).toBe(
      "unknown_reference",
    );
  });

  test("a turn's end leaves its tools running", async () => {
    const state = await bundle(schema).tool("c1", "web").endTurn("cancelled").state();
    expect(state.tool_calls["c1"]?.execution.status).toBe("running");
  });

  test("a forked child that repeats its parent's call is linked when the call is next seen", async () => {
    const history = [message("user", "x"), functionCall("c1", "{}")];
    const builder = family(schema).request("b1", history, {}, inChild).tool("c1", "web");
    expect((await builder.state()).tool_calls["c1"]?.model_visible_call_item_ids).toEqual([]);
    const state = await builder.request("b2", history, {}, inChild).state();
    expect(state.tool_calls["c1"]?.model_visible_call_item_ids).toEqual(["conversation_item:2"]);
  });

  test("every form of tool summary is kept as it is", async () => {
    const summaries = [
      { type: "terminal", operation_id: "o" },
      { type: "agent", target_agent_path: "/root/a", task_name: null, message_preview: "m" },
      { type: "wait_agent", target_agent_path: null, timeout_ms: 5 },
      { type: "generic", label: "l", input_preview: "i", output_preview: "o" },
    ];
    for (const summary of summaries) {
      const state = await bundle(schema)
        .event("tool_call_started", {
          tool_call_id: "c1",
          requester: { type: "model" },
          kind: { type: "web" },
          summary,
        })
        .state();
      expect(state.tool_calls["c1"]?.summary).toEqual(summary);
    }
  });
});

test("[trace/V3-9] schema 3 looks into the invocation of a write_stdin alone", async () => {
  let deep: unknown = 1;
  for (let level = 0; level < 200; level += 1) deep = [deep];
  const invocation = { tool_name: "x", extra: deep };
  const state = await bundle(3).tool("c1", "exec_command", { invocation }).state();
  expect(Object.keys(state.tool_calls)).toEqual(["c1"]);
  const stdin = bundle(3).tool("c1", "write_stdin", { invocation });
  expect((await stdin.refusal()).code).toBe("payload_invalid");
});
