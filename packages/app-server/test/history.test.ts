import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { functionCallExchange, messageExchange } from "@codex-ts/responses-server";
import { describe, expect, test, vi } from "vitest";
import { shape, startScene } from "./support/client.ts";
import type { ServerMessage } from "./support/client.ts";
import { GENERATIONS } from "./support/generations.ts";

// Several sessions each, which take their time on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

/** Types and texts of the items of turns. */
function told(turns: readonly { items: readonly Record<string, unknown>[] }[]): unknown[] {
  return turns.map(({ items }) =>
    items.map(({ type, text, content, aggregatedOutput }) => [
      type,
      text ?? (content as { text: string }[] | undefined)?.[0]?.text ?? aggregatedOutput,
    ]),
  );
}

describe.each(GENERATIONS)("as %s", (compatibility) => {
  test("[app-server/H1] a thread that is read shows its turns with all of their items", async () => {
    const call = { name: "exec_command", args: { cmd: "echo hi" }, callId: "c1" };
    const script = [functionCallExchange(call), messageExchange("One."), messageExchange("Two.")];
    await using scene = await startScene({ compatibility, script });
    const threadId = await scene.startThread();
    await scene.turn(threadId, "one");
    await scene.turn(threadId, "two");
    const { result } = await scene.request("thread/read", { threadId, includeTurns: true });
    // Files of 0.140 do not keep commands.
    const command = compatibility === "0.171" ? [["commandExecution", "hi\n"]] : [];
    expect(told(result.thread.turns)).toEqual([
      [["userMessage", "one"], ...command, ["agentMessage", "One."]],
      [
        ["userMessage", "two"],
        ["agentMessage", "Two."],
      ],
    ]);
    expect(result.thread).toMatchObject({ preview: "one", status: { type: "idle" } });
    const page = await scene.request("thread/turns/list", { threadId, limit: 1 });
    expect(told(page.result.data)).toEqual([
      [
        ["userMessage", "two"],
        ["agentMessage", "Two."],
      ],
    ]);
    const { nextCursor: cursor } = page.result;
    const rest = await scene.request("thread/turns/list", { threadId, cursor });
    expect(rest.result).toMatchObject({ nextCursor: null, data: [{ itemsView: "summary" }] });
  });

  test("[app-server/H2] threads are listed, named, archived, taken out and gone on with", async () => {
    const script = [messageExchange("One."), messageExchange("Two.")];
    const scene = await startScene({ compatibility, script });
    const threadId = await scene.startThread();
    await scene.turn(threadId, "first words");
    expect((await scene.request("thread/name/set", { threadId, name: " " })).error?.message).toBe(
      "thread name must not be empty",
    );
    await scene.request("thread/name/set", { threadId, name: "Mine" });
    await scene.leave();

    await using next = await scene.reconnect();
    const listed = await next.request("thread/list", {});
    expect(listed.result.data).toMatchObject([
      { id: threadId, name: "Mine", preview: "first words", status: { type: "notLoaded" } },
    ]);
    const byName = await next.request("thread/list", { searchTerm: "mine", cwd: scene.home });
    expect(byName.result.data).toHaveLength(1);
    expect((await next.request("thread/list", { searchTerm: "other" })).result.data).toEqual([]);
    expect((await next.request("thread/list", { sourceKinds: ["exec"] })).result.data).toEqual([]);
    await next.request("thread/archive", { threadId });
    expect((await next.request("thread/list", {})).result.data).toEqual([]);
    expect((await next.request("thread/list", { archived: true })).result.data).toHaveLength(1);
    expect((await next.request("thread/resume", { threadId })).error?.message).toContain(
      "archived",
    );
    await next.request("thread/unarchive", { threadId });
    const { result } = await next.request("thread/resume", { threadId });
    expect(result.thread).toMatchObject({ id: threadId, name: "Mine", status: { type: "idle" } });
    expect(told(result.thread.turns)).toEqual([
      [
        ["userMessage", "first words"],
        ["agentMessage", "One."],
      ],
    ]);
    await next.turn(threadId, "more");
    expect(next.lastInput).toContain("first words");
  });

  test("[app-server/H19] a thread in the archive is read, but neither named nor archived again", async () => {
    await using scene = await startScene({ compatibility, script: [messageExchange("One.")] });
    const threadId = await scene.startThread();
    await scene.turn(threadId, "one");
    await scene.request("thread/archive", { threadId });
    const named = await scene.request("thread/name/set", { threadId, name: "New" });
    expect(named.error?.message).toBe(`no rollout found for thread id ${threadId}`);
    const again = await scene.request("thread/archive", { threadId });
    expect(again.error?.message).toBe(`no rollout found for thread id ${threadId}`);
    const read = await scene.request("thread/read", { threadId, includeTurns: true });
    expect(read.result.thread.turns).toHaveLength(1);
    const { result } = await scene.request("thread/unarchive", { threadId });
    expect(result.thread.name).toBeNull();
  });

  test("[app-server/H20] a thread names the files its instructions come from", async () => {
    const files = ["/home/AGENTS.md", "/work/AGENTS.md"];
    const userInstructions = { text: "Be kind.", hasProjectFiles: true, files };
    await using scene = await startScene({
      compatibility,
      threadOptions: () => ({ userInstructions }),
    });
    const { result } = await scene.request("thread/start", {});
    expect(result.instructionSources).toEqual(files);
  });

  test("[app-server/H3] a fork has the turns of the thread it was made of, and its own", async () => {
    const script = [messageExchange("One."), messageExchange("Two."), messageExchange("Three.")];
    await using scene = await startScene({ compatibility, script });
    const threadId = await scene.startThread();
    await scene.turn(threadId, "one");
    const { result } = await scene.request("thread/fork", { threadId });
    const forkId = result.thread.id as string;
    expect(result.thread).toMatchObject({ forkedFromId: threadId, preview: "one" });
    expect(told(result.thread.turns)).toEqual([
      [
        ["userMessage", "one"],
        ["agentMessage", "One."],
      ],
    ]);
    await scene.turn(forkId, "two");
    const read = await scene.request("thread/read", { threadId: forkId, includeTurns: true });
    expect(told(read.result.thread.turns)).toHaveLength(2);
    const source = await scene.request("thread/read", { threadId, includeTurns: true });
    expect(told(source.result.thread.turns)).toHaveLength(1);
  });

  test("[app-server/H4] the last turn is taken back, and the model does not read of it again", async () => {
    const script = [messageExchange("One."), messageExchange("Two."), messageExchange("Three.")];
    await using scene = await startScene({ compatibility, script });
    const threadId = await scene.startThread();
    await scene.turn(threadId, "one");
    await scene.turn(threadId, "two");
    const last = scene.messages.findLast(({ method }) => method === "turn/completed");
    const beforeTurnId = last?.params.turn.id as string;
    const taken =
      compatibility === "0.140"
        ? await scene.request("thread/rollback", { threadId, numTurns: 1 })
        : await scene.request("thread/revert", { threadId, beforeTurnId });
    expect(taken.error).toBeUndefined();
    await scene.turn(threadId, "three");
    const said = scene.lastInput;
    expect(said).toContain("One.");
    expect(said).not.toContain(`"text":"two"`);
    const read = await scene.request("thread/read", { threadId, includeTurns: true });
    expect(told(read.result.thread.turns)).toEqual([
      [
        ["userMessage", "one"],
        ["agentMessage", "One."],
      ],
      [
        ["userMessage", "three"],
        ["agentMessage", "Three."],
      ],
    ]);
  });

  test("[app-server/H5] a compaction is a turn with one item", async () => {
    const script = [messageExchange("One."), messageExchange("The summary.")];
    await using scene = await startScene({ compatibility, script });
    const threadId = await scene.startThread();
    await scene.turn(threadId, "one");
    const from = scene.messages.length;
    await scene.request("thread/compact/start", { threadId });
    const isEnd = ({ method }: ServerMessage): boolean => method === "turn/completed";
    await scene.waitFor(
      (message) => isEnd(message) && scene.messages.indexOf(message) >= from,
      "the end",
    );
    const items = shape(scene.messages.slice(from)).filter((line) => line.startsWith("item/"));
    expect(items).toEqual(["item/started contextCompaction", "item/completed contextCompaction"]);
  });

  test("[app-server/H6] a session that cannot be read is an error that names it", async () => {
    await using scene = await startScene({ compatibility });
    const threadId = "01a22ad2-cddc-7562-9144-35efa19faf9f";
    const missing = await scene.request("thread/resume", { threadId });
    expect(missing.error?.message).toBe(`no rollout found for thread id ${threadId}`);
    const unread = await scene.request("thread/read", { threadId });
    expect(unread.error?.message).toBe(`thread not loaded: ${threadId}`);
    const directory = join(scene.home, "sessions", "2026", "11", "30");
    mkdirSync(directory, { recursive: true });
    writeFileSync(join(directory, `rollout-2026-11-30T08-00-00-${threadId}.jsonl`), "nothing\n");
    const broken = await scene.request("thread/read", { threadId, includeTurns: true });
    expect(broken.error?.message).toContain(threadId);
  });

  test("[app-server/H7] pages of turns and threads go on in both directions, also when more come meanwhile", async () => {
    const script = ["One.", "Two.", "Three.", "Four."].map((text) => messageExchange(text));
    await using scene = await startScene({ compatibility, script });
    const threadId = await scene.startThread();
    for (const text of ["one", "two"]) await scene.turn(threadId, text);
    const page = async (params: object): Promise<ServerMessage["result"]> => {
      const { result, error } = await scene.request("thread/turns/list", { threadId, ...params });
      if (error !== undefined) throw new Error(error.message);
      return result;
    };
    const said = ({ data }: ServerMessage["result"]): unknown[] =>
      told(data).map((items) => (items as [string, string][])[0]?.[1]);
    const newest = await page({ limit: 1 });
    expect(said(newest)).toEqual(["two"]);
    await scene.turn(threadId, "three");
    expect(said(await page({ cursor: newest.nextCursor }))).toEqual(["one"]);
    const newer = await page({ cursor: newest.backwardsCursor, sortDirection: "asc" });
    expect(said(newer)).toEqual(["two", "three"]);
    await expect(page({ cursor: "x" })).rejects.toThrow("invalid cursor: x");
    const gone = JSON.stringify({ turnId: "gone", includeAnchor: true });
    await expect(page({ cursor: gone })).rejects.toThrow("invalid cursor");

    const from = scene.messages.length;
    const initialTurnsPage = { limit: 1, itemsView: "notLoaded" };
    const resuming = { threadId, excludeTurns: true, initialTurnsPage };
    const { result: resumed } = await scene.request("thread/resume", resuming);
    expect(resumed.thread.turns).toEqual([]);
    expect(resumed.initialTurnsPage.data).toMatchObject([{ itemsView: "notLoaded", items: [] }]);
    expect(said(await page({ cursor: resumed.initialTurnsPage.nextCursor }))).toEqual([
      "two",
      "one",
    ]);
    // Only today's Codex has it.
    const cursor = resumed.turnsBackwardsCursor ?? undefined;
    expect(cursor === undefined).toBe(compatibility === "0.140");
    expect(said(await page({ cursor, limit: 1 }))).toEqual(["three"]);
    const methods = scene.messages.slice(from).map(({ method }) => method);
    expect(methods).not.toContain("thread/tokenUsage/updated");

    const laterId = await scene.startThread();
    await scene.turn(laterId, "four");
    const first = await scene.request("thread/list", { limit: 1 });
    expect(first.result.data).toMatchObject([{ id: laterId }]);
    const second = await scene.request("thread/list", { cursor: first.result.nextCursor });
    expect(second.result).toMatchObject({ data: [{ id: threadId }], nextCursor: null });
    const back = { cursor: second.result.backwardsCursor, sortDirection: "asc" };
    expect((await scene.request("thread/list", back)).result.data).toMatchObject([{ id: laterId }]);
    expect((await scene.request("thread/list", { cursor: "x" })).error?.message).toBe(
      "invalid cursor: x",
    );
    const loaded = await scene.request("thread/loaded/list", { limit: 1 });
    const { data, nextCursor } = loaded.result;
    const others = await scene.request("thread/loaded/list", { cursor: nextCursor });
    expect(new Set([...data, ...others.result.data])).toEqual(new Set([threadId, laterId]));
    expect(data).toHaveLength(1);
    expect(others.result.nextCursor).toBeNull();
  });

  test("[app-server/H8] what cannot be kept is refused, and the thread goes on", async () => {
    await using scene = await startScene({ compatibility, script: [messageExchange("One.")] });
    const host = scene.home;
    const threadId = await scene.startThread({ ephemeral: true, cwd: host });
    const refused: readonly (readonly [string, object, string])[] = [
      ["thread/archive", {}, "no rollout found"],
      ["thread/name/set", { name: "x" }, "ephemeral thread does not support metadata updates"],
      ["thread/read", { includeTurns: true }, "ephemeral threads do not support includeTurns"],
      ["thread/turns/list", {}, "ephemeral threads do not support thread/turns/list"],
    ];
    for (const [method, params, message] of refused) {
      const { error } = await scene.request(method, { threadId, ...params });
      expect(error).toMatchObject({ code: -32_600 });
      expect(error?.message).toContain(message);
    }
    await scene.turn(threadId, "one");
    expect((await scene.request("thread/read", { threadId })).result.thread.ephemeral).toBe(true);
  });
});
