import { describe, expect, test, vi } from "vitest";
import {
  functionCallItem,
  itemDone,
  messageExchange,
  streamExchange,
} from "@codex-ts/responses-server";
import { waitFor } from "@codex-ts/test-support";
import { stdioServer } from "../../core/test/support/mcp/mcp-scene.ts";
import { startScene } from "./support/client.ts";
import type { Scene, ServerMessage } from "./support/client.ts";
import { GENERATIONS } from "./support/generations.ts";

// Each test starts processes, which takes its time on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

const call = (name: string, callId: string, args: object = {}) =>
  streamExchange([
    itemDone({ ...functionCallItem(name, args as never, callId), namespace: "mcp__demo" }),
  ]);

/** Items of calls of MCP tools, as they began or ended. */
const items = (messages: readonly ServerMessage[], method: string): unknown[] =>
  messages.flatMap((message) =>
    message.method === method && message.params.item.type === "mcpToolCall"
      ? [message.params.item]
      : [],
  );

async function withServers(scene: Scene, approvalPolicy: string): Promise<string> {
  return scene.startThread({ approvalPolicy, sandbox: "danger-full-access" });
}

describe.each(GENERATIONS)("as %s", (compatibility) => {
  const mcpServers = {
    demo: stdioServer("demo"),
    missing: { command: "/nonexistent/program" },
    off: { command: "x", enabled: false },
  };

  test("[app-server/MCP1] a server that a thread waits for says how it starts once the client knows the thread", async () => {
    await using scene = await startScene({
      compatibility,
      script: [],
      threadOptions: () => ({ mcpServers: { demo: { ...stdioServer("demo"), required: true } } }),
    });
    const threadId = await withServers(scene, "never");
    const states = (): unknown[] =>
      scene.messages.flatMap(({ method, params }) =>
        method === "mcpServer/startupStatus/updated"
          ? [[params.threadId, params.name, params.status]]
          : [],
      );
    await waitFor(() => states().length === 2, { timeoutMs: 30_000, what: "two states" });
    expect(states()).toEqual([
      [threadId, "demo", "starting"],
      [threadId, "demo", "ready"],
    ]);
  });

  test("[app-server/MCP1] servers say how they start, calls are items, also of a thread that is read", async () => {
    const script = [
      call("add", "c1", { a: 2, b: 3 }),
      call("fail", "c2", { why: "so" }),
      call("refuse", "c3"),
      messageExchange("done"),
    ];
    await using scene = await startScene({
      compatibility,
      script,
      threadOptions: () => ({ mcpServers }),
    });
    const threadId = await withServers(scene, "never");
    const messages = await scene.turn(threadId, "hi");
    const states = scene.messages.flatMap(({ method, params }) =>
      method === "mcpServer/startupStatus/updated" ? [`${params.name} ${params.status}`] : [],
    );
    expect(states.toSorted()).toEqual([
      "demo ready",
      "demo starting",
      "missing failed",
      "missing starting",
    ]);
    const hint = compatibility === "0.171" ? { readOnlyHint: true, environmentId: null } : {};
    expect(items(messages, "item/started")[0]).toMatchObject({
      id: "c1",
      server: "demo",
      tool: "add",
      status: "inProgress",
      arguments: { a: 2, b: 3 },
      result: null,
      error: null,
      durationMs: null,
      ...hint,
    });
    const ended = items(messages, "item/completed");
    expect(ended).toMatchObject([
      {
        status: "completed",
        result: {
          content: [{ type: "text", text: "5" }],
          structuredContent: { sum: 5 },
          _meta: null,
        },
        error: null,
        durationMs: expect.any(Number),
      },
      { tool: "fail", status: "failed", error: null },
      { status: "failed", result: null, error: { message: expect.stringContaining("not today") } },
    ]);
    const read = await scene.request("thread/read", { threadId, includeTurns: true });
    const [turn] = read.result.thread.turns as { items: { type: string; id: string }[] }[];
    const kept = turn?.items.filter(({ type }) => type === "mcpToolCall");
    expect(kept).toMatchObject([
      { id: "c1", status: "completed", result: { structuredContent: { sum: 5 } } },
      { id: "c2", status: "failed" },
      { id: "c3", status: "failed", error: { message: expect.stringContaining("not today") } },
    ]);
  });

  test("[app-server/MCP2] a server's question is the client's; without an answer it is cancelled", async () => {
    const script = [
      call("ask", "c1"),
      messageExchange("done"),
      call("ask", "c2"),
      messageExchange("done"),
    ];
    let asked = 0;
    await using scene = await startScene({
      compatibility,
      script,
      threadOptions: () => ({ mcpServers: { demo: mcpServers.demo } }),
      onRequest: ({ method }) => {
        if (method !== "mcpServer/elicitation/request") return undefined;
        asked += 1;
        return asked === 1
          ? { result: { action: "accept", content: { name: "Bob" }, _meta: null } }
          : { error: { code: -1, message: "no" } };
      },
    });
    const threadId = await withServers(scene, "on-request");
    const messages = await scene.turn(threadId, "hi");
    expect(scene.lastInput).toContain("Bob");
    const question = messages.find(({ method }) => method === "mcpServer/elicitation/request");
    expect(question?.params).toMatchObject({
      threadId,
      turnId: expect.any(String),
      serverName: "demo",
      mode: "form",
      message: "Your name?",
    });
    expect(messages).toContainEqual(
      expect.objectContaining({
        method: "serverRequest/resolved",
        params: { threadId, requestId: question?.id },
      }),
    );
    const flags = messages.map(({ params }) => params?.status?.activeFlags as unknown);
    const at = messages.indexOf(question as ServerMessage);
    expect([flags[at - 1], flags[at + 2]]).toEqual([["waitingOnApproval"], []]);
    await scene.turn(threadId, "again");
    expect(scene.lastInput).toContain("cancel");
  });

  test("[app-server/MCP4] an interruption while a server asks ends the turn, then the question", async () => {
    await using scene = await startScene({
      compatibility,
      script: [call("ask", "c1")],
      threadOptions: () => ({ mcpServers: { demo: mcpServers.demo } }),
      onRequest: () => undefined,
    });
    const threadId = await withServers(scene, "on-request");
    const input = [{ type: "text", text: "hi" }];
    const { result } = await scene.request("turn/start", { threadId, input });
    const question = await scene.waitFor(
      ({ method }) => method === "mcpServer/elicitation/request",
      "the question",
    );
    const { result: read } = await scene.request("thread/read", { threadId });
    expect(read.thread.status).toEqual({ type: "active", activeFlags: ["waitingOnApproval"] });
    await scene.request("turn/interrupt", { threadId, turnId: result.turn.id });
    await scene.waitFor(({ method }) => method === "serverRequest/resolved", "its end");
    const ends = scene.messages.slice(scene.messages.indexOf(question) + 1);
    const kinds = ends.flatMap(({ method, params }) => {
      if (method === "thread/status/changed") return [`status ${params.status.type as string}`];
      return method === "turn/completed" || method === "serverRequest/resolved" ? [method] : [];
    });
    expect(kinds).toEqual(["status idle", "turn/completed", "serverRequest/resolved"]);
  });

  test("[app-server/MCP3] the servers of the configuration are listed with what they offer", async () => {
    await using scene = await startScene({ compatibility, threadOptions: () => ({ mcpServers }) });
    const { result } = await scene.request("mcpServerStatus/list", {});
    expect(result).toMatchObject({
      data: [
        {
          name: "demo",
          serverInfo: { name: "demo", version: "1.0.0" },
          tools: { add: { name: "add", annotations: { readOnlyHint: true } } },
          resources: [{ uri: "file:///a" }],
          resourceTemplates: [{ name: "t" }],
          authStatus: "unsupported",
        },
        { name: "missing", tools: {} },
        { name: "off", tools: {} },
      ],
      nextCursor: null,
    });
    const part = await scene.request("mcpServerStatus/list", { cursor: "1", limit: 1 });
    expect(part.result).toMatchObject({ data: [{ name: "missing" }], nextCursor: "2" });
  });

  // Source: docs/behavior/app-server.md 10; the same requests in both binaries.
  test("[app-server/MCP5] resources of servers are read, of a thread's and of the configuration's", async () => {
    await using scene = await startScene({ compatibility, threadOptions: () => ({ mcpServers }) });
    const read = async (params: object): Promise<unknown> => {
      const { result, error } = await scene.request("mcpServer/resource/read", {
        server: "demo",
        uri: "file:///a",
        ...params,
      });
      return result ?? error;
    };
    const threadId = await withServers(scene, "never");
    const found = {
      contents: [{ uri: "file:///a", mimeType: "text/plain", text: "AAA" }],
      ...(compatibility === "0.171" && { originCallId: null }),
    };
    expect(await read({ threadId })).toEqual(found);
    expect(await read({ threadId: null })).toEqual(found);
    expect(await read({ threadId, uri: "file:///b" })).toEqual(
      compatibility === "0.171"
        ? { code: -32_002, message: "no such resource" }
        : {
            code: -32_603,
            message:
              "resources/read failed for `demo` (file:///b): Mcp error: -32002: no such resource",
          },
    );
    for (const server of ["none", "off", "__proto__"]) {
      const unknown = { code: -32_603, message: `unknown MCP server '${server}'` };
      expect(await read({ threadId, server })).toEqual(unknown);
      expect(await read({ server })).toEqual(unknown);
    }
    const dead = {
      code: -32_603,
      message: expect.stringMatching(/^failed to get client: MCP startup failed: /),
    };
    expect(await read({ threadId, server: "missing" })).toEqual(dead);
    expect(await read({ server: "missing" })).toEqual(dead);
    expect(await read({ threadId: "01a22dba-d48c-7901-a76d-44f21d170999" })).toMatchObject({
      code: -32_600,
      message: expect.stringContaining("thread not found"),
    });
  });
});
