import type { InferenceSummary, TurnEvent, TurnItem } from "@codex-ts/core";
import { describe, expect, test } from "vitest";
import { createHumanRenderer } from "../../src/render/human.ts";

interface Screen {
  readonly stdout: string;
  readonly stderr: string;
}

function show(
  events: readonly TurnEvent[],
  terminals: { out?: boolean; err?: boolean } = {},
): Screen {
  let stdout = "";
  let stderr = "";
  const renderer = createHumanRenderer({
    env: { TERM: "xterm" },
    stdout: { write: (text) => (stdout += text), isTTY: terminals.out ?? false },
    stderr: { write: (text) => (stderr += text), isTTY: terminals.err ?? false },
  });
  for (const event of events) renderer.turnEvent(event);
  return { stdout, stderr };
}

const usage = {
  input_tokens: 120,
  cached_input_tokens: 20,
  output_tokens: 30,
  reasoning_output_tokens: 10,
  total_tokens: 150,
};
const inference: InferenceSummary = {
  ordinal: 1,
  inferenceCallId: "call",
  model: "m",
  status: "completed",
  responseId: "resp_1",
  upstreamRequestId: "req_1",
  usage,
  firstTokenMs: 5,
  totalMs: 1500,
  toolCalls: [],
  error: undefined,
};
const message = { id: "msg_1", type: "agent_message", text: "Hello there." } as const;
const completed: TurnEvent = {
  type: "turnCompleted",
  turnId: "turn",
  usage,
  lastAgentMessage: "Hello there.",
};

describe("a turn on a screen", () => {
  test("streams to stderr and puts the final message alone on stdout", () => {
    const screen = show([
      { type: "agentMessageDelta", itemId: "msg_1", delta: "Hello " },
      { type: "agentMessageDelta", itemId: "msg_1", delta: "there." },
      { type: "itemCompleted", item: message },
      { type: "inferenceFinished", inference },
      completed,
    ]);
    expect(screen.stdout).toBe("Hello there.\n");
    expect(screen.stderr).toBe(
      "Hello there.\nrequest 1 completed | response_id resp_1 | upstream_request_id req_1 | 120 in, 30 out | 1.5 s\n",
    );
  });

  test("does not say the message twice on one terminal", () => {
    const screen = show([{ type: "itemCompleted", item: message }, completed], {
      out: true,
      err: true,
    });
    expect(screen.stdout).toBe("");
    expect(screen.stderr).toBe("Hello there.\n");
  });

  test("shows a command, its output and how it ended, each on lines of its own", () => {
    const command = {
      id: "call_1",
      type: "command_execution",
      command: "/bin/bash -lc 'exit 3'",
      aggregated_output: "",
      exit_code: null,
      status: "in_progress",
    } as const;
    const { stderr } = show([
      { type: "reasoningDelta", itemId: "rs_1", delta: "Run it" },
      { type: "itemStarted", item: command },
      { type: "commandOutputDelta", itemId: "call_1", chunk: "no line end" },
      { type: "itemCompleted", item: { ...command, exit_code: 3, status: "failed" } },
    ]);
    expect(stderr).toBe("Run it\n$ /bin/bash -lc 'exit 3'\nno line end\nfailed, exit code 3\n");
  });

  test("shows the call of an application's tool, what it answered and how it ended", () => {
    const call = {
      id: "item_0",
      type: "dynamic_tool_call",
      tool: "get_stock",
      arguments: { article: "A-17" },
      content_items: null,
      status: "in_progress",
    } as const;
    const { stderr } = show([
      { type: "itemStarted", item: call },
      {
        type: "itemCompleted",
        item: {
          ...call,
          content_items: [{ type: "input_text", text: "no such article\u001b[2J" }],
          status: "failed",
        },
      },
    ]);
    expect(stderr).toBe('get_stock {"article":"A-17"}\nno such article\nfailed\n');
  });

  test("shows a plan each time it changes, and not again at its end", () => {
    const plan = (...done: readonly boolean[]): TurnItem => ({
      id: "plan",
      type: "todo_list",
      items: done.map((isDone, index) => ({ text: `step ${index}`, completed: isDone })),
    });
    const { stderr } = show([
      { type: "itemStarted", item: plan(false, false) },
      { type: "itemUpdated", item: plan(true, false) },
      { type: "itemUpdated", item: plan() },
      { type: "itemCompleted", item: plan() },
    ]);
    expect(stderr).toBe(
      "plan\n[ ] step 0\n[ ] step 1\nplan\n[x] step 0\n[ ] step 1\nplan: no steps\n",
    );
  });

  test("shows the files of a patch, and a patch that failed", () => {
    const patch = {
      id: "item_0",
      type: "file_change",
      changes: [
        { path: "/project/a\u001b[2J", kind: "add" },
        { path: "/project/b", kind: "update" },
      ],
      status: "in_progress",
    } as const;
    const { stderr } = show([
      { type: "itemStarted", item: patch },
      { type: "itemCompleted", item: { ...patch, status: "failed" } },
      { type: "itemStarted", item: { ...patch, id: "item_1" } },
      { type: "itemCompleted", item: { ...patch, id: "item_1", status: "completed" } },
    ]);
    const files = "add /project/a\nupdate /project/b\n";
    expect(stderr).toBe(`${files}failed\n${files}`);
  });

  test("says that a refused command was not run", () => {
    const item = {
      id: "call_1",
      type: "command_execution",
      command: "/bin/bash -lc pwd",
      aggregated_output: "",
      exit_code: null,
      status: "declined",
    } as const;
    const { stderr } = show([{ type: "itemCompleted", item }]);
    expect(stderr).toMatch(/^refused: .*not run\n$/);
  });

  test("[cli/untrusted-screen] gives nothing of a model or server to the terminal that it would obey", () => {
    const evil = "a\u001b]0;title\u0007b\u001b[2Jc\rd\u009b31me";
    const { stdout, stderr } = show([
      { type: "agentMessageDelta", itemId: "m", delta: evil },
      { type: "reasoningDelta", itemId: "r", delta: evil },
      { type: "commandOutputDelta", itemId: "c", chunk: evil },
      { type: "warning", message: evil },
      { type: "streamRetry", message: evil, details: evil, delayMs: 1 },
      { type: "itemCompleted", item: { id: "x", type: "error", message: evil } },
      { type: "inferenceFinished", inference: { ...inference, responseId: evil } },
      { ...completed, lastAgentMessage: evil },
    ]);
    expect(stdout + stderr).not.toMatch(/[^\P{Cc}\n]/u);
  });

  test("colours for a terminal only, and not with NO_COLOR", () => {
    const warning: TurnEvent = { type: "warning", message: "careful" };
    expect(show([warning], { err: true }).stderr).toContain("\u001b[33m");
    expect(show([warning]).stderr).toBe("warning: careful\n");
  });
});
