import { isJsonObject } from "@codex-ts/protocol";
import type { Compatibility, GranularApproval, JsonObject } from "@codex-ts/protocol";
import {
  customToolCall,
  functionCall,
  messageExchange,
  streamExchange,
} from "@codex-ts/responses-server";
import { ExecPolicy } from "@codex-ts/core";
import { expect, test, vi } from "vitest";
import { parseRules } from "../../src/exec-policy/rules/parse-rules.ts";
import { reduceStrictly } from "../support/bundle.ts";
import { startScene, testModel } from "../support/harness.ts";
import { callEvent, callingEach, outputs, stdioServer } from "../support/mcp/mcp-scene.ts";

vi.setConfig({ testTimeout: 60_000 });

const granular = (
  off: Partial<GranularApproval> = {},
): { readonly granular: GranularApproval } => ({
  granular: {
    sandbox_approval: true,
    rules: true,
    skill_approval: true,
    request_permissions: true,
    mcp_elicitations: true,
    ...off,
  },
});

const exec = (callId: string, cmd: string, more: JsonObject = {}) =>
  functionCall("exec_command", { cmd, login: false, ...more }, callId);

const ESCALATED = { sandbox_permissions: "require_escalated", justification: "please" };
const CALLS = [
  exec("escalated", "echo up", ESCALATED),
  exec("removal", "rm -rf zz"),
  exec("rule", "uname -s"),
  exec("both", "uname -s", ESCALATED),
  customToolCall(
    "apply_patch",
    "*** Begin Patch\n*** Add File: /var/codex-ts-no-such.txt\n+x\n*** End Patch",
    "patch",
  ),
];
const RULES = 'prefix_rule(pattern=["uname"], decision="prompt")';

const ALL = ["escalated", "removal", "rule", "both", "patch"];
const BY_USER = "rejected by user";
const NO_ESCALATION =
  "you cannot ask for escalated permissions if the approval policy is Granular(";
const NO_RULES = "approval required by policy rule, but AskForApproval::Granular.rules is false";
const NO_PATCH =
  "patch rejected: writing outside of the project; rejected by user approval settings";
const NO_REMOVAL =
  "approval required by policy, but AskForApproval::Granular.sandbox_approval is false";

// Source: docs/behavior/core-tools.md 9, the same calls under the same policies in 0.140 and 0.171.
test.each<{
  readonly compatibility: Compatibility;
  readonly off: Partial<GranularApproval>;
  readonly asked: readonly string[];
  readonly texts: Readonly<Record<string, string>>;
}>([
  { compatibility: "0.171", off: {}, asked: ALL, texts: { rule: BY_USER } },
  {
    compatibility: "0.171",
    off: { sandbox_approval: false },
    asked: ["removal", "rule"],
    texts: { escalated: NO_ESCALATION, both: NO_ESCALATION, patch: NO_PATCH },
  },
  {
    compatibility: "0.171",
    off: { rules: false },
    asked: ["escalated", "removal", "patch"],
    texts: { rule: NO_RULES, both: NO_RULES },
  },
  {
    compatibility: "0.140",
    off: {},
    asked: ["removal", "rule", "patch"],
    texts: { escalated: NO_ESCALATION, both: NO_ESCALATION },
  },
  {
    compatibility: "0.140",
    off: { sandbox_approval: false, rules: false },
    asked: [],
    texts: { removal: NO_REMOVAL, rule: NO_RULES, patch: NO_PATCH },
  },
])(
  "[core/approval-granular] $compatibility without $off: what is switched off is refused unasked",
  async ({ compatibility, off, asked: expected, texts }) => {
    const asked: string[] = [];
    const script = [...CALLS.map((call) => streamExchange([call])), messageExchange("End.")];
    const execPolicy = new ExecPolicy();
    execPolicy.add(parseRules(RULES, "a.rules"));
    await using scene = await startScene(script, {
      compatibility,
      model: testModel({ apply_patch_tool_type: "freeform" }),
      sandboxMode: "workspace-write",
      approvalPolicy: granular(off),
      execPolicy,
      onApproval: ({ callId }) => {
        asked.push(callId);
        return "denied";
      },
    });
    await scene.turn("go");
    expect(asked).toEqual(expected);
    const body = scene.server.requests.at(-1)?.body as { readonly input: readonly JsonObject[] };
    const outputOf = (callId: string): unknown =>
      body.input.find(
        (item) => isJsonObject(item) && item["call_id"] === callId && "output" in item,
      )?.["output"];
    for (const [callId, text] of Object.entries(texts)) expect(outputOf(callId)).toContain(text);
    // The trace and the reducers take such a policy.
    await reduceStrictly(scene.thread);
  },
);

test("[core/approval-granular] questions of servers are declined where they are switched off, approvals of their tools asked all the same", async () => {
  const asked: string[] = [];
  await using scene = await startScene(
    [
      streamExchange([callEvent({ name: "write" }, "call_write")]),
      ...callingEach([{ name: "ask" }]),
    ],
    {
      sandboxMode: "workspace-write",
      approvalPolicy: granular({ mcp_elicitations: false }),
      mcpServers: { demo: stdioServer("demo") },
      onApproval: ({ type }) => {
        asked.push(type);
        return "approved";
      },
      onMcpElicitation: () => {
        asked.push("elicitation");
        return { action: "accept", content: { name: "n" } };
      },
    },
  );
  await scene.turn("go");
  expect(asked).toEqual(["mcp_tool"]);
  expect(JSON.stringify(outputs(scene)["call_write"])).toContain("ran write");
  expect(JSON.stringify(outputs(scene)["call_1"])).toContain("decline");
});
