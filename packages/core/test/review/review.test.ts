import { execFileSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describeReviewTarget, readSession } from "@codex-ts/core";
import type { ReviewTarget } from "@codex-ts/core";
import {
  failedExchange,
  functionCallExchange,
  hang,
  messageExchange,
  streamExchange,
} from "@codex-ts/responses-server";
import { openBundle, reduceBundle } from "@codex-ts/rollout-trace";
import { temporaryDirectory } from "@codex-ts/test-support";
import { describe, expect, test } from "vitest";
import { collect, ofType, startScene } from "../support/harness.ts";
import type { Scene } from "../support/harness.ts";

const OUTPUT = {
  findings: [
    {
      title: "[P1] The sum is wrong",
      body: "It subtracts.\nUse a plus.",
      confidence_score: 0.9,
      priority: 1,
      code_location: {
        absolute_file_path: "/work/sum.js",
        line_range: { start: 2, end: 3 },
      },
    },
  ],
  overall_correctness: "patch is incorrect",
  overall_explanation: "One sum is wrong.",
  overall_confidence_score: 0.8,
};

const LOOK: ReviewTarget = { type: "custom", instructions: " Look at the sum. " };

interface Body {
  readonly instructions: string;
  readonly tools: readonly { readonly name: string }[];
  readonly input: readonly { readonly content: readonly { readonly text: string }[] }[];
}

function bodyOf(scene: Scene, index: number): Body {
  return scene.server.requests.at(index)?.body as unknown as Body;
}

function textsOf(scene: Scene, index: number): readonly string[] {
  return bodyOf(scene, index).input.flatMap(({ content }) => content.map(({ text }) => text));
}

describe("[core/review] a review", () => {
  test("is done by another thread, shown as this turn's, and read by the model in the next turn", async () => {
    const call = { name: "exec_command", args: { cmd: "echo seen" }, callId: "call_1" };
    const script = [
      messageExchange("Before."),
      functionCallExchange(call),
      messageExchange(JSON.stringify(OUTPUT)),
      messageExchange("After."),
    ];
    await using scene = await startScene(script);
    await scene.turn("one");
    const events = await collect(scene.thread.review(LOOK));

    const reviewer = bodyOf(scene, 1);
    expect(reviewer.instructions).toContain('"overall_correctness"');
    expect(textsOf(scene, 1).at(-1)).toBe("Look at the sum.");
    expect(textsOf(scene, 1)).not.toContain("one");
    const headers = new Map(scene.server.requests[1]?.headers);
    expect(headers.get("x-openai-subagent")).toBe("review");
    expect(headers.get("thread-id")).not.toBe(scene.thread.threadId);
    expect(headers.get("x-codex-parent-thread-id")).toBe(scene.thread.threadId);

    expect(events[0]?.type).toBe("turnStarted");
    expect(ofType(events, "turnStarted")).toHaveLength(1);
    expect(ofType(events, "reviewCompleted")).toEqual([
      { type: "reviewCompleted", output: OUTPUT },
    ]);
    const items = ofType(events, "itemCompleted").map(({ item }) => item);
    expect(items).toMatchObject([
      { type: "command_execution", aggregated_output: "seen\n" },
      { type: "agent_message" },
    ]);
    expect(new Set(items.map(({ id }) => id)).size).toBe(2);
    const said =
      "One sum is wrong.\n\nFinding:\n\n- [P1] The sum is wrong — /work/sum.js:2-3\n  It subtracts.\n  Use a plus.";
    expect(items[1]).toMatchObject({ text: said });
    expect(events.at(-1)).toMatchObject({ type: "turnCompleted", lastAgentMessage: said });
    // Its counts are not this thread's.
    expect(ofType(events, "tokenCount")).toEqual([]);

    await scene.turn("two");
    const [action = "", message] = textsOf(scene, -1).slice(-3);
    expect(action).toMatch(
      /^<user_action>\n {2}<context>[^<]+<\/context>\n {2}<action>review<\/action>/,
    );
    expect(action).toContain(`<results>\n  ${said}\n  </results>`);
    expect(message).toBe(said);
  });

  test("has bundles that reduce: this turn is complete, and the reviewer has one of its own", async () => {
    await using scene = await startScene([messageExchange(JSON.stringify(OUTPUT))]);
    await collect(scene.thread.review(LOOK));
    await scene.thread.close();
    const root = join(scene.folder, "traces");
    const states = await Promise.all(
      readdirSync(root).map(async (name) => {
        const { state } = await reduceBundle(openBundle(join(root, name)), { mode: "strict" });
        return JSON.parse(JSON.stringify(state)) as {
          readonly codex_turns: Record<string, { readonly execution: { readonly status: string } }>;
          readonly inference_calls: object;
        };
      }),
    );
    expect(states).toHaveLength(2);
    const turns = states.flatMap(({ codex_turns }) => Object.values(codex_turns));
    expect(turns.map(({ execution }) => execution.status)).toEqual(["completed", "completed"]);
    const calls = states.map(({ inference_calls }) => Object.keys(inference_calls).length);
    expect(calls.toSorted((one, other) => one - other)).toEqual([0, 1]);
  });

  test.each([
    ["in a fence", `Here:\n\`\`\`json\n${JSON.stringify(OUTPUT)}\n\`\`\``, OUTPUT],
    ["as prose", "Nothing {to} say.", { findings: [], overall_explanation: "Nothing {to} say." }],
    [
      "without a member",
      JSON.stringify({ findings: [], overall_explanation: "" }),
      { findings: [], overall_explanation: '{"findings":[],"overall_explanation":""}' },
    ],
  ])("takes an answer %s", async (_how, answer, expected) => {
    await using scene = await startScene([messageExchange(answer)]);
    const events = await collect(scene.thread.review(LOOK));
    expect(ofType(events, "reviewCompleted")[0]?.output).toMatchObject(expected);
  });

  test("that is stopped leaves the reason for the model, and no thread behind", async () => {
    const script = [streamExchange([hang()]), messageExchange("After.")];
    await using scene = await startScene(script);
    const events = collect(scene.thread.review(LOOK));
    await scene.server.waitForRequest(1);
    expect(scene.thread.steer("x")).toEqual({ type: "not_steered", reason: "reviewing" });
    await scene.thread.interrupt();
    const list = await events;
    expect(list.at(-1)?.type).toBe("turnAborted");
    expect(ofType(list, "reviewCompleted")).toEqual([{ type: "reviewCompleted", output: null }]);
    await scene.turn("two");
    expect(textsOf(scene, -1)[0]).toMatch(/<results>\n {2}None\.\n {2}<\/results>/);
  });

  test("fails with its reviewer", async () => {
    const script = [failedExchange({ code: "invalid_prompt", message: "Refused." })];
    await using scene = await startScene(script);
    const events = await collect(scene.thread.review(LOOK));
    expect(events.at(-1)).toMatchObject({ type: "turnFailed", error: { message: "Refused." } });
  });

  test("of a target that names nothing is refused", async () => {
    await using scene = await startScene([]);
    expect(() => scene.thread.review({ type: "baseBranch", branch: " " })).toThrow(
      "branch must not be empty",
    );
    expect(() => scene.thread.review({ type: "commit", sha: "" })).toThrow("sha must not be empty");
  });

  test("against a branch names the commit both have in common", async () => {
    const answers = [messageExchange("Fine."), messageExchange("Fine.")];
    await using scene = await startScene(answers);
    const git = (...args: string[]): string =>
      execFileSync("git", args, { cwd: scene.folder, encoding: "utf8" });
    git("init", "-q", "-b", "main");
    await writeFile(join(scene.folder, "a.txt"), "a");
    git("add", "a.txt");
    const who = ["-c", "user.name=A", "-c", "user.email=a@localhost"];
    git(...who, "commit", "-q", "-m", "First");
    const base = git("rev-parse", "HEAD").trim();
    git("checkout", "-q", "-b", "topic");
    git(...who, "commit", "-q", "--allow-empty", "-m", "Second");
    await collect(scene.thread.review({ type: "baseBranch", branch: "main" }));
    expect(textsOf(scene, 0).at(-1)).toContain(`git diff ${base}`);
    // What looks like an option is a name that is not there.
    await collect(scene.thread.review({ type: "baseBranch", branch: "--all" }));
    expect(textsOf(scene, 1).at(-1)).toContain("git merge-base");
  });

  test("is kept in the session files of both threads", async () => {
    await using directory = await temporaryDirectory();
    const codexHome = join(directory.path, "home");
    await using kept = await startScene([messageExchange(JSON.stringify(OUTPUT))], {
      compatibility: "0.171",
      codexHome,
    });
    const [end] = (await collect(kept.thread.review(LOOK))).slice(-1);
    expect(end?.type).toBe("turnCompleted");
    const reviewer = new Map(kept.server.requests[0]?.headers).get("thread-id") ?? "";
    const lines = (await readSession(kept.thread.threadId, { codexHome })).lines;
    const items = lines.flatMap(({ payload }) => (payload["item"] === undefined ? [] : [payload]));
    expect(items).toMatchObject([
      { item: { type: "EnteredReviewMode", user_facing_hint: "Look at the sum." } },
      { thread_id: reviewer, item: { type: "UserMessage" } },
      { item: { type: "ExitedReviewMode", review_output: OUTPUT } },
      { item: { type: "AgentMessage" } },
    ]);
    const { meta } = await readSession(reviewer, { codexHome });
    expect(meta).toMatchObject({
      source: { subagent: "review" },
      parent_thread_id: kept.thread.threadId,
      session_id: kept.thread.threadId,
    });
  });
});

test("[core/review] targets in a few words", () => {
  expect(describeReviewTarget({ type: "uncommittedChanges" })).toBe("current changes");
  expect(describeReviewTarget({ type: "commit", sha: "0123456789", title: "Mend it" })).toBe(
    "commit 0123456: Mend it",
  );
  expect(describeReviewTarget({ type: "commit", sha: "0123456789" })).toBe("commit 0123456");
});
