import { appendFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { functionCallExchange, messageExchange } from "@codex-ts/responses-server";
import { testModel } from "../support/harness.ts";
import {
  blobOf,
  fileOf,
  inputOf,
  kindsOf,
  linesOf,
  startSessionScene,
} from "../support/session-scene.ts";

const OLD = testModel({ slug: "gpt-old", comp_hash: "a" });
const NEW = testModel({ slug: "gpt-new", comp_hash: "b" });

describe.each(["0.171", "0.140"] as const)("a session of %s that goes on", (compatibility) => {
  test("[core/K33] with another model is compacted by the one it was last with", async () => {
    await using scene = await startSessionScene(
      ["One.", "Summary.", "Two."].map((text) => messageExchange(text)),
      { compatibility, model: NEW, models: [OLD, NEW] },
    );
    const first = await scene.create({ model: OLD });
    await scene.once(first, "go");
    await scene.once(await scene.resume(first.threadId), "more");
    const [, compaction, after] = scene.server.requests;
    expect(compaction?.body).toMatchObject({ model: "gpt-old" });
    expect(blobOf(compaction)).toMatchObject({
      compaction: { reason: "comp_hash_changed", phase: "pre_turn", trigger: "auto" },
    });
    expect(after?.body).toMatchObject({ model: "gpt-new" });
    const contexts = linesOf(fileOf(first)).filter(({ type }) => type === "turn_context");
    expect(contexts.map(({ payload }) => (payload as { comp_hash?: string }).comp_hash)).toEqual([
      "a",
      "b",
    ]);
  });

  test("[core/K33] is compacted by its model too when nobody knows that any more", async () => {
    await using scene = await startSessionScene(
      ["One.", "Summary.", "Two."].map((text) => messageExchange(text)),
      { compatibility, model: NEW },
    );
    const first = await scene.create({ model: OLD });
    await scene.once(first, "go");
    await scene.once(await scene.resume(first.threadId), "more");
    expect(scene.server.requests[1]?.body).toMatchObject({ model: "gpt-old" });
  });

  test("[core/K34] knows a summary in the words of another program for one", async () => {
    await using scene = await startSessionScene(
      ["One.", "Summary.", "Two."].map((text) => messageExchange(text)),
      { compatibility },
    );
    const first = await scene.create();
    await scene.once(first, "go");
    const text = "In words nobody here knows:\nOld summary.";
    const said = (words: string): object => ({
      type: "message",
      role: "user",
      content: [{ type: "input_text", text: words }],
    });
    const ordinal = compatibility === "0.171" ? { ordinal: linesOf(fileOf(first)).length } : {};
    appendFileSync(
      fileOf(first),
      `${JSON.stringify({
        timestamp: "2026-11-30T00:00:00.000Z",
        ...ordinal,
        type: "compacted",
        payload: { message: text, replacement_history: [said("go"), said(text)] },
      })}\n`,
    );
    const thread = await scene.resume(first.threadId);
    for await (const _ of thread.compact()) continue;
    await scene.once(thread, "more");
    const users = inputOf(scene.server.requests[2]).filter((item) => item.startsWith("user: "));
    expect(users.filter((item) => item.includes("Old summary."))).toEqual([]);
    expect(users).toContain("user: go");
  });
});

test("[core/K35] a local compaction is kept as in 0.171: the summary is no message to anybody, its usage comes after it", async () => {
  await using scene = await startSessionScene(
    [
      functionCallExchange(
        { name: "exec_command", args: { cmd: "echo one" }, callId: "call_1" },
        { usage: { input_tokens: 3000, output_tokens: 100 } },
      ),
      messageExchange("Summary."),
      messageExchange("One."),
    ],
    { model: testModel({ auto_compact_token_limit: 2000 }) },
  );
  const thread = await scene.create();
  await scene.once(thread, "go");
  const lines = linesOf(fileOf(thread));
  const kinds = kindsOf(lines);
  const at = kinds.indexOf("compacted");
  expect(kinds.slice(at - 3, at)).toEqual([
    "response_item",
    "token_usage_record",
    "event_msg:token_count",
  ]);
  const completed = lines.flatMap(({ payload }) => {
    const { type, item } = payload as { type?: string; item?: { type: string } };
    return type === "item_completed" ? [item?.type] : [];
  });
  expect(completed.filter((type) => type === "AgentMessage")).toHaveLength(1);
  expect(completed.filter((type) => type === "ContextCompaction")).toHaveLength(1);
  expect(JSON.stringify(lines[at])).toContain('"content_item_kinds":["compaction.summary"]');
});
