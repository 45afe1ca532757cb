// oxlint-disable eslint/no-underscore-dangle -- names of the wire, and scenes that are only disposed of
import { existsSync } from "node:fs";
import { join } from "node:path";
import { functionCall, messageExchange, streamExchange } from "@codex-ts/responses-server";
import type { JsonObject } from "@codex-ts/protocol";
import { ExecPolicy } from "@codex-ts/core";
import type { ApprovalDecision, ApprovalRequest, OnApproval } from "@codex-ts/core";
import { describe, expect, test } from "vitest";
import { parseRules } from "../../src/exec-policy/rules/parse-rules.ts";
import { ofType, startScene, testModel } from "../support/harness.ts";
import type { Scene, SceneOptions } from "../support/harness.ts";
import { outputs } from "../support/mcp/mcp-scene.ts";

const REJECTED = "exec command rejected by user";
/** Many commands are many shells. */
const COMMANDS_TIMEOUT_MS = 30_000;

async function start(
  calls: readonly JsonObject[],
  answer: ApprovalDecision | OnApproval,
  options: SceneOptions = {},
): Promise<{ readonly scene: Scene; readonly asked: ApprovalRequest[] }> {
  const asked: ApprovalRequest[] = [];
  const script = calls.map((args, index) =>
    streamExchange([functionCall("shell_command", { login: false, ...args }, `call_${index + 1}`)]),
  );
  const scene = await startScene([...script, messageExchange("End.")], {
    model: testModel({ shell_type: "shell_command" }),
    unifiedExec: false,
    approvalPolicy: "untrusted",
    onApproval: (request, context) => {
      asked.push(request);
      return typeof answer === "function" ? answer(request, context) : answer;
    },
    ...options,
  });
  return { scene, asked };
}

const touch = { command: "touch made" };
const wasMade = ({ folder }: Scene): boolean => existsSync(join(folder, "made"));

describe("approvals of shell_command", { timeout: COMMANDS_TIMEOUT_MS }, () => {
  test("[core/shell-command-approval] an approved command runs once; the question says what and where", async () => {
    const { scene, asked } = await start([touch, { command: "ls" }], "approved");
    await using _ = scene;
    await scene.turn("go");
    expect(asked).toEqual([
      {
        type: "command",
        threadId: scene.thread.threadId,
        turnId: expect.any(String),
        callId: "call_1",
        startedAtMs: expect.any(Number),
        command: ["/bin/bash", "-c", "touch made"],
        cwd: scene.folder,
        actions: [{ type: "unknown", cmd: "touch made" }],
        isUnsandboxed: true,
        proposedPrefix: ["touch", "made"],
      },
    ]);
    expect(wasMade(scene)).toBe(true);
    expect(outputs(scene)["call_1"]).toMatch(/^Exit code: 0\n/);
  });

  test.each<[string, ApprovalDecision | OnApproval]>([
    ["denied", "denied"],
    ["dismissed", "dismissed"],
    ["a callback that throws", () => Promise.reject(new Error("no window"))],
  ])(
    "[core/shell-command-approval] %s: the command does not run, the model reads so, and the turn goes on",
    async (_name, answer) => {
      const { scene } = await start([touch], answer);
      await using _ = scene;
      const events = await scene.turn("go");
      expect(wasMade(scene)).toBe(false);
      expect(outputs(scene)).toEqual({ call_1: REJECTED });
      expect(ofType(events, "itemCompleted")[0]?.item).toMatchObject({ status: "declined" });
      expect(events.at(-1)?.type).toBe("turnCompleted");
    },
  );

  test("[core/shell-command-approval] abort ends the turn", async () => {
    const { scene } = await start([touch], "abort");
    await using _ = scene;
    const events = await scene.turn("go");
    expect(wasMade(scene)).toBe(false);
    expect(events.at(-1)?.type).toBe("turnAborted");
    expect(scene.server.requests).toHaveLength(1);
  });

  test("[core/shell-command-approval] what is approved for the session is not asked about again", async () => {
    const calls = [touch, { command: "touch  'made'" }, { ...touch, workdir: "/tmp" }];
    const { scene, asked } = await start(calls, ({ callId }) =>
      callId === "call_1" ? "approved_for_session" : "denied",
    );
    await using _ = scene;
    await scene.turn("go");
    expect(asked.map(({ callId }) => callId)).toEqual(["call_1", "call_3"]);
    expect(outputs(scene)["call_3"]).toBe(REJECTED);
  });

  test("[core/shell-command-approval] what a rule forbids is not asked about and does not run", async () => {
    const execPolicy = new ExecPolicy();
    const rule =
      'prefix_rule(pattern=["touch"], decision="forbidden", justification="use the API")';
    execPolicy.add(parseRules(rule, "a.rules"));
    const { scene, asked } = await start([touch], "approved", { execPolicy });
    await using _ = scene;
    await scene.turn("go");
    expect(asked).toEqual([]);
    expect(wasMade(scene)).toBe(false);
    expect(outputs(scene)["call_1"]).toContain("rejected: use the API");
  });

  test("[core/shell-command-approval] more rights are asked for under on-request, with the model's reason", async () => {
    const escalated = {
      ...touch,
      sandbox_permissions: "require_escalated",
      justification: "May I?",
    };
    const options = { approvalPolicy: "on-request", sandboxMode: "read-only" } as const;
    const { scene, asked } = await start([escalated], "approved", options);
    await using _ = scene;
    await scene.turn("go");
    expect(asked).toMatchObject([{ reason: "May I?", isUnsandboxed: true }]);
    expect(wasMade(scene)).toBe(true);
    const untrusted = await start([escalated], "approved");
    await using __ = untrusted.scene;
    await untrusted.scene.turn("go");
    expect(untrusted.asked).toEqual([]);
    expect(wasMade(untrusted.scene)).toBe(false);
    expect(outputs(untrusted.scene)["call_1"]).toBe(
      "approval policy is UnlessTrusted; reject command — you should not ask for escalated permissions if the approval policy is UnlessTrusted",
    );
  });
});
