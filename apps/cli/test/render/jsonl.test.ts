import type { TurnEvent, TurnItem } from "@codex-ts/core";
import { describe, expect, test } from "vitest";
import { createJsonlRenderer } from "../../src/render/jsonl.ts";

function render(events: readonly TurnEvent[], errorPolicy: "0.169" | "0.140" = "0.169"): unknown[] {
  return renderLines(events, errorPolicy).map((line) => JSON.parse(line) as unknown);
}

function renderLines(
  events: readonly TurnEvent[],
  errorPolicy: "0.169" | "0.140" = "0.169",
): string[] {
  let text = "";
  const renderer = createJsonlRenderer({ write: (piece) => (text += piece), errorPolicy });
  for (const event of events) renderer.turnEvent(event);
  return text.split("\n").slice(0, -1);
}

const usage = {
  input_tokens: 240,
  cached_input_tokens: 40,
  output_tokens: 60,
  reasoning_output_tokens: 20,
  total_tokens: 300,
};
const command = {
  id: "call_1",
  type: "command_execution",
  command: "/bin/bash -lc 'echo one'",
  aggregated_output: "",
  exit_code: null,
  status: "in_progress",
} as const;

describe("the JSON lines of a turn", () => {
  test("show the call of an application's tool like a command, when it starts and when it ends", () => {
    const call = {
      id: "call_1",
      type: "dynamic_tool_call",
      tool: "get_stock",
      arguments: { article: "A-17" },
      content_items: null,
      status: "in_progress",
    } as const;
    const ended = {
      ...call,
      content_items: [{ type: "input_text", text: "42 pieces" }],
      status: "completed",
    } as const;
    expect(
      render([
        { type: "itemStarted", item: call },
        { type: "itemCompleted", item: ended },
      ]),
    ).toEqual([
      { type: "item.started", item: { ...call, id: "item_0" } },
      { type: "item.completed", item: { ...ended, id: "item_0" } },
    ]);
  });

  test("[cli/json-items] number items by first appearance and print text items once, when complete", () => {
    const reasoning = { id: "rs_1", type: "reasoning", text: "Run it." } as const;
    const message = { id: "msg_1", type: "agent_message", text: "Done." } as const;
    const lines = render([
      { type: "turnStarted", turnId: "turn" },
      { type: "itemStarted", item: message },
      { type: "reasoningDelta", itemId: "rs_1", delta: "Run" },
      { type: "itemStarted", item: { ...reasoning, text: "" } },
      { type: "itemCompleted", item: reasoning },
      { type: "itemStarted", item: command },
      { type: "commandOutputDelta", itemId: "call_1", chunk: "one\n" },
      { type: "agentMessageDelta", itemId: "msg_1", delta: "Done." },
      { type: "itemCompleted", item: message },
      {
        type: "itemCompleted",
        item: { ...command, aggregated_output: "one\n", exit_code: 0, status: "completed" },
      },
      { type: "turnCompleted", turnId: "turn", usage, lastAgentMessage: "Done." },
    ]);
    expect(lines).toEqual([
      { type: "turn.started" },
      { type: "item.completed", item: { id: "item_0", type: "reasoning", text: "Run it." } },
      { type: "item.started", item: { ...command, id: "item_1" } },
      { type: "item.completed", item: { id: "item_2", type: "agent_message", text: "Done." } },
      {
        type: "item.completed",
        item: {
          ...command,
          id: "item_1",
          aggregated_output: "one\n",
          exit_code: 0,
          status: "completed",
        },
      },
      {
        type: "turn.completed",
        usage: {
          input_tokens: 240,
          cached_input_tokens: 40,
          cache_write_input_tokens: 0,
          output_tokens: 60,
          reasoning_output_tokens: 20,
        },
      },
    ]);
  });

  test("[cli/json-plan] show a plan as one item, whole right before the last line of its turn", () => {
    const plan = (completed: boolean): TurnItem => ({
      id: "plan",
      type: "todo_list",
      items: [{ text: "look", completed }],
    });
    const open: readonly TurnEvent[] = [
      { type: "itemStarted", item: plan(false) },
      { type: "itemUpdated", item: plan(true) },
      { type: "itemCompleted", item: plan(true) },
    ];
    const item = (completed: boolean): object => ({ ...plan(completed), id: "item_0" });
    const shown = [
      { type: "item.started", item: item(false) },
      { type: "item.updated", item: item(true) },
    ];
    const finished = { type: "item.completed", item: item(true) };
    const error = { code: "stream", message: "no" };
    expect(render([...open, { type: "turnAborted", turnId: "turn" }])).toEqual([
      ...shown,
      finished,
    ]);
    expect(render([...open, { type: "turnFailed", turnId: "turn", error }])).toEqual([
      ...shown,
      { type: "error", message: "no" },
      finished,
      { type: "turn.failed", error: { message: "no" } },
    ]);
    const completed = render([
      ...open,
      { type: "turnCompleted", turnId: "turn", usage, lastAgentMessage: null },
    ]);
    expect(completed.slice(0, -1)).toEqual([...shown, finished]);
  });

  test("[cli/json-web-search] show searches with the ids of their response", () => {
    const item = {
      id: "ws_1",
      type: "web_search",
      query: "'x'",
      action: { type: "find_in_page", pattern: "x" },
    } as const;
    const message = { id: "msg_1", type: "agent_message", text: "Done." } as const;
    const events: readonly TurnEvent[] = [
      { type: "itemStarted", item },
      { type: "itemCompleted", item },
      { type: "itemCompleted", item: message },
    ];
    const last = { type: "item.completed", item: { ...message, id: "item_1" } };
    expect(render(events)).toEqual([
      { type: "item.started", item },
      { type: "item.completed", item },
      last,
    ]);
    const older = { ...item, action: { type: "other" } };
    expect(render(events, "0.140")).toEqual([
      { type: "item.started", item: older },
      { type: "item.completed", item: older },
      last,
    ]);
  });

  test("[cli/json-members] keep the order of members that Codex writes", () => {
    expect(
      renderLines([
        { type: "itemStarted", item: command },
        { type: "turnCompleted", turnId: "turn", usage, lastAgentMessage: null },
      ]),
    ).toEqual([
      `{"type":"item.started","item":{"id":"item_0","type":"command_execution","command":"/bin/bash -lc 'echo one'","aggregated_output":"","exit_code":null,"status":"in_progress"}}`,
      '{"type":"turn.completed","usage":{"input_tokens":240,"cached_input_tokens":40,"cache_write_input_tokens":0,"output_tokens":60,"reasoning_output_tokens":20}}',
    ]);
  });

  test("[cli/json-usage-0.140] leave cache writes out where 0.140 is asked for", () => {
    const [line] = render(
      [{ type: "turnCompleted", turnId: "turn", usage, lastAgentMessage: null }],
      "0.140",
    );
    expect(line).toEqual({
      type: "turn.completed",
      usage: {
        input_tokens: 240,
        cached_input_tokens: 40,
        output_tokens: 60,
        reasoning_output_tokens: 20,
      },
    });
  });

  test("[cli/json-failures] tell retries with their cause, warnings as items, and the final error twice", () => {
    const part = { id: "msg_1", type: "agent_message", text: "part" } as const;
    const error = { code: "stream", message: "stream disconnected" };
    expect(
      render([
        { type: "warning", message: "careful" },
        { type: "itemCompleted", item: part },
        {
          type: "streamRetry",
          message: "Reconnecting... 1/1",
          details: "stream disconnected",
          delayMs: 200,
        },
        { type: "itemCompleted", item: part },
        { type: "turnFailed", turnId: "turn", error },
      ]),
    ).toEqual([
      { type: "item.completed", item: { id: "item_0", type: "error", message: "careful" } },
      { type: "item.completed", item: { id: "item_1", type: "agent_message", text: "part" } },
      { type: "error", message: "Reconnecting... 1/1 (stream disconnected)" },
      { type: "item.completed", item: { id: "item_2", type: "agent_message", text: "part" } },
      { type: "error", message: "stream disconnected" },
      { type: "turn.failed", error: { message: "stream disconnected" } },
    ]);
  });

  test("[cli/json-failure-facts] what Codex's message leaves out stands beside it in turn.failed only", () => {
    const error = {
      code: "internal_server_error",
      message: "internal error",
      status: 500,
      upstreamRequestId: "req_1",
      serverMessage: "out of memory",
    };
    expect(render([{ type: "turnFailed", turnId: "turn", error }])).toEqual([
      { type: "error", message: "internal error" },
      {
        type: "turn.failed",
        error: {
          message: "internal error",
          status: 500,
          server_message: "out of memory",
          upstream_request_id: "req_1",
        },
      },
    ]);
  });

  test.each([
    ["an answer", "before\u2028middle\u2029after"],
    ["separators alone", "\u2028\u2029\u2028"],
    ["next line, too", "a\u0085b"],
    ["what looks like an escape", "\\u2028"],
    ["other line breaks", "a\r\nb\vc\fd"],
  ])("[cli/json-lines-whole] %s stays on one line for every reader", (_what, text) => {
    const part = { id: "m", type: "agent_message", text } as const;
    const run = { ...command, aggregated_output: text, exit_code: 0, status: "completed" } as const;
    const error = { code: "stream", message: text };
    const lines = renderLines([
      { type: "itemCompleted", item: part },
      { type: "itemCompleted", item: run },
      { type: "warning", message: text },
      { type: "turnFailed", turnId: "turn", error },
    ]);
    expect(lines).toHaveLength(5);
    for (const line of lines) {
      expect(line.split(/[\r\n\v\f\u0085\u2028\u2029]/)).toHaveLength(1);
      expect(JSON.stringify(JSON.parse(line))).toContain(JSON.stringify(text).slice(1, -1));
    }
  });

  test("[cli/json-aborted] an aborted turn has no last line", () => {
    expect(render([{ type: "turnAborted", turnId: "turn" }])).toEqual([]);
  });

  test("control characters that JSON leaves alone are escaped", () => {
    const item = { id: "m", type: "agent_message", text: "a\u009b2J\u007f\u001b[0m" } as const;
    const [line = ""] = renderLines([{ type: "itemCompleted", item }]);
    expect(line).toContain(String.raw`a\u009b2J\u007f\u001b[0m`);
    expect(JSON.parse(line)).toMatchObject({ item: { text: item.text } });
  });
});
