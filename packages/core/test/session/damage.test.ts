import { appendFileSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { zstdCompressSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { messageExchange } from "@codex-ts/responses-server";
import { SessionLog } from "../../src/session/session-log.ts";
import { ofType } from "../support/harness.ts";
import { fileOf, inputOf, startSessionScene } from "../support/session-scene.ts";

const answers = [messageExchange("One."), messageExchange("Two."), messageExchange("Three.")];

describe.each(["0.171", "0.140"] as const)("[core/F5] a damaged session of %s", (compatibility) => {
  test("with a torn last line goes on in a new line", async () => {
    await using scene = await startSessionScene(answers, { compatibility });
    const first = await scene.create();
    await scene.once(first, "go");
    const torn = '{"timestamp":"2026-11-30T00:00:00.000Z","type":"respo';
    appendFileSync(fileOf(first), torn);
    await scene.once(await scene.resume(first.threadId), "more");
    await scene.once(await scene.resume(first.threadId), "and more");
    const lines = readFileSync(fileOf(first), "utf8").split("\n");
    expect(lines.filter((line) => line === torn)).toHaveLength(1);
    expect(lines.filter((line) => line !== torn && line !== "").map(isJson)).not.toContain(false);
    expect(inputOf(scene.server.requests[2]).slice(-5)).toEqual([
      "user: go",
      "assistant: One.",
      "user: more",
      "assistant: Two.",
      "user: and more",
    ]);
  });

  test("keeps lines nobody knows, and skips what is no line", async () => {
    await using scene = await startSessionScene(answers, { compatibility });
    const first = await scene.create();
    await scene.once(first, "go");
    const strange = [
      '{"timestamp":"2026-11-30T00:00:00.000Z","ordinal":900,"type":"dream","payload":{"of":"sheep"}}',
      '{"timestamp":"2026-11-30T00:00:00.000Z","type":"event_msg","payload":{"type":"dream"}}',
      '{"timestamp":"2026-11-30T00:00:00.000Z","type":"response_item","payload":{"type":"dream"}}',
      '{"timestamp":"2026-11-30T00:00:00.000Z","type":"response_item","payload":{"type":"message"}}',
      '{"timestamp":"2026-11-30T00:00:00.000Z","type":"compacted","payload":null}',
      "\u0000\u0000not json",
      "[1,2]",
      "",
    ];
    const [meta = "", ...rest] = readFileSync(fileOf(first), "utf8").split("\n");
    writeFileSync(fileOf(first), [meta, ...strange, ...rest].join("\n"));
    const before = readFileSync(fileOf(first), "utf8");
    await scene.once(await scene.resume(first.threadId), "more");
    expect(readFileSync(fileOf(first), "utf8").startsWith(before)).toBe(true);
    expect(inputOf(scene.server.requests[1]).slice(-3)).toEqual([
      "user: go",
      "assistant: One.",
      "user: more",
    ]);
  });
});

test("[core/F5-compressed] a file that Codex has compressed goes on as a plain one", async () => {
  await using scene = await startSessionScene(answers);
  const first = await scene.create();
  await scene.once(first, "go");
  const text = readFileSync(fileOf(first));
  const { rmSync } = await import("node:fs");
  writeFileSync(`${fileOf(first)}.zst`, zstdCompressSync(text));
  rmSync(fileOf(first));
  const second = await scene.resume(first.threadId);
  expect(second.sessionPath).toBe(first.sessionPath);
  await scene.once(second, "more");
  expect(readFileSync(fileOf(first)).subarray(0, text.length).equals(text)).toBe(true);
});

describe("[core/F7] a disk that fails", () => {
  test("is told once, and the thread goes on", async () => {
    await using scene = await startSessionScene(answers);
    writeFileSync(join(scene.codexHome, "sessions"), "a file where a directory should be");
    const thread = await scene.create();
    const { collect } = await import("../support/harness.ts");
    const first = await collect(thread.runTurn("go"));
    const second = await scene.once(thread, "more");
    const warnings = [first, second].flatMap((events) => ofType(events, "warning"));
    expect(warnings.map(({ message }) => message)).toEqual([
      expect.stringMatching(/^the session is no longer kept in .*: .*; the thread goes on/),
    ]);
    expect([first, second].flatMap((events) => ofType(events, "turnCompleted"))).toHaveLength(2);
  });

  test("that has no room leaves no half of a line, as far as it lets", () => {
    const log = SessionLog.open("/dev/full");
    expect(() => log.append("a line\n")).toThrow(/ENOSPC/);
    log.close();
  });
});

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
