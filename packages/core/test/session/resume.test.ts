import { appendFileSync, copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test, vi } from "vitest";
import { archiveSession, listSessions, unarchiveSession } from "@codex-ts/core";
import { functionCallExchange, messageExchange } from "@codex-ts/responses-server";
import type { Compatibility, JsonObject } from "@codex-ts/protocol";
import { ThreadTrace } from "@codex-ts/rollout-trace/recorder";
import { collect, ofType, testModel } from "../support/harness.ts";
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

const CALL = functionCallExchange({
  name: "exec_command",
  args: { cmd: "echo one" },
  callId: "call_1",
});

describe.each(["0.171", "0.140"] as const)(
  "[core/F2] a session of %s that goes on",
  (generation) => {
    const other: Compatibility = generation === "0.171" ? "0.140" : "0.171";

    test("has its id, file, history and counts, and nothing is told twice", async () => {
      await using scene = await startSessionScene(
        [CALL, messageExchange("One."), messageExchange("Two.")],
        {
          compatibility: generation,
        },
      );
      const first = await scene.create();
      await scene.once(first, "go");
      const before = readFileSync(fileOf(first), "utf8");
      const second = await scene.resume(first.threadId.toUpperCase());
      expect(second.threadId).toBe(first.threadId);
      expect(second.sessionPath).toBe(first.sessionPath);
      const events = await scene.once(second, "more");
      const [, one, two] = scene.server.requests;
      expect(inputOf(two)).toEqual([...inputOf(one), "assistant: One.", "user: more"]);
      expect(ofType(events, "turnCompleted")[0]?.usage).toMatchObject({
        input_tokens: 30,
        output_tokens: 15,
      });
      const after = readFileSync(fileOf(first), "utf8");
      expect(after.startsWith(before)).toBe(true);
      const lines = linesOf(fileOf(first));
      expect(kindsOf(lines).filter((kind) => kind === "session_meta")).toHaveLength(1);
      if (generation === "0.140") return;
      expect(lines.map(({ ordinal }) => ordinal)).toEqual(lines.map((_, index) => index));
      expect(blobOf(two)).toMatchObject({
        history_initialization: "cold_resume",
        context_window_id: blobOf(one)["context_window_id"],
        window_number: 0,
      });
      const ids = (request: typeof one): unknown[] =>
        ((request?.body ?? {}) as { input?: { id: string }[] }).input?.map(({ id }) => id) ?? [];
      expect(ids(two).slice(0, ids(one).length)).toEqual(ids(one));
    });

    test("goes on in its own generation when the other one is set", async () => {
      await using scene = await startSessionScene(
        [CALL, messageExchange("One."), messageExchange("Two.")],
        {
          compatibility: generation,
        },
      );
      const first = await scene.create();
      await scene.once(first, "go");
      const count = linesOf(fileOf(first)).length;
      await scene.once(await scene.resume(first.threadId, { compatibility: other }), "more");
      const added = linesOf(fileOf(first)).slice(count);
      expect(added.every((line) => "ordinal" in line === (generation === "0.171"))).toBe(true);
      expect(kindsOf(added).includes("event_msg:user_message")).toBe(generation === "0.140");
      expect(inputOf(scene.server.requests[2]).at(-2)).toBe("assistant: One.");
    });

    test("begins with the history of the last compaction, in the window after it", async () => {
      await using scene = await startSessionScene(
        [messageExchange("One."), messageExchange("Two.")],
        {
          compatibility: generation,
        },
      );
      const first = await scene.create();
      await scene.once(first, "go");
      const lines = linesOf(fileOf(first));
      const context = lines.find(({ type }) => type === "turn_context");
      const message = (text: string): object => ({
        type: "message",
        role: "user",
        content: [{ type: "input_text", text }],
      });
      const compacted = (text: string): object => ({
        type: "compacted",
        payload: {
          message: text,
          replacement_history: [message(text)],
          ...(generation === "0.171" && { window_id: "01a22ad5-f7a0-7f10-88ac-13921d3e4375" }),
        },
      });
      const added = [
        compacted("summary one"),
        { type: "response_item", payload: message("lost") },
        compacted("summary two"),
        ...(context === undefined ? [] : [{ type: "turn_context", payload: context["payload"] }]),
        { type: "response_item", payload: message("kept") },
      ];
      appendFileSync(
        fileOf(first),
        added
          .map((line, index) => ({
            timestamp: "2026-11-30T00:00:00.000Z",
            ...(generation === "0.171" && { ordinal: lines.length + index }),
            ...line,
          }))
          .map((line) => `${JSON.stringify(line)}\n`)
          .join(""),
      );
      await scene.once(await scene.resume(first.threadId), "more");
      const input = inputOf(scene.server.requests[1]);
      expect(input.filter((item) => item.startsWith("user"))).toEqual([
        "user: summary two",
        "user: kept",
        "user: more",
      ]);
      expect(blobOf(scene.server.requests[1])["window_id"]).toBe(`${first.threadId}:2`);
      if (generation === "0.140") return;
      expect(blobOf(scene.server.requests[1])).toMatchObject({
        context_window_id: "01a22ad5-f7a0-7f10-88ac-13921d3e4375",
        window_number: 2,
      });
    });

    test("tells its surroundings again when a compaction has taken them away", async () => {
      await using scene = await startSessionScene(
        [messageExchange("One."), messageExchange("Two.")],
        {
          compatibility: generation,
        },
      );
      const first = await scene.create();
      await scene.once(first, "go");
      const ordinal = linesOf(fileOf(first)).length;
      const compacted = { message: "s", replacement_history: [] };
      appendFileSync(
        fileOf(first),
        `${JSON.stringify({ timestamp: "2026-11-30T00:00:00.000Z", ordinal, type: "compacted", payload: compacted })}\n`,
      );
      await scene.once(await scene.resume(first.threadId), "more");
      const input = inputOf(scene.server.requests[1]).filter((item) => item.startsWith("user"));
      expect(input).toEqual([expect.stringContaining("<environment_context>"), "user: more"]);
    });

    test("keeps its own instructions, whatever those of the model are by now", async () => {
      await using scene = await startSessionScene(
        [messageExchange("One."), messageExchange("Two.")],
        {
          compatibility: generation,
        },
      );
      const first = await scene.create();
      await scene.once(first, "go");
      const model = testModel({ base_instructions: "Other instructions." });
      await scene.once(await scene.resume(first.threadId, { model }), "more");
      expect(JSON.stringify(scene.server.requests[1]?.body)).toContain("Follow the script.");
      expect(JSON.stringify(scene.server.requests[1]?.body)).not.toContain("Other instructions.");
    });

    test("pairs each call of a turn that was cut off", async () => {
      await using scene = await startSessionScene(
        [CALL, messageExchange("One."), messageExchange("Two.")],
        {
          compatibility: generation,
        },
      );
      const first = await scene.create();
      await scene.once(first, "go");
      const lines = readFileSync(fileOf(first), "utf8").split("\n");
      const call = lines.findIndex((line) => line.includes('"function_call"'));
      writeFileSync(fileOf(first), `${lines.slice(0, call + 1).join("\n")}\n`);
      await scene.once(await scene.resume(first.threadId), "more");
      expect(inputOf(scene.server.requests[2]).slice(-3)).toEqual([
        "function_call call_1",
        "function_call_output call_1",
        "user: more",
      ]);
    });
  },
);

test("[core/F2-model] another model than the recorded one is told once, in the first turn", async () => {
  await using scene = await startSessionScene([messageExchange("One."), messageExchange("Two.")]);
  const first = await scene.create();
  await scene.once(first, "go");
  const thread = await scene.resume(first.threadId, { model: testModel({ slug: "gpt-other" }) });
  const warnings = ofType(await scene.once(thread, "more"), "warning");
  expect(warnings.map(({ message }) => message)).toEqual([
    expect.stringMatching(/recorded with model `gpt-mock` and goes on with `gpt-other`/),
  ]);
});

test("[core/F2-settings] other settings than the recorded ones are written twice, as 0.171 does", async () => {
  await using scene = await startSessionScene([
    messageExchange("One."),
    messageExchange("Two."),
    messageExchange("Three."),
  ]);
  const { cwd } = scene.options;
  const elsewhere = join(cwd, "elsewhere");
  mkdirSync(elsewhere);
  const first = await scene.create();
  await scene.once(first, "go");
  await scene.once(await scene.resume(first.threadId), "the same");
  await scene.once(await scene.resume(first.threadId, { cwd: elsewhere }), "others");
  const settings = linesOf(fileOf(first))
    .map(({ payload }) => payload as { readonly thread_settings?: { readonly cwd: string } })
    .flatMap(({ thread_settings: each }) => each?.cwd ?? []);
  expect(settings).toEqual([cwd, cwd, elsewhere, elsewhere]);
});

test("[core/F2-skills] changed skills are told to a resumed thread of 0.171, and the same ones are not", async () => {
  const scripted = ["One.", "Two.", "Three.", "Four."].map((text) => messageExchange(text));
  const [count, sort] = ["count", "sort"].map((name) => ({
    name,
    description: `For ${name}.`,
    path: `/skills/${name}/SKILL.md`,
    root: "/skills",
  }));
  if (count === undefined || sort === undefined) throw new Error("unreachable");
  await using scene = await startSessionScene(scripted, { skills: [count] });
  const first = await scene.create();
  await scene.once(first, "go");
  // The list is what counts, not the words Codex puts before it.
  const file = fileOf(first);
  const text = readFileSync(file, "utf8");
  expect(text).toContain("## Skills\\nA skill");
  writeFileSync(
    file,
    text.replaceAll("## Skills\\nA skill", "## Skills\\nIn Codex's words, a skill"),
  );
  const told: (string | undefined)[] = [];
  for (const skills of [[count], [count, sort], []]) {
    await scene.once(await scene.resume(first.threadId, { skills }), "more");
    const news = inputOf(scene.server.requests.at(-1)).slice(-2)[0];
    told.push(/<skills_instructions>[^]*<\/skills_instructions>/.exec(news ?? "")?.[0]);
  }
  const states = linesOf(file)
    .filter(({ type }) => type === "world_state")
    .map(({ payload }) => (payload as { readonly state: JsonObject }).state["host_skills"]);
  expect(told[0]).toBeUndefined();
  expect(told[1]).toContain(
    "- `r0` = `/skills`\n### Available skills\n- count: For count. (file: r0/count/SKILL.md)\n- sort: For sort. (file: r0/sort/SKILL.md)\n<",
  );
  expect(told[2]).toContain("none any more");
  expect(states).toEqual([
    { body: expect.stringContaining("- count: For count."), includeInstructions: true },
    { body: expect.stringContaining("- sort: For sort.") },
    { body: null },
  ]);
});

test("[core/F2-tools] what the model read in the middle of a turn is known to a resumed thread of 0.171", async () => {
  await using scene = await startSessionScene([messageExchange("One."), messageExchange("Two.")]);
  const first = await scene.create();
  await scene.once(first, "go");
  const file = fileOf(first);
  const news = { full: false, state: { tools: { mcp__late: "Use it." } } };
  const line = { timestamp: "2026-11-30T00:00:00.000Z", ordinal: linesOf(file).length };
  appendFileSync(file, `${JSON.stringify({ ...line, type: "world_state", payload: news })}\n`);
  await scene.once(await scene.resume(first.threadId), "more");
  // The server of these tools is gone, which is news only for a model that knew them.
  expect(inputOf(scene.server.requests[1]).at(-2)).toContain("- mcp__late: Use it.");
});

test("[core/F2-rollback] turns the user took back are gone", async () => {
  await using scene = await startSessionScene(
    [messageExchange("One."), messageExchange("Two."), messageExchange("Three.")],
    { compatibility: "0.140" },
  );
  const first = await scene.create();
  await scene.once(first, "go");
  await scene.once(await scene.resume(first.threadId), "wrong");
  const rolledBack = { type: "thread_rolled_back", num_turns: 1 };
  appendFileSync(
    fileOf(first),
    `${JSON.stringify({ timestamp: "2026-11-30T00:00:00.000Z", type: "event_msg", payload: rolledBack })}\n`,
  );
  await scene.once(await scene.resume(first.threadId), "right");
  expect(inputOf(scene.server.requests[2]).slice(-3)).toEqual([
    "user: go",
    "assistant: One.",
    "user: right",
  ]);
});

test("[core/F2-reverted] a thread that 0.171 has taken back goes on in its newest file, and is one thread", async () => {
  const script = ["One.", "Wrong.", "Right.", "More."].map((text) => messageExchange(text));
  await using scene = await startSessionScene(script);
  const { codexHome } = scene;
  const first = await scene.create();
  await collect(first.runTurn("go"));
  await scene.once(first, "wrong");
  // As 0.171 does it: another file of the thread, which begins with the lines before the turn.
  const path = fileOf(first);
  const lines = readFileSync(path, "utf8").split("\n").slice(0, -1);
  const end = lines.findLastIndex((line) => line.includes('"task_started"'));
  const [meta] = linesOf(path) as [JsonObject];
  const fileId = "01a22eba-d535-7501-8601-8cf15b7712c3";
  const base = {
    thread_id: first.threadId,
    end_ordinal_exclusive: end,
    end_byte_offset: Buffer.byteLength(`${lines.slice(0, end).join("\n")}\n`),
  };
  const payload = { ...(meta["payload"] as JsonObject), history_base: base };
  const newest = path.replace(/\.jsonl$/, `_${fileId}.jsonl`);
  writeFileSync(newest, `${JSON.stringify({ ...meta, ordinal: end, payload })}\n`);

  const resumed = await scene.resume(first.threadId);
  expect(fileOf(resumed)).toBe(newest);
  await scene.once(resumed, "right");
  expect(inputOf(scene.server.requests[2])).toEqual([
    ...inputOf(scene.server.requests[0]),
    "assistant: One.",
    "user: right",
  ]);
  const fork = await scene.fork(first.threadId);
  await scene.once(fork, "more");
  expect(inputOf(scene.server.requests[3]).slice(-2)).toEqual(["assistant: Right.", "user: more"]);
  expect(linesOf(fileOf(fork))[0]?.["payload"]).toMatchObject({
    forked_from_id: first.threadId,
    history_base: { thread_id: fileId },
  });
  const { threadId } = first;
  const listed = await listSessions({ codexHome });
  expect(listed.filter((session) => session.threadId === threadId)).toEqual([
    expect.objectContaining({ path: newest, firstMessage: "go" }),
  ]);
  await archiveSession(threadId, { codexHome });
  await expect(scene.resume(threadId)).rejects.toMatchObject({ code: "session_archived" });
  expect(await unarchiveSession(threadId, { codexHome })).toBe(newest);
  expect(fileOf(await scene.resume(threadId))).toBe(newest);
});

describe.each(["0.140", "0.171"] as const)(
  "[core/roll-back] turns taken back in %s",
  (compatibility) => {
    const script = ["One.", "Two.", "Three.", "Four.", "Five."].map((text) =>
      messageExchange(text),
    );
    const environments = (items: readonly string[]): unknown[] =>
      items.flatMap((item) => /<cwd>[^<]*\/(\w+)<\/cwd>/.exec(item)?.[1] ?? []);

    test("leave with what the model read of their surroundings, for the thread and for one that resumes it", async () => {
      await using scene = await startSessionScene(script, { compatibility });
      const cwds = ["a", "b", "c"].map((name) => join(scene.codexHome, name));
      for (const cwd of cwds) mkdirSync(cwd);
      const [a, b, c] = cwds as [string, string, string];
      const first = await scene.create({ cwd: a });
      for (const cwd of [a, b, c]) await collect(first.runTurn("go", { cwd }));
      expect(first.rollBack(2)).toBe(2);
      await collect(first.runTurn("on", { cwd: c }));
      await first.close();
      const input = inputOf(scene.server.requests[3]);
      expect(environments(input)).toEqual(["a", "c"]);
      expect(input.at(-1)).toBe("user: on");
      // The file says the same.
      await scene.once(await scene.resume(first.threadId, { cwd: c }), "more");
      const resumed = inputOf(scene.server.requests[4]);
      expect(resumed.slice(0, -2)).toEqual(input);
      expect(resumed.at(-1)).toBe("user: more");
    });
  },
);

describe("[core/F6] a session that cannot go on", () => {
  test("is refused by name", async () => {
    await using scene = await startSessionScene([messageExchange("One.")]);
    const first = await scene.create();
    await scene.once(first, "go");
    const path = fileOf(first);
    const unknown = "00000000-0000-7000-8000-000000000000";
    await expect(scene.resume(unknown)).rejects.toMatchObject({
      code: "session_not_found",
      message: `no rollout found for thread id ${unknown}`,
    });
    await expect(scene.resume("../../etc/passwd")).rejects.toMatchObject({
      code: "session_not_found",
    });
    const other = join(dirname(path), `rollout-2026-11-30T00-00-00-${unknown}.jsonl`);
    writeFileSync(other, readFileSync(path, "utf8").split("\n").slice(1).join("\n"));
    await expect(scene.resume(unknown)).rejects.toMatchObject({ code: "session_unreadable" });
    writeFileSync(other, "");
    await expect(scene.fork(unknown)).rejects.toMatchObject({ code: "session_unreadable" });
    await expect(scene.resume(first.threadId, { codexHome: "relative" })).rejects.toMatchObject({
      code: "invalid_option",
    });
    mkdirSync(join(scene.codexHome, "archived_sessions"));
    copyFileSync(other, join(scene.codexHome, "archived_sessions", "rollout-unreadable.jsonl"));
    // A refusal leaves no lock behind.
    await scene.once(await scene.resume(first.threadId), "more");
  });

  test("for its id is refused before anything is recorded", async () => {
    await using scene = await startSessionScene([]);
    const trace = ThreadTrace.startRoot({
      root: scene.codexHome,
      metadata: {
        threadId: "no-uuid",
        agentPath: "/root",
        sessionSource: "exec",
        cwd: scene.codexHome,
        model: "gpt-mock",
        providerName: "mock",
        approvalPolicy: "never",
        sandboxPolicy: "DangerFullAccess",
      },
    });
    await expect(scene.create({ trace })).rejects.toMatchObject({ code: "invalid_option" });
    await trace.close();
    const recorded = readFileSync(join(trace.bundlePath ?? "", "trace.jsonl"), "utf8");
    expect(recorded).toContain("no-uuid");
    expect(recorded).not.toContain("protocol_event");
  });
});
