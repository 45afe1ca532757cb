import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import {
  errorExchange,
  functionCallExchange,
  hang,
  itemAdded,
  messageExchange,
  messageItem,
  streamExchange,
} from "@codex-ts/responses-server";
import type { ReceivedRequest } from "@codex-ts/responses-server";
import { beforeAll, describe, expect, test, vi } from "vitest";
import { mockHome } from "../support/home.ts";
import { runInProcess, startCli } from "../support/run-cli.ts";

vi.setConfig({ testTimeout: 60_000 });
beforeAll(() => import("../../src/commands/exec-review.ts"), 60_000);

const REVIEW = ["exec", "review", "--skip-git-repo-check"];
const OUTPUT = JSON.stringify({
  findings: [
    {
      title: "[P1] Mend it",
      body: "It fails.",
      confidence_score: 0.5,
      priority: 1,
      code_location: { absolute_file_path: "/x/a.ts", line_range: { start: 1, end: 2 } },
    },
  ],
  overall_correctness: "patch is incorrect",
  overall_explanation: "It breaks.",
  overall_confidence_score: 0.9,
});
const TEXT = "It breaks.\n\nFinding:\n\n- [P1] Mend it — /x/a.ts:1-2\n  It fails.";

function linesOf(stdout: string): { type: string; item?: { type: string; text?: string } }[] {
  return stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as ReturnType<typeof linesOf>[number]);
}

/** The last text of the user in a request. */
function askedIn(request: ReceivedRequest | undefined): string {
  const { input = [] } = (request?.body ?? {}) as {
    input?: readonly { role?: string; content: readonly { text: string }[] }[];
  };
  return input.findLast(({ role }) => role === "user")?.content[0]?.text ?? "";
}

describe("[cli/exec-review] exec review", () => {
  test("shows what the reviewer does, then what it found", async () => {
    const call = { name: "exec_command", args: { cmd: "echo hi" }, callId: "call_1" };
    await using home = await mockHome([functionCallExchange(call), messageExchange(OUTPUT)]);
    const args = ["--json", "--dangerously-bypass-approvals-and-sandbox", "-o", "last.txt"];
    const run = await runInProcess([...REVIEW, ...args, "--uncommitted"], home.run);
    const lines = linesOf(run.stdout);
    expect(lines.map(({ type, item }) => [type, item?.type].join(" "))).toEqual([
      "thread.started ",
      "turn.started ",
      "item.started command_execution",
      "item.completed command_execution",
      "item.completed agent_message",
      "turn.completed ",
    ]);
    expect(lines[4]?.item).toEqual({ id: "item_1", type: "agent_message", text: TEXT });
    expect(lines[5]).toMatchObject({ usage: { input_tokens: 0, output_tokens: 0 } });
    expect(readFileSync(join(home.path, "last.txt"), "utf8")).toBe(TEXT);
    expect(run).toMatchObject({ exitCode: 0, stderr: "" });
    expect(home.server.requests[0]?.header("x-openai-subagent")).toBe("review");
  });

  test.each([
    [["--uncommitted"], "", /uncommitted changes/],
    [["--commit", "abcdef1", "--title", "Fix it"], "", /commit abcdef1 \("Fix it"\)/],
    [["Look at the names"], "not read", /^Look at the names$/],
    [["-"], " Look at the names\n", /^Look at the names$/],
  ])("asks a reviewer for %j", async (words, stdin, asked) => {
    await using home = await mockHome([messageExchange(OUTPUT)]);
    const run = await runInProcess([...REVIEW, ...words], { ...home.run, stdin });
    expect(run).toMatchObject({ exitCode: 0, stdout: `${TEXT}\n` });
    expect(home.server.requests).toHaveLength(1);
    expect(askedIn(home.server.requests[0])).toMatch(asked);
  });

  test("compares with a branch of the work tree of -C", async () => {
    await using home = await mockHome([messageExchange(OUTPUT)]);
    const git = (...args: string[]): string =>
      execFileSync("git", args, { cwd: home.path, env: home.run.env, encoding: "utf8" });
    git("init", "-q", "-b", "main");
    git("-c", "user.name=a", "-c", "user.email=a@b", "commit", "-q", "--allow-empty", "-m", "one");
    const base = git("rev-parse", "HEAD").trim();
    const words = ["exec", "-C", home.path, "review", "--base", "main"];
    const run = await runInProcess(words, { ...home.run, cwd: "/" });
    expect(run).toMatchObject({ exitCode: 0 });
    expect(run.stderr).toContain("review    changes against 'main'");
    expect(askedIn(home.server.requests[0])).toContain(base);
  });

  test("is known to the next turn of the session", async () => {
    await using home = await mockHome([messageExchange(OUTPUT), messageExchange("Mended.")]);
    const first = await runInProcess([...REVIEW, "--json", "--uncommitted"], home.run);
    expect(first.exitCode).toBe(0);
    const next = ["exec", "resume", "--last", "--skip-git-repo-check", "mend it"];
    const run = await runInProcess(next, home.run);
    expect(run).toMatchObject({ exitCode: 0, stdout: "Mended.\n" });
    expect(JSON.stringify(home.server.requests[1]?.body)).toContain("<action>review</action>");
  });

  test("fails with its reviewer", async () => {
    await using home = await mockHome([errorExchange(400, { message: "no such model" })]);
    const run = await runInProcess([...REVIEW, "--json", "--uncommitted"], home.run);
    expect(linesOf(run.stdout).map(({ type }) => type)).toEqual([
      "thread.started",
      "turn.started",
      "error",
      "item.completed",
      "turn.failed",
    ]);
    expect(run.exitCode).toBe(1);
    expect(run.stderr).toMatch(/^error: [^\n]*no such model/);
  });

  test("ends with Ctrl-C while the reviewer is answered", async () => {
    const endless = streamExchange([itemAdded(messageItem("", { id: "msg_1" })), hang()]);
    await using home = await mockHome([endless]);
    const args = [...REVIEW, "--json", "--uncommitted"];
    const { child, ended } = startCli(args, { cwd: home.path, env: home.run.env });
    child.stdin.end();
    await vi.waitFor(() => expect(home.server.requests).toHaveLength(1), { timeout: 30_000 });
    child.kill("SIGINT");
    const { exitCode, stdout } = await ended;
    expect(exitCode).toBe(1);
    expect(stdout).not.toMatch(/turn\.(completed|failed)/);
  });

  test("says that a schema is without effect", async () => {
    await using home = await mockHome([messageExchange(OUTPUT)]);
    await writeFile(join(home.path, "schema.json"), "{}");
    const words = [...REVIEW, "--json", "--output-schema", "schema.json", "--uncommitted"];
    const run = await runInProcess(words, home.run);
    expect(run.exitCode).toBe(0);
    expect(run.stderr).toContain("--output-schema has no effect");
    expect(home.server.requests[0]?.body).not.toHaveProperty("text");
  });
});

test.each([
  [[], 1, /nothing to review: [^\n]*exec -- review/],
  [["--uncommitted", "--base", "main"], 2, /one of --uncommitted and --base/],
  [["--commit", "abc", "names"], 2, /one of --commit and instructions/],
  [["--title", "Fix"], 2, /add --commit SHA/],
  [[" "], 1, /instructions must not be empty/],
  [["--base", ""], 1, /branch must not be empty/],
  [["--base", "main"], 1, /not inside a git work tree: there is no branch/],
  [["--uncommitted", "-i", "a.png"], 2, /takes no images/],
  [
    ["--uncommitted", "--cyber-access-program", "standard"],
    1,
    /--cyber-access-program is of no use/,
  ],
])("[cli/exec-review-mistakes] exec review %j is refused", async (words, code, message) => {
  await using home = await mockHome([messageExchange(OUTPUT)]);
  const run = await runInProcess([...REVIEW, "--json", ...words], home.run);
  expect(run).toMatchObject({ exitCode: code, stdout: "" });
  expect(run.stderr).toMatch(message);
  expect(home.server.requests).toHaveLength(0);
});
