import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { readExecPolicy } from "@codex-ts/core";
import {
  customToolCall,
  functionCall,
  messageExchange,
  streamExchange,
} from "@codex-ts/responses-server";
import { fallbackModelInfo } from "@codex-ts/model-provider";
import { describe, expect, test } from "vitest";
import { startScene } from "./support/client.ts";
import type { Scene, ServerMessage } from "./support/client.ts";
import { GENERATIONS } from "./support/generations.ts";

const COMMAND = "item/commandExecution/requestApproval";
const FILE_CHANGE = "item/fileChange/requestApproval";
/** Many commands are many shells. */
const TIMEOUT_MS = 30_000;

const exec = (cmd: string, callId: string) =>
  functionCall("exec_command", { cmd, login: false }, callId);
const patch = (path: string, callId: string) =>
  customToolCall(
    "apply_patch",
    `*** Begin Patch\n*** Add File: ${path}\n+x\n*** End Patch`,
    callId,
  );

const script = (...calls: ReturnType<typeof exec>[]) => [
  ...calls.map((call) => streamExchange([call])),
  messageExchange("done"),
];

const SETTINGS = { approvalPolicy: "untrusted", sandbox: "danger-full-access" };

/** The moments of a turn about approvals, in order. */
function momentsOf(messages: readonly ServerMessage[]): string[] {
  return messages.flatMap(({ method, params }) => {
    switch (method ?? "") {
      case COMMAND:
      case FILE_CHANGE:
        return ["asked"];
      case "serverRequest/resolved":
        return ["resolved"];
      case "thread/status/changed":
        return [`status ${params.status.activeFlags ?? params.status.type}`];
      case "item/started":
      case "item/completed": {
        const { type, status } = params.item;
        return type === "commandExecution" || type === "fileChange" ? [`${type} ${status}`] : [];
      }
      case "turn/completed":
        return [`turn ${params.turn.status}`];
      default:
        return [];
    }
  });
}

const model = { ...fallbackModelInfo("test-model"), apply_patch_tool_type: "freeform" as const };
const threadOptions = () => ({ model });

const outputsOf = ({ api }: Scene): string => JSON.stringify(api.requests.at(-1)?.body);

describe.each(GENERATIONS)("as %s", { timeout: TIMEOUT_MS }, (compatibility) => {
  async function run(
    calls: ReturnType<typeof exec>[],
    onRequest: (message: ServerMessage) => object | undefined,
  ): Promise<{ readonly scene: Scene; readonly messages: readonly ServerMessage[] }> {
    const scene = await startScene({
      compatibility,
      script: script(...calls),
      onRequest,
      threadOptions,
    });
    const threadId = await scene.startThread(SETTINGS);
    return { scene, messages: await scene.turn(threadId, "hi") };
  }

  test("[app-server/approval-approve] accept: the command runs once", async () => {
    const { scene, messages } = await run([exec("touch made", "c1")], () => ({
      result: { decision: "accept" },
    }));
    await using _ = scene;
    expect(momentsOf(messages)).toEqual([
      "status ",
      "status waitingOnApproval",
      "commandExecution inProgress",
      "asked",
      "resolved",
      "status ",
      "commandExecution completed",
      "status idle",
      "turn completed",
    ]);
    const asked = messages.find(({ method }) => method === COMMAND);
    const prefix = ["touch", "made"];
    expect(asked?.params).toEqual({
      ...(compatibility === "0.171" && { kind: "command", environmentId: "local" }),
      threadId: expect.any(String),
      turnId: expect.any(String),
      itemId: "c1",
      startedAtMs: expect.any(Number),
      command: "/bin/bash -c 'touch made'",
      cwd: scene.home,
      commandActions: [{ type: "unknown", command: "touch made" }],
      proposedExecpolicyAmendment: prefix,
      availableDecisions: [
        "accept",
        { acceptWithExecpolicyAmendment: { execpolicy_amendment: prefix } },
        "cancel",
      ],
    });
    expect(existsSync(join(scene.home, "made"))).toBe(true);
  });

  const failed = compatibility === "0.171" ? "approval request failed" : "rejected by user";
  test.each<[string, object, string]>([
    ["decline", { result: { decision: "decline" } }, "rejected by user"],
    ["an answer that is none", { result: { decision: "maybe" } }, failed],
    ["an error", { error: { code: -1, message: "no" } }, failed],
  ])(
    "[app-server/approval-deny] %s: the command does not run and the turn goes on",
    async (_name, answer, text) => {
      const { scene, messages } = await run([exec("touch made", "c1")], () => answer);
      await using _ = scene;
      expect(momentsOf(messages)).toEqual([
        "status ",
        "status waitingOnApproval",
        "commandExecution inProgress",
        "asked",
        "resolved",
        "commandExecution declined",
        "status ",
        "status idle",
        "turn completed",
      ]);
      expect(existsSync(join(scene.home, "made"))).toBe(false);
      expect(outputsOf(scene)).toContain(text);
    },
  );

  test("[app-server/approval-session] acceptForSession: the same command is not asked about again", async () => {
    const { scene, messages } = await run(
      [exec("touch made", "c1"), exec("touch  made", "c2")],
      () => ({
        result: { decision: "acceptForSession" },
      }),
    );
    await using _ = scene;
    expect(messages.filter(({ method }) => method === COMMAND)).toHaveLength(1);
  });

  test("[app-server/approval-abort] cancel: the turn is interrupted", async () => {
    const { scene, messages } = await run([exec("touch made", "c1")], () => ({
      result: { decision: "cancel" },
    }));
    await using _ = scene;
    expect(momentsOf(messages).slice(-4)).toEqual([
      "commandExecution declined",
      "status ",
      "status idle",
      "turn interrupted",
    ]);
    expect(existsSync(join(scene.home, "made"))).toBe(false);
  });

  test("[app-server/approval-amend] acceptWithExecpolicyAmendment: the prefix is kept", async () => {
    const calls = [exec("touch a", "c1"), exec("touch b", "c2")];
    const amendment = { acceptWithExecpolicyAmendment: { execpolicy_amendment: ["touch"] } };
    await using scene = await startScene({
      compatibility,
      script: script(...calls),
      onRequest: () => ({ result: { decision: amendment } }),
      threadOptions: (home) => ({ execPolicy: readExecPolicy({ codexHome: home }).execPolicy }),
    });
    const messages = await scene.turn(await scene.startThread(SETTINGS), "hi");
    expect(messages.filter(({ method }) => method === COMMAND)).toHaveLength(1);
    expect(await readFile(join(scene.home, "rules", "default.rules"), "utf8")).toContain(
      '["touch"]',
    );
  });

  test("[app-server/approval-patch] patches: decline, then accept", async () => {
    const { scene, messages } = await run([patch("a", "c1"), patch("b", "c2")], ({ params }) => ({
      result: { decision: params.itemId === "c1" ? "decline" : "accept" },
    }));
    await using _ = scene;
    expect(momentsOf(messages)).toEqual([
      "status ",
      "fileChange inProgress",
      "status waitingOnApproval",
      "asked",
      "resolved",
      "status ",
      "fileChange declined",
      "fileChange inProgress",
      "status waitingOnApproval",
      "asked",
      "resolved",
      "status ",
      "fileChange completed",
      "status idle",
      "turn completed",
    ]);
    expect(messages.find(({ method }) => method === FILE_CHANGE)?.params).toMatchObject({
      itemId: "c1",
      reason: null,
      grantRoot: null,
    });
    expect(existsSync(join(scene.home, "a"))).toBe(false);
    expect(existsSync(join(scene.home, "b"))).toBe(true);
  });

  test("[app-server/approval-left] an interruption while a client is asked ends the turn, then the question", async () => {
    const calls = [streamExchange([exec("touch a", "c1"), exec("touch b", "c2")])];
    await using scene = await startScene({
      compatibility,
      script: calls,
      onRequest: () => undefined,
    });
    const threadId = await scene.startThread(SETTINGS);
    const input = [{ type: "text", text: "hi" }];
    const { result } = await scene.request("turn/start", { threadId, input });
    const asked = (): number => scene.messages.filter(({ method }) => method === COMMAND).length;
    await scene.waitFor(() => asked() === 2, "both questions");
    const { result: read } = await scene.request("thread/read", { threadId });
    expect(read.thread.status).toEqual({ type: "active", activeFlags: ["waitingOnApproval"] });
    await scene.request("turn/interrupt", { threadId, turnId: result.turn.id });
    const resolved = (): ServerMessage[] =>
      scene.messages.filter(({ method }) => method === "serverRequest/resolved");
    await scene.waitFor(() => resolved().length === 2, "the end of both");
    expect(momentsOf(scene.messages)).toEqual([
      "status ",
      "status waitingOnApproval",
      "commandExecution inProgress",
      "asked",
      "commandExecution inProgress",
      "asked",
      "status idle",
      "turn interrupted",
      "resolved",
      "resolved",
    ]);
    expect(resolved().map(({ params }) => params.requestId)).toEqual([0, 1]);
    expect(existsSync(join(scene.home, "a"))).toBe(false);
  });

  test("[app-server/approval-gone] a client that disappears while it is asked ends the turn", async () => {
    const calls = [exec("touch made", "c1")];
    const scene = await startScene({
      compatibility,
      script: script(...calls),
      onRequest: () => undefined,
    });
    const threadId = await scene.startThread(SETTINGS);
    await scene.request("turn/start", { threadId, input: [{ type: "text", text: "hi" }] });
    await scene.waitFor(({ method }) => method === COMMAND, "the question");
    // Waits until the server has ended.
    await scene[Symbol.asyncDispose]();
    expect(existsSync(join(scene.home, "made"))).toBe(false);
  });
});
