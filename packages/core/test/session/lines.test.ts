import { existsSync, statSync } from "node:fs";
import { basename } from "node:path";
import { describe, expect, test } from "vitest";
import {
  errorExchange,
  functionCall,
  messageExchange,
  streamExchange,
  streamedReasoning,
} from "@codex-ts/responses-server";
import type { Script } from "@codex-ts/responses-server";
import { collect } from "../support/harness.ts";
import { fileOf, kindsOf, linesOf, startSessionScene } from "../support/session-scene.ts";

const TOOL_TURN: Script = [
  streamExchange([
    streamedReasoning({ summary: ["Look.", "Run."], encryptedContent: "enc-1" }),
    functionCall("exec_command", { cmd: "echo one" }, "call_1"),
  ]),
  messageExchange("Done."),
];

describe("[core/F1] the lines of a session file", () => {
  test("are those of 0.171, numbered, in its order", async () => {
    await using scene = await startSessionScene(TOOL_TURN);
    const thread = await scene.create();
    await scene.once(thread, "go");
    const lines = linesOf(fileOf(thread));
    const kinds = kindsOf(lines);
    // A command ends when it ends: before or after the counts of its response.
    expect(kinds.filter((kind) => kind !== "token_usage_record")).toEqual([
      "session_meta",
      "event_msg:task_started",
      "response_item",
      "world_state",
      "turn_context",
      "event_msg:thread_settings_applied",
      "response_item",
      "event_msg:item_completed",
      "event_msg:item_completed",
      "response_item",
      "response_item",
      "event_msg:item_completed",
      "response_item",
      "event_msg:token_count",
      "event_msg:item_completed",
      "response_item",
      "event_msg:token_count",
      "event_msg:task_complete",
    ]);
    expect(kinds.filter((kind) => kind === "token_usage_record")).toHaveLength(2);
    expect(lines.map(({ ordinal }) => ordinal)).toEqual(lines.map((_, index) => index));
    expect(lines[0]?.["payload"]).toMatchObject({
      id: thread.threadId,
      session_id: thread.threadId,
      cwd: scene.options.cwd,
      source: "exec",
      thread_source: "user",
      model_provider: "mock",
      history_mode: "paginated",
      base_instructions: {
        text: "Follow the script.",
        provenance: { type: "model", model: "gpt-mock" },
      },
    });
  });

  test("are those of 0.140 without numbers, in its order", async () => {
    await using scene = await startSessionScene(TOOL_TURN, { compatibility: "0.140" });
    const thread = await scene.create();
    await scene.once(thread, "go");
    const lines = linesOf(fileOf(thread));
    expect(kindsOf(lines)).toEqual([
      "session_meta",
      "event_msg:task_started",
      "response_item",
      "turn_context",
      "response_item",
      "event_msg:user_message",
      "event_msg:agent_reasoning",
      "event_msg:agent_reasoning",
      "response_item",
      "response_item",
      "response_item",
      "event_msg:token_count",
      "event_msg:agent_message",
      "response_item",
      "event_msg:token_count",
      "event_msg:task_complete",
    ]);
    expect(lines.some((line) => "ordinal" in line)).toBe(false);
    const items = lines.filter(({ type }) => type === "response_item");
    expect(items.some(({ payload }) => "id" in (payload as object))).toBe(false);
    expect(lines[3]?.["payload"]).toMatchObject({
      cwd: scene.options.cwd,
      approval_policy: "never",
      sandbox_policy: { type: "danger-full-access" },
      permission_profile: { type: "disabled" },
      model: "gpt-mock",
    });
  });

  test("say what a sandbox lets commands do", async () => {
    await using scene = await startSessionScene([messageExchange("One.")], {
      sandboxMode: "workspace-write",
    });
    const thread = await scene.create();
    await scene.once(thread, "go");
    const context = linesOf(fileOf(thread)).find(({ type }) => type === "turn_context");
    expect(context?.["payload"]).toMatchObject({
      sandbox_policy: { type: "workspace-write", network_access: false },
      permission_profile: { type: "managed", network: "restricted" },
      file_system_sandbox_policy: { kind: "restricted" },
    });
  });

  test("say why a turn failed, in 0.171 only", async () => {
    await using scene = await startSessionScene([
      errorExchange(400, { message: "no" }),
      errorExchange(400, { message: "no" }),
    ]);
    for (const compatibility of ["0.171", "0.140"] as const) {
      const thread = await scene.create({ compatibility });
      await scene.once(thread, "go");
      const end = linesOf(fileOf(thread)).at(-1)?.["payload"] as Record<string, unknown>;
      expect(end["type"]).toBe("task_complete");
      expect("error" in end).toBe(compatibility === "0.171");
    }
  });

  test.each(["0.171", "0.140"] as const)(
    "end with the abort of a turn, in %s",
    async (generation) => {
      await using scene = await startSessionScene(
        [streamExchange([functionCall("exec_command", { cmd: "sleep 20" }, "call_1")])],
        { compatibility: generation },
      );
      const thread = await scene.create();
      const abort = new AbortController();
      for await (const event of thread.runTurn("go", { signal: abort.signal })) {
        if (event.type === "itemStarted") abort.abort();
      }
      await thread.close();
      const lines = linesOf(fileOf(thread)).filter(({ type }) => type !== "token_usage_record");
      const kinds = kindsOf(lines);
      const end = kinds.indexOf("event_msg:turn_aborted");
      expect(kinds.slice(end - 3, end)).toEqual([
        "response_item",
        "event_msg:token_count",
        "response_item",
      ]);
      expect(lines[end]?.["payload"]).toMatchObject({ reason: "interrupted" });
    },
  );

  test("are in a file of the owner's alone, named after the time and the thread", async () => {
    await using scene = await startSessionScene([messageExchange("One.")], {
      now: () => new Date(2026, 10, 30, 23, 4, 5).getTime(),
    });
    const thread = await scene.create();
    const path = fileOf(thread);
    expect(existsSync(path)).toBe(false);
    await scene.once(thread, "go");
    expect(path.slice(scene.codexHome.length)).toBe(
      `/sessions/2026/11/30/rollout-2026-11-30T23-04-05-${thread.threadId}.jsonl`,
    );
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });
});

describe("[core/F8] nothing is kept", () => {
  test("of an ephemeral thread, of one without a home, and of one without a turn", async () => {
    await using scene = await startSessionScene([messageExchange("One.")]);
    const ephemeral = await scene.create({ ephemeral: true });
    expect(ephemeral.sessionPath).toBeUndefined();
    await scene.once(ephemeral, "go");
    const silent = await scene.create();
    await silent.close();
    expect(existsSync(`${scene.codexHome}/sessions`)).toBe(false);
  });
});

test("[core/F1-live] a line is on the disk before the next event is emitted", async () => {
  await using scene = await startSessionScene(TOOL_TURN);
  const thread = await scene.create();
  const seen: string[] = [];
  for await (const event of thread.runTurn("go")) {
    if (event.type !== "inferenceStarted") continue;
    seen.push(kindsOf(linesOf(fileOf(thread))).at(-1) ?? "");
  }
  expect(seen).toEqual(["event_msg:item_completed", "event_msg:token_count"]);
  expect(basename(fileOf(thread))).toContain(thread.threadId);
  await collect((await scene.create({ ephemeral: true })).runTurn("nothing is scripted"));
});
