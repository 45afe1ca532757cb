import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { describe, expect, test, vi } from "vitest";
import { listSessions } from "@codex-ts/core";
import { messageExchange } from "@codex-ts/responses-server";
import type { JsonObject } from "@codex-ts/protocol";
import { collect, ofType } from "../support/harness.ts";
import {
  blobOf,
  fileOf,
  inputOf,
  kindsOf,
  linesOf,
  startSessionScene,
} from "../support/session-scene.ts";

// Several sessions each, which take their time on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

const SCRIPT = ["One.", "Two.", "Three.", "Four.", "Five.", "Six."].map((text) =>
  messageExchange(text),
);

function metaOf(path: string): JsonObject {
  return linesOf(path)[0]?.["payload"] as JsonObject;
}

/** The first bytes of a file that another one names as its beginning, as lines. */
function basedOn(base: string, { payload }: JsonObject): readonly JsonObject[] {
  const { end_byte_offset: end } = (payload as JsonObject)["history_base"] as {
    end_byte_offset: number;
  };
  const text = readFileSync(base).subarray(0, end).toString("utf8");
  return text
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line) as JsonObject);
}

describe("[core/start-over] turns taken back in a session of 0.171", () => {
  test("are left in its file, and the thread goes on in another one that begins in it", async () => {
    await using scene = await startSessionScene(SCRIPT, { compatibility: "0.171" });
    const { codexHome } = scene;
    const thread = await scene.create();
    for (const words of ["go", "wrong", "worse"]) await collect(thread.runTurn(words));
    const path = fileOf(thread);
    const before = readFileSync(path, "utf8");
    expect(thread.rollBack(2)).toBe(2);
    const other = fileOf(thread);
    expect(readFileSync(path, "utf8")).toBe(before);
    expect(basename(other)).toMatch(new RegExp(`-${thread.threadId}_[0-9a-f-]{36}\\.jsonl$`));
    // It is there before anything is said, and says nothing of what was counted since.
    const [first = {}, ...rest] = linesOf(other);
    expect(kindsOf(rest)).toEqual(["event_msg:thread_settings_applied"]);
    const shared = basedOn(path, first);
    expect(shared.at(-1)?.["payload"]).toMatchObject({ type: "task_complete" });
    expect(first["ordinal"]).toBe(shared.length);
    expect(metaOf(other)).toMatchObject({
      id: thread.threadId,
      history_base: { thread_id: thread.threadId, end_ordinal_exclusive: shared.length },
      context_window: metaOf(path)["context_window"],
    });
    const events = await collect(thread.runTurn("right"));
    expect(ofType(events, "turnCompleted")[0]?.usage).toMatchObject({ input_tokens: 20 });
    await thread.close();
    const input = inputOf(scene.server.requests[3]);
    expect(input.slice(-3)).toEqual(["user: go", "assistant: One.", "user: right"]);
    await scene.once(await scene.resume(thread.threadId), "more");
    expect(inputOf(scene.server.requests[4])).toEqual([...input, "assistant: Four.", "user: more"]);
    expect(await listSessions({ codexHome })).toMatchObject([{ path: other, firstMessage: "go" }]);
    const ordinals = linesOf(other).map(({ ordinal }) => ordinal);
    expect(ordinals).toEqual(ordinals.map((_, index) => shared.length + index));
  });

  test("down to the first one leave a file of its own, and again", async () => {
    await using scene = await startSessionScene(SCRIPT, { compatibility: "0.171" });
    const thread = await scene.create();
    await collect(thread.runTurn("wrong"));
    expect(thread.rollBack(1)).toBe(1);
    const second = fileOf(thread);
    expect(metaOf(second)).not.toHaveProperty("history_base");
    expect(linesOf(second)[0]?.["ordinal"]).toBe(0);
    await collect(thread.runTurn("worse"));
    expect(thread.rollBack(1)).toBe(1);
    const fileId = /_([0-9a-f-]+)\.jsonl$/.exec(second)?.[1];
    expect(metaOf(fileOf(thread))).toMatchObject({ history_base: { thread_id: fileId } });
    await scene.once(thread, "right");
    const [one, , three] = scene.server.requests;
    expect(inputOf(three)).toEqual([...inputOf(one).slice(0, -1), "user: right"]);
  });

  test("with a compaction among them leave with its window, also when that was all", async () => {
    await using scene = await startSessionScene(SCRIPT, { compatibility: "0.171" });
    const thread = await scene.create();
    await collect(thread.runTurn("go"));
    const events = await collect(thread.compact());
    const beforeTurnId = ofType(events, "turnStarted")[0]?.turnId ?? "";
    expect(thread.rollBack({ beforeTurnId })).toBe(0);
    expect(() => thread.rollBack({ beforeTurnId })).toThrow(/no such turn/);
    await scene.once(thread, "on");
    await scene.once(await scene.resume(thread.threadId), "more");
    const [one, , three, four] = scene.server.requests;
    expect(inputOf(three)).toEqual([...inputOf(one), "assistant: One.", "user: on"]);
    for (const request of [three, four]) {
      expect(blobOf(request)).toMatchObject({
        window_number: 0,
        context_window_id: blobOf(one)["context_window_id"],
      });
    }
  });

  test("with a compaction and commands after them leave with these", async () => {
    await using scene = await startSessionScene(SCRIPT, { compatibility: "0.171" });
    const thread = await scene.create();
    await collect(thread.runTurn("go"));
    await collect(thread.runTurn("wrong"));
    await collect(thread.compact());
    await collect(thread.runShellCommand("true"));
    await collect(thread.runTurn("worse"));
    expect(thread.rollBack(3)).toBe(3);
    await scene.once(thread, "right");
    const expected = [...inputOf(scene.server.requests[0]), "assistant: One.", "user: right"];
    expect(inputOf(scene.server.requests[4])).toEqual(expected);
  });

  test("of a fork into what it was made of name that, and the thread it was made of stays as it is", async () => {
    await using scene = await startSessionScene(SCRIPT, { compatibility: "0.171" });
    const source = await scene.create();
    await collect(source.runTurn("go"));
    await collect(source.runTurn("wrong"));
    await source.close();
    const before = readFileSync(fileOf(source), "utf8");
    const fork = await scene.fork(source.threadId);
    await collect(fork.runTurn("worse"));
    expect(fork.rollBack(2)).toBe(2);
    const base = basedOn(fileOf(source), { payload: metaOf(fileOf(fork)) });
    expect(metaOf(fileOf(fork))).toMatchObject({
      forked_from_id: source.threadId,
      forked_from_ordinal_exclusive: base.length,
      history_base: { thread_id: source.threadId, end_ordinal_exclusive: base.length },
    });
    await scene.once(fork, "right");
    expect(inputOf(scene.server.requests[3]).slice(-3)).toEqual([
      "user: go",
      "assistant: One.",
      "user: right",
    ]);
    expect(readFileSync(fileOf(source), "utf8")).toBe(before);
  });
});
