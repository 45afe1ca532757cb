import { messageExchange } from "@codex-ts/responses-server";
import { describe, expect, test, vi } from "vitest";
import { startScene } from "./support/client.ts";
import { GENERATIONS } from "./support/generations.ts";

// Several sessions each, which take their time on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

describe.each(GENERATIONS)("a thread of %s that has had no turn", (compatibility) => {
  const isNew = compatibility === "0.171";

  test("[app-server/H21] has no turns to read", async () => {
    await using scene = await startScene({ compatibility, script: [messageExchange("One.")] });
    const threadId = await scene.startThread();
    const ask = (method: string, params = {}): Promise<unknown> =>
      scene.request(method, { threadId, ...params }).then(({ error }) => error);
    const code = isNew ? -32_601 : -32_600;
    expect(await ask("thread/read")).toBeUndefined();
    expect(await ask("thread/read", { includeTurns: true })).toMatchObject({ code });
    expect(await ask("thread/turns/list")).toMatchObject({ code });
    expect(await ask("thread/resume")).toMatchObject({ code });
    await scene.turn(threadId, "one");
    const { result } = await scene.request("thread/read", { threadId, includeTurns: true });
    expect(result.thread.turns).toHaveLength(1);
  });

  test("[app-server/H23] is kept once it has a name", async () => {
    await using scene = await startScene({ compatibility, script: [messageExchange("One.")] });
    const threadId = await scene.startThread();
    await scene.request("thread/name/set", { threadId, name: "fresh" });
    const { result } = await scene.request("thread/read", { threadId, includeTurns: true });
    expect(result.thread).toMatchObject({ name: "fresh", turns: [] });
    expect((await scene.request("thread/list", {})).result.data).toEqual([]);
    const forked = (await scene.request("thread/fork", { threadId })).result.thread;
    expect(forked).toMatchObject({ forkedFromId: threadId, turns: [] });
    await scene.leave();
    const later = await scene.reconnect();
    expect((await later.request("thread/resume", { threadId })).result.thread).toMatchObject({
      id: threadId,
      name: "fresh",
    });
    await later.turn(threadId, "one");
    expect((await later.request("thread/list", {})).result.data).toContainEqual(
      expect.objectContaining({ id: threadId, preview: "one" }),
    );
    await later.leave();
  });
});

test("[app-server/H21] a thread of 0.140 that has had no turn is neither resumed, forked nor archived", async () => {
  const script = [messageExchange("One.")];
  await using scene = await startScene({ compatibility: "0.140", script });
  const threadId = await scene.startThread();
  for (const method of ["thread/resume", "thread/fork", "thread/archive"]) {
    const { error } = await scene.request(method, { threadId });
    expect(error).toEqual({ code: -32_600, message: `no rollout found for thread id ${threadId}` });
  }
  await scene.turn(threadId, "one");
});

test("[app-server/H22] a thread of 0.171 that has had no turn is archived, and taken out", async () => {
  await using scene = await startScene({ script: [messageExchange("One.")] });
  const threadId = await scene.startThread();
  expect((await scene.request("thread/archive", { threadId })).result).toEqual({});
  const archived = await scene.request("thread/list", { archived: true });
  expect(archived.result.data).toMatchObject([{ id: threadId, preview: "" }]);
  await scene.request("thread/unarchive", { threadId });
  expect((await scene.request("thread/resume", { threadId })).result.thread.turns).toEqual([]);
  await scene.turn(threadId, "one");
  expect(scene.lastInput).toContain("one");
});

test("[app-server/H22] a thread of 0.171 that has had no turn is forked, and the fork can be read", async () => {
  const script = [messageExchange("One."), messageExchange("Two.")];
  await using scene = await startScene({ script });
  const threadId = await scene.startThread();
  const { id } = (await scene.request("thread/fork", { threadId })).result.thread as { id: string };
  const read = await scene.request("thread/read", { threadId: id, includeTurns: true });
  expect(read.result.thread).toMatchObject({ forkedFromId: threadId, turns: [] });
  await scene.turn(id, "fork");
  await scene.turn(threadId, "source");
  expect(scene.lastInput).not.toContain("fork");
  await scene.leave();
  const later = await scene.reconnect();
  expect((await later.request("thread/read", { threadId: id })).result.thread).toMatchObject({
    forkedFromId: threadId,
    preview: "fork",
  });
  await later.leave();
});
