import { functionCallExchange, messageExchange } from "@codex-ts/responses-server";
import { idOf } from "../client.ts";
import type { Client } from "../client.ts";
import { initialize, text } from "../scene.ts";
import type { Scene, SceneFacts } from "../scene.ts";

const FINDINGS = {
  findings: [
    {
      title: "[P1] The sum is wrong",
      body: "It subtracts.\nUse a plus.",
      confidence_score: 0.9,
      priority: 1,
      code_location: {
        absolute_file_path: "/workspace/sum.js",
        line_range: { start: 2, end: 3 },
      },
    },
  ],
  overall_correctness: "patch is incorrect",
  overall_explanation: "One sum is wrong.",
  overall_confidence_score: 0.8,
};

const two = {
  ...FINDINGS,
  findings: [...FINDINGS.findings, { ...FINDINGS.findings[0], title: "[P2] Another", body: "" }],
};

const CALL = { name: "exec_command", args: { cmd: "git diff --stat" }, callId: "call_1" };

/** Reviews of every target, inline and detached, with findings of every form. */
export const review: Scene = {
  name: "review",
  config: `include_permissions_instructions = false
developer_instructions = "Developer note."`,
  files: { "sum.js": "let sum = 0;\n", "AGENTS.md": "Be short.\n" },
  git: [
    ["init", "-q", "-b", "main"],
    ["config", "user.email", "someone@localhost"],
    ["config", "user.name", "Someone"],
    ["add", "."],
    ["commit", "-q", "-m", "First"],
    ["checkout", "-q", "-b", "topic"],
    ["commit", "-q", "--allow-empty", "-m", "Second"],
  ],
  script: [
    messageExchange("Before."),
    functionCallExchange(CALL),
    messageExchange(`Here it is:\n\`\`\`json\n${JSON.stringify(FINDINGS)}\n\`\`\``),
    messageExchange(JSON.stringify(two)),
    messageExchange("No JSON at all."),
    messageExchange(JSON.stringify({ findings: [], overall_explanation: "" })),
    messageExchange(JSON.stringify({ ...FINDINGS, findings: [] })),
    messageExchange("After."),
    messageExchange("Detached."),
  ],
  play,
};

async function play(client: Client, { cwd }: SceneFacts): Promise<void> {
  await initialize(client);
  const settings = { cwd, approvalPolicy: "never", sandbox: "danger-full-access" };
  const started = await client.call("thread/start", "thread/start", settings);
  const threadId = idOf(started["thread"]);
  await client.turn("turn: before", { threadId, input: text("before") });
  const reviewed = async (label: string, target: object, delivery?: string): Promise<void> => {
    const from = client.notifications.length;
    const answer = await client.call(label, "review/start", {
      threadId,
      target,
      ...(delivery && { delivery }),
    });
    if (answer["turn"] === undefined) return;
    await client.until("turn/completed", { from });
  };
  await reviewed("no branch", { type: "baseBranch", branch: " " });
  await reviewed("no commit", { type: "commit", sha: "" });
  await reviewed("no instructions", { type: "custom", instructions: "  " });
  await reviewed("uncommitted", { type: "uncommittedChanges" });
  await reviewed("branch", { type: "baseBranch", branch: "main" }, "inline");
  await reviewed("commit", { type: "commit", sha: "1234567890abcdef", title: "First" });
  await reviewed("commit without title", { type: "commit", sha: "1234567890abcdef" });
  await reviewed("custom", { type: "custom", instructions: " Look at the sum. " });
  await client.call("thread/read", "thread/read", { threadId, includeTurns: true });
  await client.turn("turn: after", { threadId, input: text("after") });
  await client.call("thread/list", "thread/list", {});
  await reviewed("detached", { type: "custom", instructions: "Apart." }, "detached");
  await client.call("thread/list after", "thread/list", {});
  await client.call("thread/loaded/list", "thread/loaded/list", {});
}
