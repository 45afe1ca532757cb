import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import {
  customToolCall,
  functionCall,
  messageExchange,
  streamExchange,
} from "@codex-ts/responses-server";
import { isJsonObject } from "@codex-ts/protocol";
import type { JsonObject } from "@codex-ts/protocol";
import { ExecPolicy, readExecPolicy } from "@codex-ts/core";
import type { ApprovalDecision, ApprovalRequest, OnApproval } from "@codex-ts/core";
import { temporaryDirectory } from "@codex-ts/test-support";
import { describe, expect, test } from "vitest";
import { parseRules } from "../../src/exec-policy/rules/parse-rules.ts";
import { reduceStrictly } from "../support/bundle.ts";
import { ofType, startScene, testModel } from "../support/harness.ts";
import type { Scene, SceneOptions } from "../support/harness.ts";

const exec = (cmd: string, callId: string, more: JsonObject = {}) =>
  functionCall("exec_command", { cmd, login: false, ...more }, callId);
const patch = (path: string, callId: string) =>
  customToolCall(
    "apply_patch",
    `*** Begin Patch\n*** Add File: ${path}\n+x\n*** End Patch`,
    callId,
  );

/** One response for each call, and a last one. */
async function start(
  calls: readonly ReturnType<typeof exec>[],
  answer: ApprovalDecision | OnApproval,
  options: SceneOptions = {},
): Promise<{ readonly scene: Scene; readonly asked: ApprovalRequest[] }> {
  const asked: ApprovalRequest[] = [];
  const onApproval: OnApproval = (request, context) => {
    asked.push(request);
    return typeof answer === "function" ? answer(request, context) : answer;
  };
  const script = [...calls.map((call) => streamExchange([call])), messageExchange("End.")];
  const scene = await startScene(script, {
    model: testModel({ apply_patch_tool_type: "freeform" }),
    approvalPolicy: "untrusted",
    onApproval,
    ...options,
  });
  return { scene, asked };
}

function outputs({ server }: Scene): unknown[] {
  const body = server.requests.at(-1)?.body;
  const items = isJsonObject(body) && Array.isArray(body["input"]) ? body["input"] : [];
  return items
    .filter((item) => isJsonObject(item) && "output" in item)
    .map((item) => (item as JsonObject)["output"]);
}

/** Many commands are many shells. */
const COMMANDS_TIMEOUT_MS = 30_000;

describe("approvals by callback", { timeout: COMMANDS_TIMEOUT_MS }, () => {
  test("[core/approval-approve] an approved command runs once; the question says what, where and why", async () => {
    const { scene, asked } = await start(
      [exec("touch made", "call_1"), exec("touch made", "call_2")],
      "approved",
    );
    await using _ = scene;
    const events = await scene.turn("go");
    expect(existsSync(join(scene.folder, "made"))).toBe(true);
    expect(asked).toHaveLength(2);
    expect(asked[0]).toEqual({
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
    });
    const kinds = events.flatMap((event) =>
      /^approval|^item(?:Started|Completed)/.test(event.type) ? [event.type] : [],
    );
    expect(kinds.slice(0, 4)).toEqual([
      "approvalRequested",
      "approvalResolved",
      "itemStarted",
      "itemCompleted",
    ]);
    expect(ofType(events, "approvalResolved")[0]).toMatchObject({
      callId: "call_1",
      decision: "approved",
    });
    await reduceStrictly(scene.thread);
  });

  test("[core/approval-deny] a denied command does not run, the model reads so, and the turn goes on", async () => {
    const { scene } = await start([exec("touch made", "call_1")], "denied");
    await using _ = scene;
    const events = await scene.turn("go");
    expect(existsSync(join(scene.folder, "made"))).toBe(false);
    expect(outputs(scene)).toEqual([
      String.raw`exec_command failed for ${"`/bin/bash -c 'touch made'`"}: CreateProcess { message: "Rejected(\"rejected by user\")" }`,
    ]);
    expect(ofType(events, "itemCompleted")[0]?.item).toMatchObject({ status: "declined" });
    expect(events.at(-1)?.type).toBe("turnCompleted");
    await reduceStrictly(scene.thread);
  });

  test("[core/approval-session] what is approved for the session is not asked again, in whatever words", async () => {
    const { scene, asked } = await start(
      [
        exec("touch made", "call_1"),
        exec('touch   "made"', "call_2"),
        exec("touch made", "call_3", { login: true }),
        exec("touch made", "call_4", { workdir: "/tmp" }),
        exec("touch made", "call_5", { tty: true }),
        exec("touch made; true", "call_6"),
      ],
      ({ callId }) => (callId === "call_1" ? "approved_for_session" : "denied"),
    );
    await using _ = scene;
    await scene.turn("go");
    expect(asked.map(({ callId }) => callId)).toEqual(["call_1", "call_4", "call_5", "call_6"]);
  });

  test("[core/approval-abort] abort ends the turn, and the command does not run", async () => {
    const { scene } = await start([exec("touch made", "call_1")], "abort");
    await using _ = scene;
    const events = await scene.turn("go");
    expect(existsSync(join(scene.folder, "made"))).toBe(false);
    expect(ofType(events, "itemCompleted")[0]?.item).toMatchObject({ status: "declined" });
    expect(events.at(-1)?.type).toBe("turnAborted");
    expect(scene.server.requests).toHaveLength(1);
  });

  test("[core/approval-amend] an approved prefix holds for commands that begin with it, and in the file", async () => {
    await using home = await temporaryDirectory();
    const { execPolicy } = readExecPolicy({ codexHome: home.path });
    const { scene, asked } = await start(
      [exec("touch a", "call_1"), exec("touch b", "call_2"), exec("mkdir c", "call_3")],
      ({ callId }) => (callId === "call_1" ? { approvedPrefix: ["touch"] } : "denied"),
      { execPolicy },
    );
    await using _ = scene;
    await scene.turn("go");
    expect(asked.map(({ callId }) => callId)).toEqual(["call_1", "call_3"]);
    expect(existsSync(join(scene.folder, "b"))).toBe(true);
    expect(await readFile(join(home.path, "rules", "default.rules"), "utf8")).toBe(
      'prefix_rule(pattern=["touch"], decision="allow")\n',
    );
  });

  test("[core/approval-left] an interruption does not wait for the answer", async () => {
    const question = Promise.withResolvers<AbortSignal>();
    const { scene } = await start([exec("touch made", "call_1")], (_, { signal }) => {
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
    expect(ofType(events, "itemCompleted")).toEqual([]);
    expect(events.at(-1)?.type).toBe("turnAborted");
  });

  test.each<[string, OnApproval]>([
    [
      "throws",
      () => {
        throw new Error("no window");
      },
    ],
    ["rejects", () => Promise.reject(new Error("no window"))],
    ["answers something else", () => "yes" as ApprovalDecision],
    ["allows an empty prefix", () => ({ approvedPrefix: [] })],
  ])(
    "[core/approval-hostile] a callback that %s denies, and a warning says so",
    async (_name, answer) => {
      const { scene } = await start([exec("touch made", "call_1")], answer);
      await using _ = scene;
      const events = await scene.turn("go");
      expect(existsSync(join(scene.folder, "made"))).toBe(false);
      expect(ofType(events, "warning")[0]?.message).toContain("an approval could not be asked for");
      expect(events.at(-1)?.type).toBe("turnCompleted");
    },
  );

  test.each([
    ["0.140", "rejected by user", "patch rejected by user"],
    ["0.171", "approval request failed", "approval request failed"],
  ] as const)(
    "[core/approval-hostile] as %s, the model reads of a question that came to nothing: %s",
    async (compatibility, command, patched) => {
      const { scene } = await start(
        [exec("touch made", "call_1"), patch("a", "call_2")],
        () => Promise.reject(new Error("no window")),
        { compatibility },
      );
      await using _ = scene;
      await scene.turn("go");
      expect(outputs(scene)).toEqual([
        expect.stringContaining(String.raw`Rejected(\"${command}\")`),
        patched,
      ]);
      expect(existsSync(join(scene.folder, "a"))).toBe(false);
    },
  );

  test("[core/approval-patch] patches: denied, approved, and approved for the session for the same files", async () => {
    const { scene, asked } = await start(
      [patch("a", "call_1"), patch("a", "call_2"), patch("a", "call_3"), patch("b", "call_4")],
      ({ callId }) => (callId === "call_2" ? "approved_for_session" : "denied"),
    );
    await using _ = scene;
    const events = await scene.turn("go");
    expect(asked.map(({ callId }) => callId)).toEqual(["call_1", "call_2", "call_4"]);
    expect(asked[0]).toMatchObject({
      type: "patch",
      cwd: scene.folder,
      changes: { [join(scene.folder, "a")]: { type: "add", content: "x\n" } },
    });
    expect(outputs(scene)).toEqual([
      "patch rejected by user",
      expect.stringMatching(/^Exit code: 0\n/),
      expect.stringMatching(/^Exit code: 0\n/),
      "patch rejected by user",
    ]);
    expect(existsSync(join(scene.folder, "b"))).toBe(false);
    expect(ofType(events, "itemCompleted")[0]?.item).toMatchObject({
      type: "file_change",
      status: "failed",
    });
    await reduceStrictly(scene.thread);
  });

  test("[core/approval-patch] a patch that the sandbox does not let through is asked about, and written when approved", async () => {
    await using elsewhere = await temporaryDirectory();
    const target = join(elsewhere.path, "new");
    const options = {
      approvalPolicy: "on-request",
      sandboxMode: "workspace-write",
      workspaceWrite: { excludeSlashTmp: true, excludeTmpdir: true },
    } as const;
    const { scene, asked } = await start(
      [patch("in", "call_1"), patch(target, "call_2")],
      "approved",
      options,
    );
    await using _ = scene;
    await scene.turn("go");
    expect(asked.map(({ callId }) => callId)).toEqual(["call_2"]);
    expect(await readFile(target, "utf8")).toBe("x\n");
    expect(existsSync(join(scene.folder, "in"))).toBe(true);
  });
});

describe("rules and policies", { timeout: COMMANDS_TIMEOUT_MS }, () => {
  const rules = (text: string): ExecPolicy => {
    const policy = new ExecPolicy();
    policy.add(parseRules(text, "a.rules"));
    return policy;
  };

  test("[core/rules-allow] a command that rules allow runs unasked, also one that removes by force", async () => {
    const execPolicy = rules('prefix_rule(pattern=[["touch","rm"]])');
    const calls = [
      exec("touch made", "call_1"),
      exec("rm -f made", "call_2"),
      exec("touch x && mkdir y", "call_3"),
    ];
    const { scene, asked } = await start(calls, "denied", { execPolicy });
    await using _ = scene;
    await scene.turn("go");
    expect(asked.map(({ callId }) => callId)).toEqual(["call_3"]);
    expect(existsSync(join(scene.folder, "made"))).toBe(false);
  });

  test("[core/rules-prompt] a command that rules ask about is asked about in every policy but never", async () => {
    const execPolicy = rules(
      'prefix_rule(pattern=["touch"], decision="prompt", justification="it is new")',
    );
    const { scene, asked } = await start([exec("touch made", "call_1")], "approved", {
      execPolicy,
      approvalPolicy: "on-request",
    });
    await using _ = scene;
    await scene.turn("go");
    expect(asked).toMatchObject([
      { reason: "`/bin/bash -c 'touch made'` requires approval: it is new" },
    ]);
    expect(asked[0]).not.toHaveProperty("proposedPrefix");
    expect(existsSync(join(scene.folder, "made"))).toBe(true);
  });

  test("[core/rules-forbidden] what rules forbid runs nowhere, and under never nothing is asked", async () => {
    const execPolicy =
      rules(`prefix_rule(pattern=["touch"], decision="forbidden", justification="use the API")
prefix_rule(pattern=["mkdir"], decision="forbidden")
prefix_rule(pattern=["ls"], decision="prompt")`);
    const { scene, asked } = await start(
      [exec("touch a", "call_1"), exec("true && mkdir b", "call_2"), exec("ls", "call_3")],
      "approved",
      { execPolicy, approvalPolicy: "never" },
    );
    await using _ = scene;
    const events = await scene.turn("go");
    expect(asked).toEqual([]);
    expect(outputs(scene)).toEqual([
      expect.stringContaining(
        String.raw`Rejected(\"${"`/bin/bash -c 'touch a'`"} rejected: use the API\")`,
      ),
      expect.stringContaining("rejected: policy forbids commands starting with `mkdir`"),
      expect.stringContaining("approval required by policy, but AskForApproval is set to Never"),
    ]);
    expect(ofType(events, "itemCompleted").map(({ item }) => item.type)).toEqual(["agent_message"]);
  });

  test.each([
    ["0.140", "danger-full-access", undefined],
    ["0.140", "read-only", "blocked by policy"],
    ["0.171", "danger-full-access", "rm -f style commands are not permitted. Use a safer approach"],
    ["0.171", "read-only", "rm -f style commands are not permitted. Use a safer approach"],
  ] as const)(
    "[core/forced-removal] never, as %s in %s: %s",
    async (compatibility, sandboxMode, reason) => {
      const { scene } = await start([exec("true && rm -rf x", "call_1")], "approved", {
        approvalPolicy: "never",
        compatibility,
        sandboxMode,
      });
      await using _ = scene;
      await scene.turn("go");
      const expected = reason === undefined ? "Process exited with code 0" : `rejected: ${reason}`;
      expect(outputs(scene)).toEqual([expect.stringContaining(expected)]);
    },
  );

  test("[core/escalation] more rights are asked for under on-request only, with the model's reason and prefix", async () => {
    const escalated = { sandbox_permissions: "require_escalated" };
    const { scene, asked } = await start(
      [
        exec("touch one", "call_1", {
          ...escalated,
          justification: "May I?",
          prefix_rule: ["touch"],
        }),
        exec("python3 -V", "call_2", { ...escalated, prefix_rule: ["python3"] }),
        exec("touch two && mkdir x", "call_3", { ...escalated, prefix_rule: ["touch"] }),
      ],
      ({ callId }) => (callId === "call_1" ? "approved" : "denied"),
      { approvalPolicy: "on-request", sandboxMode: "read-only" },
    );
    await using _ = scene;
    await scene.turn("go");
    expect(asked).toMatchObject([
      { reason: "May I?", proposedPrefix: ["touch"], isUnsandboxed: true },
      { proposedPrefix: ["python3", "-V"] },
      { proposedPrefix: ["touch", "two"] },
    ]);
    expect(asked[1]).not.toHaveProperty("reason");
    expect(existsSync(join(scene.folder, "one"))).toBe(true);
  });

  test.each([
    ["never", "Never"],
    ["on-failure", "OnFailure"],
    ["untrusted", "UnlessTrusted"],
  ] as const)(
    "[core/escalation] more rights are refused under %s",
    async (approvalPolicy, name) => {
      const call = exec("touch made", "call_1", { sandbox_permissions: "require_escalated" });
      const { scene, asked } = await start([call], "approved", { approvalPolicy });
      await using _ = scene;
      await scene.turn("go");
      expect(asked).toEqual([]);
      expect(outputs(scene)).toEqual([
        `approval policy is ${name}; reject command — you cannot ask for escalated permissions if the approval policy is ${name}`,
      ]);
    },
  );

  test.each([
    [{ sandbox_permissions: "all" }, "failed to parse function arguments: unknown variant `all`"],
    [{ sandbox_permissions: "with_additional_permissions" }, "additional permissions are disabled"],
    [{ justification: "so" }, "`justification` requires an explicit `sandbox_permissions`"],
    [{ prefix_rule: "ls" }, "failed to parse function arguments: "],
  ])("[core/escalation] wishes nobody can grant are refused: %j", async (wishes, text) => {
    const { scene } = await start([exec("touch made", "call_1", wishes)], "approved", {
      approvalPolicy: "on-request",
      compatibility: "0.171",
    });
    await using _ = scene;
    await scene.turn("go");
    expect(outputs(scene)).toEqual([expect.stringContaining(text)]);
    expect(existsSync(join(scene.folder, "made"))).toBe(false);
  });

  test("[core/approval-nobody] without a callback nothing is run that would be asked about", async () => {
    const { onApproval: _onApproval, ...nobody } = { onApproval: undefined };
    await using scene = await startScene(
      [
        streamExchange([
          exec("touch made", "call_1", { sandbox_permissions: "require_escalated" }),
        ]),
        messageExchange("End."),
      ],
      { ...nobody, approvalPolicy: "on-request", sandboxMode: "read-only" },
    );
    await scene.turn("go");
    expect(outputs(scene)).toEqual([
      expect.stringMatching(/^exec_command refused: approval policy `on-request` /),
    ]);
    expect(existsSync(join(scene.folder, "made"))).toBe(false);
  });
});
