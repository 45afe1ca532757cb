// oxlint-disable eslint/no-underscore-dangle -- names of the wire, and scenes that are only disposed of
import type {
  ApprovalDecision,
  ApprovalRequest,
  McpServerOptions,
  OnApproval,
} from "@codex-ts/core";
import { describe, expect, test, vi } from "vitest";
import { reduceStrictly } from "../support/bundle.ts";
import { ofType, startScene } from "../support/harness.ts";
import type { Scene, SceneOptions } from "../support/harness.ts";
import { callingEach, mcpItems, outputs, stdioServer } from "../support/mcp/mcp-scene.ts";
import type { McpCall } from "../support/mcp/mcp-scene.ts";

// Each test starts processes, which takes its time on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

const REJECTED = "user rejected MCP tool call";
const DISMISSED = "user cancelled MCP tool call";
const write = { name: "write" };
const destroy = { name: "destroy", args: { what: "all" } };
const add = { name: "add", args: { a: 1, b: 1 } };

interface Started {
  readonly scene: Scene;
  readonly asked: ApprovalRequest[];
}

async function start(
  calls: readonly McpCall[],
  answer: ApprovalDecision | OnApproval,
  { server = {}, ...options }: SceneOptions & { readonly server?: Partial<McpServerOptions> } = {},
): Promise<Started> {
  const asked: ApprovalRequest[] = [];
  const onApproval: OnApproval = (request, context) => {
    asked.push(request);
    return typeof answer === "function" ? answer(request, context) : answer;
  };
  const scene = await startScene(callingEach(calls), {
    approvalPolicy: "on-request",
    sandboxMode: "workspace-write",
    mcpServers: { demo: stdioServer("demo", server) },
    onApproval,
    ...options,
  });
  return { scene, asked };
}

const statuses = (events: Parameters<typeof mcpItems>[0]): unknown[] =>
  mcpItems(events).flatMap((item) => {
    const { event, status } = item as { event: string; status: string };
    return event === "itemCompleted" ? [status] : [];
  });

const toolsOf = (asked: readonly ApprovalRequest[]): unknown[] =>
  asked.map((request) => (request.type === "mcp_tool" ? request.tool : request.type));

describe.each(["0.140", "0.171"] as const)("MCP tools by callback, %s", (compatibility) => {
  test("[core/mcp-approval-approve] a tool is called once it is approved; the question says which, with what, and what the server says of it", async () => {
    const { scene, asked } = await start([destroy, write, add], "approved", { compatibility });
    await using _ = scene;
    const events = await scene.turn("go");
    expect(asked).toEqual([
      {
        type: "mcp_tool",
        threadId: scene.thread.threadId,
        turnId: expect.any(String),
        callId: "call_1",
        startedAtMs: expect.any(Number),
        server: "demo",
        tool: "destroy",
        arguments: { what: "all" },
        annotations: { destructiveHint: true },
        isAlwaysAsked: false,
      },
      expect.objectContaining({
        tool: "write",
        description: "Says nothing of itself.",
        annotations: {},
      }),
    ]);
    expect(statuses(events)).toEqual(["completed", "completed", "completed"]);
    expect(JSON.stringify(outputs(scene))).toContain("ran destroy");
    const kinds = events.flatMap(({ type }) => (/^approval|^item/.test(type) ? [type] : []));
    expect(kinds.slice(0, 4)).toEqual([
      "itemStarted",
      "approvalRequested",
      "approvalResolved",
      "itemCompleted",
    ]);
  });

  test.each<[ApprovalDecision, string]>([
    ["denied", REJECTED],
    ["dismissed", DISMISSED],
  ])(
    "[core/mcp-approval-deny] %s: the tool is not called, the model reads so, and the turn goes on",
    async (decision, text) => {
      const { scene } = await start([write], decision, { compatibility });
      await using _ = scene;
      const events = await scene.turn("go");
      expect(mcpItems(events).at(-1)).toMatchObject({ status: "failed", error: { message: text } });
      expect(JSON.stringify(outputs(scene))).toContain(text);
      expect(ofType(events, "approvalResolved")).toMatchObject([{ decision }]);
      expect(events.at(-1)?.type).toBe("turnCompleted");
    },
  );
});

test("[core/mcp-approval-session] a tool approved for the session is asked about once, another is", async () => {
  const { scene, asked } = await start(
    [write, { ...write, args: { x: 1 } }, destroy],
    "approved_for_session",
  );
  await using _ = scene;
  const events = await scene.turn("go");
  expect(toolsOf(asked)).toEqual(["write", "destroy"]);
  expect(statuses(events)).toEqual(["completed", "completed", "completed"]);
});

test("[core/mcp-approval-abort] abort ends the turn, and the tool is not called", async () => {
  const { scene } = await start([write], "abort");
  await using _ = scene;
  const events = await scene.turn("go");
  expect(mcpItems(events).at(-1)).toMatchObject({
    status: "failed",
    error: { message: DISMISSED },
  });
  expect(events.at(-1)?.type).toBe("turnAborted");
  expect(scene.server.requests).toHaveLength(1);
  await reduceStrictly(scene.thread);
});

test("[core/mcp-approval-left] an interruption does not wait for the answer; the item has no end", async () => {
  const question = Promise.withResolvers<AbortSignal>();
  const { scene } = await start([write], (_, { signal }) => {
    question.resolve(signal);
    return new Promise(() => {});
  });
  await using _ = scene;
  const turn = scene.turn("go");
  const signal = await question.promise;
  await scene.thread.interrupt();
  const events = await turn;
  expect(signal.aborted).toBe(true);
  expect(ofType(events, "approvalResolved")).toMatchObject([{ decision: "left" }]);
  expect(statuses(events)).toEqual([]);
  expect(events.at(-1)?.type).toBe("turnAborted");
  await reduceStrictly(scene.thread);
});

test("[core/mcp-approval-deny] a callback that throws denies, and a warning says so", async () => {
  const { scene } = await start([write], () => {
    throw new Error("no window");
  });
  await using _ = scene;
  const events = await scene.turn("go");
  expect(mcpItems(events).at(-1)).toMatchObject({ error: { message: REJECTED } });
  expect(ofType(events, "warning")[0]?.message).toContain("no window");
});

describe("who is asked", () => {
  test.each([
    ["0.140", ["contradict"]],
    ["0.171", []],
  ] as const)(
    "[core/mcp-approval-modes] as %s, about a tool that says both that it only reads and that it destroys: %j",
    async (compatibility, expected) => {
      const { scene, asked } = await start([{ name: "contradict" }], "approved", { compatibility });
      await using _ = scene;
      expect(statuses(await scene.turn("go"))).toEqual(["completed"]);
      expect(toolsOf(asked)).toEqual(expected);
    },
  );

  test("[core/mcp-approval-modes] `prompt` asks about every call, whatever was approved; `approve` about none", async () => {
    const prompt = { defaultToolsApprovalMode: "prompt" } as const;
    const { scene, asked } = await start([add, add], "approved_for_session", { server: prompt });
    await using _ = scene;
    await scene.turn("go");
    expect(asked).toMatchObject([
      { tool: "add", isAlwaysAsked: true },
      { tool: "add", isAlwaysAsked: true },
    ]);
    const approve = {
      defaultToolsApprovalMode: "approve" as const,
      tools: { destroy: { approvalMode: "prompt" as const } },
    };
    const other = await start([write, destroy], "denied", { server: approve });
    await using __ = other.scene;
    const events = await other.scene.turn("go");
    expect(toolsOf(other.asked)).toEqual(["destroy"]);
    expect(statuses(events)).toEqual(["completed", "failed"]);
  });

  test("[core/mcp-approval-modes] in full access too, unless the policy is `never`, under which nobody is asked", async () => {
    const full = { sandboxMode: "danger-full-access" } as const;
    const { scene, asked } = await start([write, add], "denied", full);
    await using _ = scene;
    expect(statuses(await scene.turn("go"))).toEqual(["failed", "completed"]);
    expect(toolsOf(asked)).toEqual(["write"]);
    const never = await start([write, add], "approved", { approvalPolicy: "never" });
    await using __ = never.scene;
    expect(statuses(await never.scene.turn("go"))).toEqual(["failed", "completed"]);
    const free = await start([write], "denied", { ...full, approvalPolicy: "never" });
    await using ___ = free.scene;
    expect(statuses(await free.scene.turn("go"))).toEqual(["completed"]);
    expect([...never.asked, ...free.asked]).toEqual([]);
  });
});
