import type {
  ThreadTrace,
  ToolInvocation,
  ToolInvocationPayload,
  TraceSchemaVersion,
} from "@codex-ts/rollout-trace";
import { temporaryDirectory } from "@codex-ts/test-support";
import { describe, expect, test } from "vitest";
import {
  eventsOf,
  onlyBundle,
  onlyEvent,
  readEvents,
  readPayload,
  ROOT_THREAD,
  startRoot,
} from "../support/recording.ts";

const TURN = "turn-a";

function startTurn(root: string, schemaVersion: TraceSchemaVersion = 2): ThreadTrace {
  const thread = startRoot(root, { schemaVersion });
  thread.recordTurnStarted({ turnId: TURN });
  return thread;
}

function callOf(more: Partial<ToolInvocation> = {}): ToolInvocation {
  return {
    turnId: TURN,
    toolCallId: "call-a",
    toolName: "exec_command",
    toolNamespace: null,
    payload: { type: "function", arguments: '{"cmd":"ls"}' },
    ...more,
  };
}

/** A call out of code cell 1. */
function nested(): ToolInvocation {
  return callOf({
    toolCallId: "exec-1",
    requester: { type: "code_cell", runtimeCellId: "1", runtimeToolId: "tool-1" },
  });
}

function withArguments(toolName: string, text: string): Partial<ToolInvocation> {
  return { toolName, payload: { type: "function", arguments: text } };
}

describe("a dispatched call", () => {
  test("is recorded with its kind, a summary and its invocation", async () => {
    await using folder = await temporaryDirectory();
    const thread = startTurn(folder.path);
    const dispatch = thread.startToolDispatch(() => callOf());
    expect(dispatch.isEnabled).toBe(true);
    const bundle = onlyBundle(folder.path);
    const started = onlyEvent(bundle, "tool_call_started");
    expect(Object.entries(started).slice(0, -1)).toEqual([
      ["type", "tool_call_started"],
      ["tool_call_id", "call-a"],
      ["model_visible_call_id", "call-a"],
      ["code_mode_runtime_tool_id", null],
      ["requester", { type: "model" }],
      ["kind", { type: "exec_command" }],
      [
        "summary",
        {
          type: "generic",
          label: "exec_command",
          input_preview: '{"cmd":"ls"}',
          output_preview: null,
        },
      ],
    ]);
    expect(readPayload(bundle, started.invocation_payload)).toEqual({
      tool_name: "exec_command",
      tool_namespace: null,
      payload: { type: "function", arguments: '{"cmd":"ls"}' },
    });
    expect(readEvents(bundle).at(-1)).toMatchObject({
      thread_id: ROOT_THREAD,
      codex_turn_id: TURN,
    });
  });

  test("ends once, with what it gave back", async () => {
    await using folder = await temporaryDirectory();
    const thread = startTurn(folder.path);
    const dispatch = thread.startToolDispatch(() => callOf());
    dispatch.recordCompleted({
      status: "failed",
      result: {
        type: "direct_response",
        response_item: {
          type: "function_call_output",
          id: "fco-1",
          call_id: "call-a",
          output: "exit 1",
        },
      },
    });
    dispatch.recordFailed({ error: "too late" });
    const bundle = onlyBundle(folder.path);
    const ended = onlyEvent(bundle, "tool_call_ended");
    expect(ended).toMatchObject({ tool_call_id: "call-a", status: "failed" });
    expect(readPayload(bundle, ended.result_payload)).toEqual({
      type: "direct_response",
      response_item: { type: "function_call_output", call_id: "call-a", output: "exit 1" },
    });
  });

  test("that could not be handed to a tool ends failed with the error", async () => {
    await using folder = await temporaryDirectory();
    startTurn(folder.path)
      .startToolDispatch(() => callOf({ toolName: "nowhere" }))
      .recordFailed({ error: "unknown tool" });
    const bundle = onlyBundle(folder.path);
    expect(onlyEvent(bundle, "tool_call_started").kind).toEqual({ type: "other", name: "nowhere" });
    const ended = onlyEvent(bundle, "tool_call_ended");
    expect(ended.status).toBe("failed");
    expect(readPayload(bundle, ended.result_payload)).toEqual({
      type: "error",
      error: "unknown tool",
    });
  });

  test("out of a code cell names the cell and the runtime's id, and gives a value back", async () => {
    await using folder = await temporaryDirectory();
    const thread = startTurn(folder.path);
    expect(thread.startToolDispatch(nested).isEnabled).toBe(false);
    thread.startCodeCell({
      turnId: TURN,
      runtimeCellId: "1",
      modelVisibleCallId: "call-exec",
      sourceJs: "1",
    });
    thread.startToolDispatch(nested).recordCompleted({
      status: "completed",
      result: { type: "code_mode_response", value: { output: "x" } },
    });
    const bundle = onlyBundle(folder.path);
    expect(onlyEvent(bundle, "tool_call_started")).toMatchObject({
      tool_call_id: "exec-1",
      model_visible_call_id: null,
      code_mode_runtime_tool_id: "tool-1",
      requester: { type: "code_cell", runtime_cell_id: "1" },
    });
    expect(readPayload(bundle, onlyEvent(bundle, "tool_call_ended").result_payload)).toEqual({
      type: "code_mode_response",
      value: { output: "x" },
    });
  });

  test("of an id that was used before is not recorded: two of one id cannot be reduced", async () => {
    await using folder = await temporaryDirectory();
    const thread = startTurn(folder.path);
    thread.startToolDispatch(() => callOf());
    const second = thread.startToolDispatch(() => callOf({ toolName: "write_stdin" }));
    expect(second.isEnabled).toBe(false);
    second.recordFailed({ error: "x" });
    expect(eventsOf(onlyBundle(folder.path), "tool_call_started")).toHaveLength(1);
    expect(eventsOf(onlyBundle(folder.path), "tool_call_ended")).toHaveLength(0);
  });

  test("is not disturbed by a trace argument that cannot be built", async () => {
    await using folder = await temporaryDirectory();
    const warnings: string[] = [];
    const thread = startRoot(folder.path, { onWarning: (warning) => warnings.push(warning) });
    const dispatch = thread.startToolDispatch(() => {
      throw new Error("the secret is canary-of-the-error");
    });
    expect(dispatch.isEnabled).toBe(false);
    expect(thread.isEnabled).toBe(true);
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).not.toContain("canary-of-the-error");
    expect(thread.startToolDispatch(() => undefined).isEnabled).toBe(false);
  });
});

const customExec: Partial<ToolInvocation> = {
  toolName: "exec",
  payload: { type: "custom", input: "text(1)" },
};

test.each([
  { name: "the public exec tool in schema 1", more: customExec, schema: 1, isEnabled: false },
  { name: "the public exec tool in schema 2", more: customExec, schema: 2, isEnabled: true },
  {
    name: "exec with a namespace",
    more: { ...customExec, toolNamespace: "mcp__a" },
    schema: 1,
    isEnabled: true,
  },
  {
    name: "another custom tool",
    more: { ...customExec, toolName: "apply_patch" },
    schema: 1,
    isEnabled: true,
  },
  {
    name: "exec called as a function",
    more: { toolName: "exec" },
    schema: 1,
    isEnabled: true,
  },
] as const)(
  "[trace/A13] the dispatch of $name is recorded: $isEnabled",
  async ({ more, schema, isEnabled }) => {
    await using folder = await temporaryDirectory();
    const thread = startTurn(folder.path, schema);
    expect(thread.startToolDispatch(() => callOf(more)).isEnabled).toBe(isEnabled);
  },
);

test.each([
  ["exec_command", "exec_command"],
  ["local_shell", "exec_command"],
  ["shell", "exec_command"],
  ["shell_command", "exec_command"],
  ["write_stdin", "write_stdin"],
  ["apply_patch", "apply_patch"],
  ["web_search", "web"],
  ["web_search_preview", "web"],
  ["image_generation", "image_generation"],
  ["image_query", "image_generation"],
  ["spawn_agent", "spawn_agent"],
  ["send_message", "send_message"],
  ["followup_task", "assign_agent_task"],
  ["assign_task", "assign_agent_task"],
  ["wait_agent", "wait_agent"],
  ["close_agent", "close_agent"],
  ["interrupt_agent", "close_agent"],
])("[trace/A14] %s is of the kind %s, whatever its namespace", async (toolName, kind) => {
  await using folder = await temporaryDirectory();
  startTurn(folder.path).startToolDispatch(() => callOf({ toolName, toolNamespace: "ns" }));
  const started = onlyEvent(onlyBundle(folder.path), "tool_call_started");
  expect(started.kind).toEqual({ type: kind });
  expect(started.summary).toMatchObject({ label: `ns.${toolName}` });
});

describe("the preview of the input", () => {
  const shell: ToolInvocationPayload = {
    type: "local_shell",
    command: ["ls", "-l"],
    workdir: null,
    timeout_ms: null,
    sandbox_permissions: null,
    prefix_rule: null,
    additional_permissions: null,
    justification: null,
  };
  test.each<[string, ToolInvocationPayload, string]>([
    ["is all of a short text", { type: "custom", input: "x".repeat(160) }, "x".repeat(160)],
    ["is cut after 160", { type: "custom", input: "x".repeat(161) }, `${"x".repeat(160)}...`],
    [
      "counts characters, not code units",
      { type: "custom", input: "😀".repeat(160) },
      "😀".repeat(160),
    ],
    [
      "never splits a character",
      { type: "custom", input: `a${"😀".repeat(200)}` },
      `a${"😀".repeat(159)}...`,
    ],
    ["joins the words of a command", shell, "ls -l"],
    ["is the query of a search", { type: "tool_search", arguments: { query: "q" } }, "q"],
  ])("%s", async (_, payload, expected) => {
    await using folder = await temporaryDirectory();
    startTurn(folder.path).startToolDispatch(() => callOf({ toolName: "x", payload }));
    const { summary } = onlyEvent(onlyBundle(folder.path), "tool_call_started");
    expect(summary).toMatchObject({ input_preview: expected });
  });
});

describe("an invocation that ends Codex's reduction", () => {
  test.each<[string, TraceSchemaVersion, Partial<ToolInvocation>, boolean]>([
    ["wait for a cell", 2, withArguments("wait", '{"cell_id":"1"}'), true],
    ["wait without a cell", 2, withArguments("wait", "{}"), false],
    ["wait with cut arguments", 1, withArguments("wait", '{"cell_'), false],
    ["stdin", 1, withArguments("write_stdin", '{"session_id":7,"chars":"x"}'), true],
    ["stdin without a session, schema 1", 1, withArguments("write_stdin", "{}"), false],
    ["stdin without a session, schema 2", 2, withArguments("write_stdin", "{}"), true],
    ["stdin with an empty session", 1, withArguments("write_stdin", '{"session_id":""}'), false],
    [
      "stdin with chars null",
      1,
      withArguments("write_stdin", '{"session_id":1,"chars":null}'),
      false,
    ],
    [
      "stdin with a negative wait",
      1,
      withArguments("write_stdin", '{"session_id":1,"yield_time_ms":-1}'),
      false,
    ],
    [
      "stdin as free text",
      2,
      { toolName: "write_stdin", payload: { type: "custom", input: "x" } },
      false,
    ],
  ])("%s (schema %i)", async (_, schemaVersion, more, isStored) => {
    await using folder = await temporaryDirectory();
    startTurn(folder.path, schemaVersion).startToolDispatch(() => callOf(more));
    const started = onlyEvent(onlyBundle(folder.path), "tool_call_started");
    expect(started.invocation_payload !== null).toBe(isStored);
  });
});
