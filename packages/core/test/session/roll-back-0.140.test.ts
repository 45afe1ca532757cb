import { describe, expect, test, vi } from "vitest";
import { functionCallExchange, messageExchange } from "@codex-ts/responses-server";
import type { CodexThread } from "@codex-ts/core";
import type { Script } from "@codex-ts/responses-server";
import { collect, testModel } from "../support/harness.ts";
import { blobOf, fileOf, inputOf, linesOf, startSessionScene } from "../support/session-scene.ts";

// Several sessions each, which take their time on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

const FULL = { input_tokens: 3000, output_tokens: 5 };
const ENVIRONMENT = expect.stringContaining("<environment_context>");
const SUMMARY = expect.stringContaining("Earlier parts");

/** What the user says turn by turn; `/compact` and `/shell` are no words. */
type Steps = readonly string[];

interface Case {
  readonly name: string;
  readonly steps: Steps;
  readonly turns: number;
  /** The next request. */
  readonly input: readonly unknown[];
  readonly window: number;
  readonly script?: Script;
}

/** Observed in 0.140, all of them: its thread and one that resumes it. */
const CASES: readonly Case[] = [
  {
    name: "after a compaction leave what it left",
    steps: ["one", "two", "/compact", "three", "four"],
    turns: 2,
    input: ["user: one", "user: two", SUMMARY, ENVIRONMENT, "user: five"],
    window: 1,
  },
  {
    name: "with the only compaction leave nothing of what was said before it, and the context told since",
    steps: ["one", "two", "/compact", "three", "four"],
    turns: 3,
    input: [ENVIRONMENT, "user: five"],
    window: 1,
  },
  {
    name: "that end with the only compaction leave nothing",
    steps: ["one", "two", "/compact"],
    turns: 1,
    input: ["user: five"],
    window: 1,
  },
  {
    name: "all of them, and more than there are, have the context told again beside that of the beginning",
    steps: ["one", "two"],
    turns: 9,
    input: [ENVIRONMENT, ENVIRONMENT, "user: five"],
    window: 0,
  },
  {
    name: "with the second of two compactions count its summary as said",
    steps: ["one", "/compact", "two", "/compact", "three"],
    turns: 2,
    input: ["user: one", "user: two", ENVIRONMENT, "user: five"],
    window: 1,
  },
  {
    name: "with both of two compactions are cut in the history of the second",
    steps: ["one", "/compact", "two", "/compact", "three"],
    turns: 3,
    input: ["user: one", ENVIRONMENT, "user: five"],
    window: 2,
  },
  {
    name: "with a command of the user among them count that as nothing said",
    steps: ["one", "/shell", "two"],
    turns: 2,
    input: [ENVIRONMENT, ENVIRONMENT, "user: five"],
    window: 0,
  },
  {
    name: "with a compaction in the middle of one leave what came between it and the next",
    steps: ["one", "two", "three"],
    turns: 2,
    script: [
      messageExchange("A1."),
      functionCallExchange(
        { name: "exec_command", args: { cmd: "true" }, callId: "call_1" },
        { usage: FULL },
      ),
      ...["Summary.", "A2.", "A3.", "A4.", "A5."].map((text) => messageExchange(text)),
    ],
    input: ["assistant: A2.", "user: five"],
    window: 1,
  },
];

async function play(thread: CodexThread, steps: Steps): Promise<void> {
  for (const step of steps) {
    if (step === "/compact") await collect(thread.compact());
    else if (step === "/shell") await collect(thread.runShellCommand("true"));
    else await collect(thread.runTurn(step));
  }
}

describe("[core/roll-back-0.140] turns taken back in a session of 0.140", () => {
  test.each(CASES)("$name", async ({ steps, turns, input, window, script }) => {
    const exchanges = Array.from({ length: 8 }, (_, index) => messageExchange(`A${index}.`));
    await using scene = await startSessionScene(script ?? exchanges, {
      compatibility: "0.140",
      model: testModel({ auto_compact_token_limit: 2000 }),
    });
    const thread = await scene.create();
    await play(thread, steps);
    thread.rollBack(turns);
    const line = linesOf(fileOf(thread)).at(-1)?.["payload"];
    expect(line).toEqual({ type: "thread_rolled_back", num_turns: turns });
    await scene.once(thread, "five");
    const next = scene.server.requests.at(-1);
    const said = inputOf(next).filter((item) => !item.startsWith("developer: "));
    expect(said).toEqual(input);
    expect(blobOf(next)).toMatchObject({ window_id: `${thread.threadId}:${window}` });
    await scene.once(await scene.resume(thread.threadId), "more");
    expect(inputOf(scene.server.requests.at(-1)).slice(0, -2)).toEqual(inputOf(next));
    expect(blobOf(scene.server.requests.at(-1))).toMatchObject({
      window_id: `${thread.threadId}:${window}`,
    });
  });
});
