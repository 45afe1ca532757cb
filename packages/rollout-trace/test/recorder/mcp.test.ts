import { ThreadTrace, type McpCallTrace } from "@codex-ts/rollout-trace";
import { temporaryDirectory } from "@codex-ts/test-support";
import { describe, expect, test } from "vitest";
import { eventsOf, onlyBundle, onlyEvent, readEvents, startRoot } from "../support/recording.ts";

const KEY = "codex_bridge_mcp_call_id";

function startCall(root: string): { thread: ThreadTrace; call: McpCallTrace } {
  const thread = startRoot(root);
  thread.recordTurnStarted({ turnId: "turn-a" });
  thread.startToolDispatch(() => ({
    turnId: "turn-a",
    toolCallId: "call-a",
    toolName: "add",
    toolNamespace: "mcp__demo",
    payload: { type: "function", arguments: "{}" },
  }));
  return { thread, call: thread.startMcpCall("call-a") };
}

describe("the meta of an MCP call", () => {
  test("[trace/A15] is left alone when nothing is recorded", () => {
    const call = ThreadTrace.disabled().startMcpCall("call-a");
    const meta = { a: 1 };
    expect(call.mcpCallId).toBeUndefined();
    expect(call.addRequestMeta(meta)).toBe(meta);
    expect(call.addRequestMeta(null)).toBeNull();
  });

  test("[trace/A15] gets the id beside its other keys", async () => {
    await using folder = await temporaryDirectory();
    const { call } = startCall(folder.path);
    const meta = { a: 1 };
    expect(call.addRequestMeta(meta)).toEqual({ a: 1, [KEY]: call.mcpCallId });
    expect(meta).toEqual({ a: 1 });
    expect(call.addRequestMeta(null)).toEqual({ [KEY]: call.mcpCallId });
    expect(call.addRequestMeta([1])).toEqual([1]);
    expect(call.addRequestMeta("text")).toBe("text");
  });
});

describe("the correlation", () => {
  test("[trace/A16] is recorded without a context, once, for a recorded call only", async () => {
    await using folder = await temporaryDirectory();
    const { thread, call } = startCall(folder.path);
    expect(thread.startMcpCall("call-a").mcpCallId).toBeUndefined();
    expect(thread.startMcpCall("call-z").mcpCallId).toBeUndefined();
    const bundle = onlyBundle(folder.path);
    expect(eventsOf(bundle, "mcp_tool_call_correlation_assigned")).toHaveLength(1);
    expect(onlyEvent(bundle, "mcp_tool_call_correlation_assigned")).toMatchObject({
      tool_call_id: "call-a",
      mcp_call_id: call.mcpCallId,
    });
    expect(readEvents(bundle).at(-1)).toMatchObject({ thread_id: null, codex_turn_id: null });
  });
});
