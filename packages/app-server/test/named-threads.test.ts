import { copyFileSync } from "node:fs";
import { join } from "node:path";
import { messageExchange } from "@codex-ts/responses-server";
import { describe, expect, test } from "vitest";
import { startScene } from "./support/client.ts";
import type { Scene } from "./support/client.ts";
import { GENERATIONS } from "./support/generations.ts";

const script = ["One.", "Two.", "Three.", "Four."].map((words) => messageExchange(words));

/** Runs three turns and returns their ids. */
async function threeTurns(scene: Scene, threadId: string): Promise<readonly string[]> {
  for (const words of ["one", "two", "three"]) await scene.turn(threadId, words);
  return scene.messages.flatMap(({ method, params }) =>
    method === "turn/completed" ? [params.turn.id as string] : [],
  );
}

describe.each(GENERATIONS)("threads of %s", (compatibility) => {
  test("[app-server/H16] a session is named by the path of its file, which wins over the id", async () => {
    await using scene = await startScene({ compatibility, script });
    const { result } = await scene.request("thread/start", {});
    const { id: threadId, path } = result.thread as { id: string; path: string };
    await scene.turn(threadId, "one");
    const running = await scene.request("thread/resume", { threadId: "", path });
    expect(running.result.thread.id).toBe(threadId);
    const forked = await scene.request("thread/fork", { threadId: "", path });
    expect(forked.result.thread.forkedFromId).toBe(threadId);
    const elsewhere = join(scene.home, "copy.jsonl");
    copyFileSync(path, elsewhere);
    for (const [wanted, words] of [
      [{ threadId, path: elsewhere }, /stale path/],
      [{ threadId: "", path: elsewhere }, /is not a session file of this home/],
      [{ threadId: "", path: "none.jsonl" }, /failed to resolve rollout path `.*none.jsonl`/],
      [{ threadId: "none" }, /invalid session id/],
    ] as const) {
      const refused = await scene.request("thread/resume", wanted);
      expect(refused.error?.message).toMatch(words);
    }
    const next = await scene.reconnect();
    await scene.leave();
    const resumed = await next.request("thread/resume", { threadId: "", path });
    expect(resumed.result.thread.id).toBe(threadId);
    await next.leave();
  });
});

test("[app-server/H17] a fork ends with a turn, or before one", async () => {
  await using scene = await startScene({ script });
  const threadId = await scene.startThread();
  const [first = "", second = ""] = await threeTurns(scene, threadId);
  const fork = async (params: object): Promise<readonly string[]> => {
    const { result } = await scene.request("thread/fork", { threadId, ...params });
    return (result.thread.turns as { id: string }[]).map(({ id }) => id);
  };
  expect(await fork({ beforeTurnId: first })).toEqual([]);
  expect(await fork({ lastTurnId: second })).toEqual([first, second]);
  const { result } = await scene.request("thread/fork", { threadId, beforeTurnId: second });
  const forkId = result.thread.id as string;
  await scene.turn(forkId, "instead");
  expect(scene.lastInput).toMatch(/one.*One\..*instead/);
  expect(scene.lastInput).not.toMatch(/"(?:two|three)"/);
  const read = await scene.request("thread/read", { threadId: forkId, includeTurns: true });
  expect(read.result.thread.turns).toHaveLength(2);
  const source = await scene.request("thread/read", { threadId, includeTurns: true });
  expect(source.result.thread.turns).toHaveLength(3);
});

test("[app-server/H18] members of a fork that cannot go together, or name nothing, are refused", async () => {
  await using scene = await startScene({ script });
  const threadId = await scene.startThread();
  await scene.turn(threadId, "one");
  for (const [params, words] of [
    [{ beforeTurnId: "a", lastTurnId: "b" }, /cannot be combined/],
    [{ lastTurnId: "a" }, /turn not found: a/],
    [{ ephemeral: true }, /requires `excludeTurns: true`/],
  ] as const) {
    const { error } = await scene.request("thread/fork", { threadId, ...params });
    expect(error?.message).toMatch(words);
  }
});
