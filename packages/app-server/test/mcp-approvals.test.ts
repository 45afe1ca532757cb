// oxlint-disable eslint/no-underscore-dangle -- names of the wire, and scenes that are only disposed of
import {
  functionCallItem,
  itemDone,
  messageExchange,
  streamExchange,
} from "@codex-ts/responses-server";
import type { AppServerHost } from "@codex-ts/app-server";
import type { McpServerOptions } from "@codex-ts/core";
import { describe, expect, test, vi } from "vitest";
import { readLog, stdioServer } from "../../core/test/support/mcp/mcp-scene.ts";
import { startScene } from "./support/client.ts";
import type { Scene, ServerMessage } from "./support/client.ts";
import { GENERATIONS } from "./support/generations.ts";

// Each test starts processes, which takes its time on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

const ELICITATION = "mcpServer/elicitation/request";
const SETTINGS = { approvalPolicy: "on-request", sandbox: "workspace-write" };

const callItem = (name: string, callId: string, args: object) =>
  itemDone({ ...functionCallItem(name, args as never, callId), namespace: "mcp__demo" });

const call = (name: string, callId: string, args: object = {}) =>
  streamExchange([callItem(name, callId, args)]);

const script = (...calls: ReturnType<typeof call>[]) => [...calls, messageExchange("done")];

const replyOf = (action: string, meta: unknown = null): object => ({
  result: { action, content: action === "accept" ? {} : null, _meta: meta },
});

/** The moments of a turn about approvals, in order. */
function momentsOf(messages: readonly ServerMessage[]): string[] {
  return messages.flatMap(({ method, params }) => {
    switch (method ?? "") {
      case ELICITATION:
        return ["asked"];
      case "serverRequest/resolved":
        return ["resolved"];
      case "thread/status/changed":
        return [`status ${params.status.activeFlags ?? params.status.type}`];
      case "item/started":
      case "item/completed": {
        const { type, status, error } = params.item;
        return type === "mcpToolCall" ? [`${status} ${error?.message ?? ""}`.trim()] : [];
      }
      case "turn/completed":
        return [`turn ${params.turn.status}`];
      default:
        return [];
    }
  });
}

const questions = (messages: readonly ServerMessage[]): ServerMessage[] =>
  messages.filter(({ method }) => method === ELICITATION);

describe.each(GENERATIONS)("MCP tools are asked about, as %s", (compatibility) => {
  interface Run {
    readonly calls: readonly ReturnType<typeof call>[];
    readonly reply: (message: ServerMessage) => object | undefined;
    readonly server?: Partial<McpServerOptions>;
    readonly settings?: object;
    readonly host?: Partial<AppServerHost>;
  }

  const startOf = ({ calls, reply, server = {}, host = {} }: Run): Promise<Scene> =>
    startScene({
      compatibility,
      script: script(...calls),
      onRequest: reply,
      host,
      threadOptions: () => ({ mcpServers: { demo: stdioServer("demo", server) } }),
    });

  async function run(
    options: Run,
  ): Promise<{ readonly scene: Scene; readonly messages: readonly ServerMessage[] }> {
    const scene = await startOf(options);
    const threadId = await scene.startThread({ ...SETTINGS, ...options.settings });
    return { scene, messages: await scene.turn(threadId, "hi") };
  }

  test("[app-server/mcp-approval-approve] accept: the tool is called; the request says which, with what, and what the server says of it", async () => {
    const { scene, messages } = await run({
      calls: [call("destroy", "c1", { what: "all", n: [1] }), call("write", "c2")],
      reply: () => replyOf("accept"),
    });
    await using _ = scene;
    const once = ["inProgress", "status waitingOnApproval", "asked", "resolved", "status "];
    expect(momentsOf(messages)).toEqual([
      "status ",
      ...once,
      "completed",
      ...once,
      "completed",
      "status idle",
      "turn completed",
    ]);
    const [first, second] = questions(messages);
    const isNew = compatibility === "0.171";
    expect(first?.params).toEqual({
      threadId: expect.any(String),
      turnId: expect.any(String),
      serverName: "demo",
      ...(isNew && { environmentId: null }),
      mode: "form",
      _meta: {
        codex_approval_kind: "mcp_tool_call",
        persist: ["session"],
        ...(isNew && {
          tool_name: "destroy",
          tool_annotations: { destructiveHint: true },
        }),
        tool_params: { what: "all", n: [1] },
        tool_params_display: [
          { name: "n", value: [1], display_name: "n" },
          { name: "what", value: "all", display_name: "what" },
        ],
      },
      message: 'Allow the demo MCP server to run tool "destroy"?',
      requestedSchema: { type: "object", properties: {} },
    });
    expect(second?.params._meta).toEqual({
      codex_approval_kind: "mcp_tool_call",
      persist: ["session"],
      ...(isNew && { tool_name: "write" }),
      tool_description: "Says nothing of itself.",
      tool_params: {},
      tool_params_display: [],
    });
    expect(scene.lastInput).toContain("ran destroy");
  });

  test.each<[string, object, string]>([
    ["decline", replyOf("decline"), "user rejected MCP tool call"],
    ["cancel", replyOf("cancel"), "user cancelled MCP tool call"],
    ["an answer that is none", { result: { action: "maybe" } }, "user rejected MCP tool call"],
    ["an error", { error: { code: -1, message: "no" } }, "user rejected MCP tool call"],
  ])(
    "[app-server/mcp-approval-deny] %s: the tool is not called, and the turn goes on",
    async (_name, reply, text) => {
      const { scene, messages } = await run({ calls: [call("write", "c1")], reply: () => reply });
      await using _ = scene;
      expect(momentsOf(messages)).toEqual([
        "status ",
        "inProgress",
        "status waitingOnApproval",
        "asked",
        "resolved",
        "status ",
        `failed ${text}`,
        "status idle",
        "turn completed",
      ]);
      expect(scene.lastInput).toContain(text);
    },
  );

  test("[app-server/mcp-approval-session] accept for the session: not asked about again", async () => {
    const { scene, messages } = await run({
      calls: [call("write", "c1"), call("write", "c2", { x: 1 }), call("destroy", "c3")],
      reply: ({ params }) =>
        params.message.includes("write")
          ? replyOf("accept", { persist: "session" })
          : replyOf("decline"),
    });
    await using _ = scene;
    expect(questions(messages)).toHaveLength(2);
    expect(momentsOf(messages).filter((moment) => moment === "completed")).toHaveLength(2);
  });

  test("[app-server/mcp-approval-always] accept for good: the host keeps it; where it cannot, a warning says so", async () => {
    const kept: string[][] = [];
    const { scene, messages } = await run({
      calls: [call("write", "c1"), call("write", "c2"), call("destroy", "c3")],
      reply: () => replyOf("accept", { persist: "always" }),
      host: {
        allowMcpTool: async (...words) => {
          kept.push(words);
          if (words[1] === "destroy") throw new Error("disk full");
        },
      },
    });
    await using _ = scene;
    expect(questions(messages).map(({ params }) => params._meta.persist)).toEqual([
      ["session", "always"],
      ["session", "always"],
    ]);
    expect(kept).toEqual([
      ["demo", "write"],
      ["demo", "destroy"],
    ]);
    const warnings = messages.filter(({ method }) => method === "warning");
    expect(warnings.map(({ params }) => params.message)).toEqual([
      "the approval holds for this session only, because it could not be kept: disk full",
    ]);
    expect(momentsOf(messages).filter((moment) => moment === "completed")).toHaveLength(3);
  });

  test("[app-server/mcp-approval-modes] `prompt` asks each time and offers nothing more; `never` asks nobody", async () => {
    const server = { defaultToolsApprovalMode: "prompt" } as const;
    const calls = [call("add", "c1", { a: 1, b: 1 }), call("add", "c2", { a: 1, b: 1 })];
    const reply = (): object => replyOf("accept", { persist: "session" });
    const { scene, messages } = await run({ calls, reply, server });
    await using _ = scene;
    const asked = questions(messages);
    expect(asked).toHaveLength(2);
    for (const { params } of asked) expect(params._meta).not.toHaveProperty("persist");
    const never = await run({ calls, reply, server, settings: { approvalPolicy: "never" } });
    await using __ = never.scene;
    expect(questions(never.messages)).toEqual([]);
    expect(momentsOf(never.messages).filter((moment) => moment.startsWith("failed"))).toHaveLength(
      2,
    );
  });

  test("[app-server/mcp-approval-left] an interruption while a client is asked ends the turn, then the question", async () => {
    const calls = [streamExchange([callItem("write", "c1", {}), callItem("destroy", "c2", {})])];
    await using scene = await startOf({ calls, reply: () => undefined });
    const threadId = await scene.startThread(SETTINGS);
    const input = [{ type: "text", text: "hi" }];
    const { result } = await scene.request("turn/start", { threadId, input });
    await scene.waitFor(({ method }) => method === ELICITATION, "the question");
    await scene.request("turn/interrupt", { threadId, turnId: result.turn.id });
    await scene.waitFor(({ method }) => method === "serverRequest/resolved", "its end");
    const from = scene.messages.findIndex(({ method }) => method === "turn/started");
    expect(momentsOf(scene.messages.slice(from))).toEqual([
      "inProgress",
      "status waitingOnApproval",
      "asked",
      "status idle",
      "turn interrupted",
      "resolved",
    ]);
  });

  test("[app-server/mcp-approval-gone] a client that leaves while it is asked: the tool is not called, and nothing is left running", async () => {
    const calls = [call("write", "c1")];
    const scene = await startScene({
      compatibility,
      script: script(...calls),
      onRequest: () => undefined,
      threadOptions: (home) => ({
        mcpServers: { demo: stdioServer("demo", { logFile: `${home}/log` }) },
      }),
    });
    await using _ = scene;
    const threadId = await scene.startThread(SETTINGS);
    await scene.request("turn/start", { threadId, input: [{ type: "text", text: "hi" }] });
    await scene.waitFor(({ method }) => method === ELICITATION, "the question");
    await scene.leave();
    const log = readLog(`${scene.home}/log`);
    expect(log.map(({ method }) => method)).not.toContain("tools/call");
    const [{ pid }] = log as [{ pid: number }];
    expect(() => process.kill(pid, 0)).toThrow("ESRCH");
  });
});
