import type { InferenceSummary, ThreadEvent, TurnEvent, TurnItem } from "@codex-ts/core";
import { describe, expect, test, vi } from "vitest";
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

  test("tells of a command that runs when the turn has ended", () => {
    const item = {
      id: "call_1",
      type: "command_execution",
      command: "/bin/bash -lc 'sleep 99'",
      aggregated_output: "",
      exit_code: null,
      status: "in_progress",
    } as const;
    const { stderr } = show([{ type: "itemStarted", item }, completed]);
    expect(stderr).toBe(`$ ${item.command}\nnot ended when the turn did: $ ${item.command}\n`);
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

  test("[cli/diff] shows a patch as colored diffs on a terminal, and as plain ones in a pipe", () => {
    const lines = Array.from({ length: 300 }, (_, at) => `line ${at}\n`).join("");
    const changes = {
      "/p/a": {
        type: "update",
        unified_diff: "@@ -1 +1 @@\n-old\u001b[2J\n+new\n",
        move_path: "/p/c",
      },
      "/p/b": { type: "add", content: lines },
    } as const;
    const msg = { type: "patch_apply_begin", changes };
    const item: TurnItem = {
      id: "item_0",
      type: "file_change",
      changes: [{ path: "/p/a", kind: "update" }],
      status: "in_progress",
    };
    const screen = (isTTY: boolean): string => {
      let stderr = "";
      const renderer = createHumanRenderer({
        env: {},
        stdout: { write: () => undefined },
        stderr: { write: (text) => (stderr += text), isTTY },
      });
      renderer.threadEvent?.({ msg, facts: { itemId: "item_0" } } as unknown as ThreadEvent);
      renderer.turnEvent({ type: "itemStarted", item });
      renderer.turnEvent({ type: "itemCompleted", item: { ...item, status: "completed" } });
      return stderr;
    };
    expect(screen(true)).toContain("\u001b[31m-old\u001b[39m\n\u001b[32m+new\u001b[39m\n");
    const plain = screen(false);
    expect(plain).toMatch(
      /^update \/p\/a -> \/p\/c\n@@ -1 \+1 @@\n-old\n\+new\nadd \/p\/b\n\+line 0\n/,
    );
    expect(plain).toMatch(/\+line 199\n… 100 more lines\n$/);
  });

  test("[cli/summary] ends a turn with its tokens and both ids of its last request", () => {
    const failed = { ...inference, status: "failed", responseId: undefined } as const;
    const { stderr } = show([
      { type: "turnStarted", turnId: "turn" },
      { type: "inferenceFinished", inference },
      { type: "streamRetry", message: "Reconnecting... 1/5", details: "closed", delayMs: 1 },
      { type: "inferenceFinished", inference: { ...failed, upstreamRequestId: "req_2" } },
      { type: "turnAborted", turnId: "turn" },
    ]);
    expect(stderr).toMatch(
      /^request 1 completed \| response_id resp_1 \| upstream_request_id req_1 \| 120 in, 30 out \| 1\.5 s\nReconnecting\.\.\. 1\/5 \(closed\)\nturn stopped \| 2 requests \| response_id - \| upstream_request_id req_2 \| 240 in \(40 cached\), 60 out \| 1 retry \| \d+ ms\n$/,
    );
  });

  test("says each thing about the last request once", () => {
    const { stderr } = show([
      { type: "turnStarted", turnId: "turn" },
      { type: "inferenceFinished", inference },
      { type: "tokenCount", info: null, rateLimits: null },
      completed,
    ]);
    expect(stderr).toMatch(
      /^turn completed \| 1 request \| response_id resp_1 \| upstream_request_id req_1 \| 120 in \(20 cached\), 30 out \| \d+ ms\n$/,
    );
  });

  test("[cli/status-line] shows on a terminal what it waits for, and takes it away before it writes", () => {
    vi.useFakeTimers();
    try {
      const written: string[] = [];
      const waits = (stderr: { isTTY: boolean; columns?: number }, env = {}): string[] => {
        written.length = 0;
        const renderer = createHumanRenderer({
          env,
          stdout: { write: () => undefined },
          stderr: { write: (text) => written.push(text), ...stderr },
        });
        renderer.turnEvent({ type: "turnStarted", turnId: "turn" });
        renderer.turnEvent({ type: "inferenceStarted", inference });
        vi.advanceTimersByTime(2000);
        renderer.turnEvent({ type: "warning", message: "careful" });
        renderer.turnEvent({ type: "agentMessageDelta", itemId: "m", delta: "Hel" });
        // The cursor is behind a piece of text.
        vi.advanceTimersByTime(2000);
        renderer.turnEvent({ type: "agentMessageDelta", itemId: "m", delta: "lo\n" });
        vi.advanceTimersByTime(1000);
        renderer.turnEvent(completed);
        vi.advanceTimersByTime(5000);
        return [...written];
      };
      const erase = "\r\u001b[K";
      expect(waits({ isTTY: true }, { NO_COLOR: "1" })).toEqual([
        `${erase}waiting for the model | 1 s`,
        `${erase}waiting for the model | 2 s`,
        erase,
        "warning: careful\n",
        "Hel",
        "lo\n",
        `${erase}receiving the message | 5 s`,
        erase,
      ]);
      expect(waits({ isTTY: true, columns: 11 }, { NO_COLOR: "1" })[0]).toBe(`${erase}waiting fo`);
      const plain = ["warning: careful\n", "Hel", "lo\n"];
      expect(waits({ isTTY: false })).toEqual(plain);
      expect(waits({ isTTY: true }, { TERM: "dumb" })).toEqual(plain);
    } finally {
      vi.useRealTimers();
    }
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
