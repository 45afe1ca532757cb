import { writeFile } from "node:fs/promises";
import type { ThreadEvent } from "@codex-ts/core";
import { gate, hang, messageExchange, streamExchange } from "@codex-ts/responses-server";
import { describe, expect, test } from "vitest";
import { readRawBundle } from "../support/bundle.ts";
import { collect, startScene } from "../support/harness.ts";

function lastInput(scene: Awaited<ReturnType<typeof startScene>>): string {
  const body = scene.server.requests.at(-1)?.body as { readonly input: unknown } | undefined;
  return JSON.stringify(body?.input);
}

describe("[core/user-shell] a command of the user", () => {
  test("is a turn without a request, outside of any sandbox; the model reads of it, the trace does not", async () => {
    const script = [messageExchange("Hi."), messageExchange("I see.")];
    await using scene = await startScene(script, { sandboxMode: "read-only" });
    await scene.turn("one");
    const events = await collect(scene.thread.runShellCommand("echo from-user; exit 3"));
    expect(scene.server.requests).toHaveLength(1);
    expect(events.at(-1)?.type).toBe("turnCompleted");
    expect(events).toContainEqual({
      type: "itemCompleted",
      item: expect.objectContaining({ status: "failed", exit_code: 3 }) as unknown,
    });
    await scene.turn("two");
    expect(lastInput(scene)).toMatch(
      /<user_shell_command>\\n<command>\\necho from-user; exit 3\\n.*Exit code: 3\\nDuration: \d+\.\d{4} seconds\\nOutput:\\nfrom-user/,
    );
    await scene.thread.close();
    const types = readRawBundle(scene.thread.bundlePath).events.map(({ payload }) => payload.type);
    expect(types).not.toContain("tool_call_runtime_started");
  });

  test("inherits what commands of the model inherit: no key of the provider, and what the policy gives", async () => {
    await using scene = await startScene([messageExchange("Hi.")], {
      compatibility: "0.171",
      env: {
        PATH: process.env["PATH"],
        // Its profile would be read.
        HOME: "/nobody",
        CODEX_API_KEY: "sk-of-the-user",
        UNWANTED: "unwanted",
      },
      commandEnvironment: { exclude: ["UNWANTED"], set: { WANTED: "wanted" } },
      clientVersion: "1.2.3",
    });
    const command = 'echo "<$CODEX_API_KEY$UNWANTED|$WANTED|$CODEX_VERSION>"';
    const events = await collect(scene.thread.runShellCommand(command));
    expect(events).toContainEqual({
      type: "itemCompleted",
      item: expect.objectContaining({ aggregated_output: "<|wanted|1.2.3>\n" }) as unknown,
    });
  });

  test("ends with its turn, and one that cannot start says so", async () => {
    await using scene = await startScene([messageExchange("Hi.")]);
    const turn = scene.thread.runShellCommand("sleep 60");
    const events = collect(turn);
    await scene.thread.interrupt();
    expect((await events).at(-1)?.type).toBe("turnAborted");
    const cwd = `${scene.folder}/missing`;
    const failed = await collect(scene.thread.runShellCommand("echo", { cwd }));
    expect(JSON.stringify(failed)).toContain("no such working directory");
  });
});

describe("[core/user-shell-joined] a command of the user while a turn runs", () => {
  const held = (words: string, name: string): ReturnType<typeof messageExchange> => ({
    ...messageExchange(words),
    beforeStatus: [gate(name)],
  });

  test("is part of that turn, which asks the model again to tell it", async () => {
    await using scene = await startScene([held("One.", "one"), messageExchange("I see.")]);
    expect(scene.thread.joinShellCommand("true")).toBeUndefined();
    const turn = scene.thread.runTurn("go");
    const events = collect(turn);
    await scene.server.waitForGate("one");
    await scene.thread.joinShellCommand("echo meanwhile");
    scene.server.release("one");
    await events;
    const told = /One\..*<user_shell_command>\\n<command>\\necho meanwhile\\n.*\\nmeanwhile\\n/;
    expect(lastInput(scene)).toMatch(told);
    expect(await events).toContainEqual({
      type: "itemCompleted",
      item: expect.objectContaining({ aggregated_output: "meanwhile\n" }) as unknown,
    });
    expect(scene.server.requests).toHaveLength(2);
  });

  test("may outlive it, and ends with the thread; the next turn tells of it", async () => {
    const script = [held("One.", "one"), messageExchange("Two.")];
    await using scene = await startScene(script);
    const events = collect(scene.thread.runTurn("go"));
    await scene.server.waitForGate("one");
    const file = `${scene.folder}/go-on`;
    const joined = scene.thread.joinShellCommand(
      `until [ -e ${file} ]; do sleep 0.05; done; echo late`,
    );
    const endless = scene.thread.joinShellCommand("sleep 600");
    scene.server.release("one");
    expect((await events).at(-1)?.type).toBe("turnCompleted");
    await writeFile(file, "");
    await joined;
    await scene.turn("two");
    expect(lastInput(scene)).toMatch(/One\..*<user_shell_command>.*\\nlate\\n.*two/);
    await scene.thread.close();
    await endless;
  });

  test("is killed when the turn is interrupted, which is told as well", async () => {
    const script = [held("One.", "one"), messageExchange("Two.")];
    await using scene = await startScene(script);
    const events = collect(scene.thread.runTurn("go"));
    await scene.server.waitForGate("one");
    const joined = scene.thread.joinShellCommand("sleep 600");
    await scene.thread.interrupt();
    await Promise.all([events, joined]);
    await scene.turn("two");
    expect(lastInput(scene)).toMatch(
      /Exit code: -1\\nDuration: 0\.0000 seconds\\nOutput:\\ncommand aborted by user\\n.*<turn_aborted>/,
    );
  });
});

describe("[core/roll-back] inputs that are taken back", () => {
  test("are gone from the history with all that came after", async () => {
    const script = ["One.", "Two.", "Three."].map((text) => messageExchange(text));
    await using scene = await startScene(script);
    await scene.turn("first");
    await scene.turn("second");
    expect(scene.thread.rollBack(1)).toBe(1);
    await scene.turn("third");
    expect(lastInput(scene)).toContain("first");
    expect(lastInput(scene)).not.toContain("second");
    expect(scene.thread.rollBack(10)).toBe(2);
  });

  test("not while a turn runs", async () => {
    await using scene = await startScene([streamExchange([hang()])]);
    const events = collect(scene.thread.runTurn("first"));
    expect(() => scene.thread.rollBack(1)).toThrow("a turn is running");
    await scene.thread.interrupt();
    await events;
  });
});

test("[core/on-event] everything a thread emits is passed on, from its making to its end", async () => {
  const seen: ThreadEvent[] = [];
  await using scene = await startScene([messageExchange(["He", "llo."])], {
    onEvent: (event) => {
      seen.push(event);
      throw new Error("a listener cannot break the turn");
    },
  });
  await scene.turn("hi");
  await scene.thread.close();
  const types = seen.map(({ type }) => type);
  expect(types[0]).toBe("session_configured");
  expect(types.at(-1)).toBe("shutdown_complete");
  const items = seen.flatMap(({ msg }) =>
    msg.type === "item_started" || msg.type === "item_completed" ? [[msg.type, msg.item.type]] : [],
  );
  expect(items).toEqual([
    ["item_started", "UserMessage"],
    ["item_completed", "UserMessage"],
    ["item_started", "AgentMessage"],
    ["item_completed", "AgentMessage"],
  ]);
});
