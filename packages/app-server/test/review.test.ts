import { readFileSync } from "node:fs";
import {
  failedExchange,
  functionCallExchange,
  hang,
  messageExchange,
  streamExchange,
} from "@codex-ts/responses-server";
import { describe, expect, test } from "vitest";
import { shape, startScene } from "./support/client.ts";
import type { Scene, ServerMessage } from "./support/client.ts";
import { GENERATIONS } from "./support/generations.ts";

const OUTPUT = {
  findings: [
    {
      title: "[P1] The sum is wrong",
      body: "It subtracts.",
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
const RESULT =
  "One sum is wrong.\n\nFinding:\n\n- [P1] The sum is wrong — /work/sum.js:2-3\n  It subtracts.";

const LOOK = { type: "custom", instructions: "Look." };

/** Has something reviewed; the id of the turn and all messages of it. */
async function review(
  scene: Scene,
  params: {
    readonly threadId: string;
    readonly target?: object;
    readonly delivery?: string;
  },
): Promise<{ readonly response: ServerMessage; readonly messages: readonly ServerMessage[] }> {
  const from = scene.messages.length;
  const response = await scene.request("review/start", { target: LOOK, ...params });
  if (response.error !== undefined) return { response, messages: [] };
  await scene.turnEnd((response.result as { turn: { id: string } }).turn.id);
  const messages = scene.messages.slice(from).filter(({ method }) => method !== undefined);
  return { response, messages };
}

describe.each(GENERATIONS)("as %s", { timeout: 60_000 }, (compatibility) => {
  test("[app-server/V1] a review is a turn between two items, with what its reviewer does", async () => {
    const call = { name: "exec_command", args: { cmd: "true" }, callId: "c1" };
    const script = [
      messageExchange("Before."),
      functionCallExchange(call),
      messageExchange(JSON.stringify(OUTPUT)),
    ];
    await using scene = await startScene({ compatibility, script });
    const threadId = await scene.startThread();
    await scene.turn(threadId, "one");
    const { response, messages } = await review(scene, { threadId });
    const { turn, reviewThreadId } = response.result;
    expect(reviewThreadId).toBe(threadId);
    expect(turn.items).toMatchObject([
      { type: "userMessage", id: turn.id, content: [{ type: "text", text: "Look." }] },
    ]);
    expect(shape(messages).filter((each) => each !== "thread/readState/changed")).toEqual([
      "item/started enteredReviewMode",
      "item/completed enteredReviewMode",
      "thread/status/changed active",
      "turn/started",
      "item/started userMessage",
      "item/completed userMessage",
      "item/started commandExecution",
      "item/completed commandExecution",
      "item/started agentMessage",
      "item/started exitedReviewMode",
      "item/completed exitedReviewMode",
      "item/started agentMessage",
      "item/completed agentMessage",
      "thread/status/changed idle",
      "turn/completed",
    ]);
    // Everything is of this thread and turn, but the turn of the reviewer itself.
    expect(new Set(messages.map(({ params }) => params.threadId))).toEqual(new Set([threadId]));
    const turnIds = messages.flatMap(({ params }) => params.turnId ?? []);
    expect(new Set(turnIds)).toEqual(new Set([turn.id]));
    const started = messages.find(({ method }) => method === "turn/started");
    expect(started?.params.turn.id).not.toBe(turn.id);
    const exited = messages.find(({ params }) => params.item?.type === "exitedReviewMode");
    expect(exited?.params.item.review).toBe(RESULT);
    expect(messages.at(-1)?.params.turn).toMatchObject({ id: turn.id, status: "completed" });
  });

  test("[app-server/V2] a kept review can be read again, also by another process", async () => {
    const script = [messageExchange("Before."), messageExchange(JSON.stringify(OUTPUT))];
    await using scene = await startScene({ compatibility, script });
    const threadId = await scene.startThread();
    await scene.turn(threadId, "one");
    await review(scene, { threadId });
    const read = async (client: Scene): Promise<readonly string[][]> => {
      const params = { threadId, includeTurns: true };
      const { result } = await client.request("thread/read", params);
      const { turns } = (result as { thread: { turns: { items: { type: string }[] }[] } }).thread;
      return turns.map(({ items }) => items.map(({ type }) => type));
    };
    const expected =
      compatibility === "0.171"
        ? [
            ["userMessage", "agentMessage"],
            ["userMessage"],
            ["enteredReviewMode", "exitedReviewMode", "agentMessage"],
          ]
        : [
            ["userMessage", "agentMessage"],
            ["enteredReviewMode"],
            ["userMessage", "userMessage", "exitedReviewMode", "agentMessage"],
          ];
    expect(await read(scene)).toEqual(expected);
    // The part of a review outside of a turn is known by the number of its line, which only 0.140 has.
    const params = { threadId, includeTurns: true };
    const { thread } = (await scene.request("thread/read", params)).result;
    const lines = readFileSync(thread.path as string, "utf8").split("\n");
    const entered = lines.findIndex((line) => line.includes("entered_review_mode"));
    const byLine = thread.turns
      .map(({ id }: { id: string }) => id)
      .filter((id: string) => id.startsWith("rollout-"));
    expect(byLine).toEqual(compatibility === "0.140" ? [`rollout-${entered}`] : []);
    await scene.leave();
    await using other = await scene.reconnect();
    expect(await read(other)).toEqual(expected);
    // The thread of the reviewer is nobody's to go on with.
    const { result } = await other.request("thread/list", {});
    expect((result as { data: { id: string }[] }).data.map(({ id }) => id)).toEqual([threadId]);
  });

  test.each([
    [{ type: "baseBranch", branch: " " }, "branch must not be empty"],
    [{ type: "commit", sha: "" }, "sha must not be empty"],
    [{ type: "custom", instructions: "\n" }, "instructions must not be empty"],
    [{ type: "everything" }, "Invalid request"],
  ])("[app-server/V3] a target that names nothing is refused: %j", async (target, message) => {
    await using scene = await startScene({ compatibility });
    const threadId = await scene.startThread();
    const { response } = await review(scene, { threadId, target });
    expect(response.error?.message).toContain(message);
  });

  test("[app-server/V4] an interrupted review says so, by its id or that of its reviewer's turn", async () => {
    const script = [streamExchange([hang()]), streamExchange([hang()])];
    await using scene = await startScene({ compatibility, script });
    const threadId = await scene.startThread();
    for (const whose of ["turn", "reviewer"]) {
      const from = scene.messages.length;
      const { result } = await scene.request("review/start", { threadId, target: LOOK });
      const { id } = (result as { turn: { id: string } }).turn;
      const started = await scene.waitFor(
        ({ method, params }) => method === "turn/started" && !ended.has(params.turn.id as string),
        "reviewer",
      );
      ended.add(started.params.turn.id as string);
      const steering = { threadId, expectedTurnId: id, input: [{ type: "text", text: "x" }] };
      const steered = await scene.request("turn/steer", steering);
      expect(steered.error?.message).toBe("cannot steer a review turn");
      const turnId = whose === "turn" ? id : (started.params.turn.id as string);
      expect((await scene.request("turn/interrupt", { threadId, turnId })).error).toBeUndefined();
      const end = await scene.turnEnd(id);
      expect(end.params.turn.status).toBe("interrupted");
      const exited = scene.messages
        .slice(from)
        .find(({ params }) => params?.item?.type === "exitedReviewMode");
      expect(exited?.params.item.review).toBe("The reviewer ended without a result.");
    }
  });

  test("[app-server/V8] a review that takes the place of another ends it; the user has not stopped it", async () => {
    const asks = (words: string) => (request: { readonly body: unknown }) =>
      JSON.stringify(request.body).includes(words);
    const script = [
      streamExchange([hang()], { when: asks("Look at one.") }),
      messageExchange(JSON.stringify(OUTPUT), { when: asks("Look at two.") }),
      messageExchange("After."),
    ];
    await using scene = await startScene({ compatibility, script });
    const threadId = await scene.startThread();
    const target = { type: "custom", instructions: "Look at one." };
    const { result } = await scene.request("review/start", { threadId, target });
    const first = (result as { turn: { id: string } }).turn.id;
    await scene.api.waitForRequest(1);
    await review(scene, { threadId, target: { ...target, instructions: "Look at two." } });
    expect((await scene.turnEnd(first)).params.turn.status).toBe("interrupted");
    const { thread } = (await scene.request("thread/read", { threadId, includeTurns: true }))
      .result;
    const types = (thread.turns as { items: { type: string }[] }[]).map(({ items }) =>
      items.map(({ type }) => type),
    );
    const ofReviewer = ["userMessage"];
    const ofReview = ["enteredReviewMode", "exitedReviewMode", "agentMessage"];
    const entered = "enteredReviewMode";
    const rest = ["userMessage", "userMessage", "exitedReviewMode", "agentMessage"];
    expect(types).toEqual(
      compatibility === "0.171"
        ? [ofReviewer, ofReview, ofReviewer, ofReview]
        : [[entered], [...rest, entered], rest],
    );
    const kept = readFileSync(thread.path as string, "utf8");
    expect(kept).toContain('"reason":"replaced"');
    await scene.turn(threadId, "after");
    expect(scene.lastInput).toContain("after");
    expect(scene.lastInput).not.toContain("<turn_aborted>");
  });

  test("[app-server/V5] a review that fails ends as its reviewer's turn does", async () => {
    const script = [failedExchange({ code: "invalid_prompt", message: "Refused." })];
    await using scene = await startScene({ compatibility, script });
    const threadId = await scene.startThread();
    const { messages } = await review(scene, { threadId });
    expect(shape(messages).filter((each) => each === "error")).toHaveLength(1);
    expect(messages.at(-1)?.params.turn).toMatchObject({
      status: "failed",
      error: { message: "Refused.", codexErrorInfo: "other" },
    });
  });

  test("[app-server/V6] a client that leaves a review ends it", async () => {
    await using scene = await startScene({ compatibility, script: [streamExchange([hang()])] });
    const threadId = await scene.startThread();
    await scene.request("review/start", { threadId, target: LOOK });
    await scene.api.waitForRequest(1);
    await scene.leave();
    expect(scene.messages.at(-1)?.method).toBe("turn/completed");
  });
});

/** Turns of reviewers that were seen. */
const ended = new Set<string>();

test("[app-server/V7] 0.140 reviews in a thread of its own when asked to, 0.171 does not", async () => {
  const script = ["Before.", "Apart."].map((text) => messageExchange(text));
  await using older = await startScene({ compatibility: "0.140", script });
  const threadId = await older.startThread();
  await older.turn(threadId, "one");
  const { response, messages } = await review(older, { threadId, delivery: "detached" });
  const { reviewThreadId } = response.result;
  expect(reviewThreadId).not.toBe(threadId);
  expect(messages[0]).toMatchObject({
    method: "thread/started",
    params: { thread: { id: reviewThreadId, forkedFromId: threadId, preview: "one" } },
  });
  const list = (await older.request("thread/list", {})).result;
  expect(list.data).toMatchObject([
    { id: reviewThreadId, forkedFromId: null },
    { id: threadId, forkedFromId: null },
  ]);
  await using newer = await startScene();
  const other = await newer.startThread();
  const refused = await review(newer, { threadId: other, delivery: "detached" });
  expect(refused.response.error?.message).toContain("unknown variant `detached`");
});
