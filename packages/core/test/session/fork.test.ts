import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { archiveSession } from "@codex-ts/core";
import { functionCallExchange, messageExchange } from "@codex-ts/responses-server";
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

const SCRIPT = [
  functionCallExchange({ name: "exec_command", args: { cmd: "echo one" }, callId: "call_1" }),
  ...["One.", "Two.", "Three.", "Four.", "Five."].map((text) => messageExchange(text)),
];

describe("[core/F9] a fork", () => {
  test("of a session of 0.171 refers to its lines, and is none of its business afterwards", async () => {
    await using scene = await startSessionScene(SCRIPT);
    const source = await scene.create();
    await scene.once(source, "go");
    const lines = linesOf(fileOf(source)).length;
    const size = readFileSync(fileOf(source)).length;
    const fork = await scene.fork(source.threadId);
    expect(fork.threadId).not.toBe(source.threadId);
    await scene.once(fork, "another way");
    await scene.once(await scene.resume(source.threadId), "the same way");
    await scene.once(await scene.resume(fork.threadId), "further");
    const forked = linesOf(fileOf(fork));
    expect(forked[0]?.["payload"]).toMatchObject({
      id: fork.threadId,
      session_id: fork.threadId,
      forked_from_id: source.threadId,
      forked_from_ordinal_exclusive: lines,
      history_base: {
        thread_id: source.threadId,
        end_ordinal_exclusive: lines,
        end_byte_offset: size,
      },
    });
    expect(forked.map(({ ordinal }) => ordinal)).toEqual(forked.map((_, index) => lines + index));
    const [, one, two, three, four] = scene.server.requests;
    expect(inputOf(two)).toEqual([...inputOf(one), "assistant: One.", "user: another way"]);
    expect(inputOf(three)).toEqual([...inputOf(one), "assistant: One.", "user: the same way"]);
    expect(inputOf(four)).toEqual([...inputOf(two), "assistant: Two.", "user: further"]);
    expect(blobOf(two)).toMatchObject({
      thread_id: fork.threadId,
      session_id: fork.threadId,
      window_id: `${fork.threadId}:0`,
      history_initialization: "cold_fork",
      forked_from_thread_id: source.threadId,
      forked_from_ordinal_exclusive: lines,
    });
    // It is in the window it was made of, until it is resumed.
    const windows = [one, two, four].map((request) => blobOf(request)["context_window_id"]);
    expect(windows[1]).toBe(windows[0]);
    expect(windows[2]).not.toBe(windows[0]);
    expect(forked[0]?.["payload"]).toMatchObject({ context_window: { window_id: windows[2] } });
  });

  test("of a fork has the history of both, also from the archive", async () => {
    await using scene = await startSessionScene(SCRIPT);
    const source = await scene.create();
    await scene.once(source, "go");
    const fork = await scene.fork(source.threadId);
    await scene.once(fork, "second");
    await archiveSession(source.threadId, scene);
    const third = await scene.fork(fork.threadId);
    await scene.once(third, "third");
    const [, , two, three] = scene.server.requests;
    expect(inputOf(three)).toEqual([...inputOf(two), "assistant: Two.", "user: third"]);
  });

  test.each([
    ["0.171", "0.171"],
    ["0.140", "0.140"],
    ["0.140", "0.171"],
  ] as const)("of a session of %s, made by %s, ends before a turn", async (before, after) => {
    await using scene = await startSessionScene(SCRIPT, { compatibility: before });
    const source = await scene.create();
    await collect(source.runTurn("go"));
    const [begun] = ofType(await scene.once(source, "second"), "turnStarted");
    const end = { beforeTurnId: begun?.turnId ?? "" };
    const fork = await scene.fork(source.threadId, { compatibility: after }, end);
    await scene.once(fork, "instead");
    await scene.once(await scene.resume(fork.threadId), "further");
    const [, one, , three, four] = scene.server.requests;
    const said = inputOf(three);
    // Today's Codex has the instructions in the input.
    const shared = before === after ? said : said.slice(1);
    expect(shared).toEqual([...inputOf(one), "assistant: One.", "user: instead"]);
    expect(inputOf(four).slice(-3)).toEqual([
      "user: instead",
      "assistant: Three.",
      "user: further",
    ]);
    await expect(scene.fork(source.threadId, {}, { beforeTurnId: "none" })).rejects.toMatchObject({
      code: "turn_not_found",
    });
    if (before === "0.140") return;
    const lines = linesOf(fileOf(source));
    const start = lines.findIndex(
      ({ payload }) => (payload as JsonObject)["turn_id"] === end.beforeTurnId,
    );
    const size = lines
      .slice(0, start)
      .reduce((sum, line) => sum + Buffer.byteLength(JSON.stringify(line)) + 1, 0);
    expect(linesOf(fileOf(fork))[0]?.["payload"]).toMatchObject({
      forked_from_ordinal_exclusive: start,
      history_base: {
        thread_id: source.threadId,
        end_ordinal_exclusive: start,
        end_byte_offset: size,
      },
    });
  });

  test.each([
    ["0.140", "0.140"],
    ["0.140", "0.171"],
    ["0.171", "0.140"],
  ] as const)("of a session of %s in %s copies its lines", async (before, after) => {
    await using scene = await startSessionScene(SCRIPT);
    const source = await scene.create({ compatibility: before });
    await scene.once(source, "go");
    const fork = await scene.fork(source.threadId, { compatibility: after });
    await scene.once(fork, "another way");
    const copied = linesOf(fileOf(source)).map(withoutOrdinal);
    const lines = linesOf(fileOf(fork));
    expect(lines.slice(1, copied.length + 1)).toEqual(copied);
    expect(lines.some((line) => "ordinal" in line)).toBe(false);
    expect(lines[0]?.["payload"]).toMatchObject({ forked_from_id: source.threadId });
    expect(kindsOf(lines.slice(copied.length + 1))).toContain("event_msg:user_message");
    const again = await scene.resume(fork.threadId, { compatibility: after });
    expect(again.threadId).toBe(fork.threadId);
    await scene.once(again, "further");
    const input = inputOf(scene.server.requests[3]).filter((item) => !item.includes("script"));
    expect(input.slice(-5)).toEqual(
      ["assistant: One.", "user: another way", "assistant: Two.", "user: further"].toSpliced(
        0,
        0,
        "function_call_output call_1",
      ),
    );
  });
});

function withoutOrdinal(line: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(line).filter(([name]) => name !== "ordinal"));
}
