import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { gate, hang, messageExchange } from "@codex-ts/responses-server";
import { describe, expect, test } from "vitest";
import { shape, startScene } from "./support/client.ts";
import type { Scene } from "./support/client.ts";
import { GENERATIONS } from "./support/generations.ts";

/** Begins a turn and returns its id. */
async function begin(scene: Scene, threadId: string): Promise<string> {
  const input = [{ type: "text", text: "go" }];
  const { result } = await scene.request("turn/start", { threadId, input });
  return (result as { turn: { id: string } }).turn.id;
}

describe.each(GENERATIONS)("while a turn of %s runs", (compatibility) => {
  test("[app-server/A16] a command of the user is an item of it", async () => {
    const script = [
      { ...messageExchange("One."), beforeStatus: [gate("one")] },
      messageExchange("Two."),
    ];
    await using scene = await startScene({ compatibility, script });
    const threadId = await scene.startThread();
    const turnId = await begin(scene, threadId);
    await scene.api.waitForGate("one");
    await scene.request("thread/shellCommand", { threadId, command: "echo meanwhile" });
    const { params } = await scene.waitFor(
      (each) => each.method === "item/completed" && each.params.item.source === "userShell",
      "the command",
    );
    expect(params.turnId).toBe(turnId);
    scene.api.release("one");
    await scene.turnEnd(turnId);
    expect(scene.lastInput).toMatch(/One\..*<user_shell_command>.*meanwhile/);
    expect(scene.messages.filter(({ method }) => method === "turn/started")).toHaveLength(1);
  });

  test("[app-server/A18] what is said while a command of the user runs alone is read in the next turn", async () => {
    await using scene = await startScene({ compatibility, script: [messageExchange("Three.")] });
    const threadId = await scene.startThread();
    const command = "until [ -e go ]; do sleep 0.05; done; echo done";
    await scene.request("thread/shellCommand", { threadId, command });
    const { params } = await scene.waitFor(({ method }) => method === "turn/started", "the turn");
    const turnId = params.turn.id as string;
    const input = [{ type: "text", text: "one" }];
    const begun = await scene.request("turn/start", { threadId, input });
    expect(begun.result.turn.id).toBe(turnId);
    const steer = { threadId, expectedTurnId: turnId, input: [{ type: "text", text: "two" }] };
    expect((await scene.request("turn/steer", steer)).result).toEqual({ turnId });
    writeFileSync(join(scene.home, "go"), "");
    await scene.turnEnd(turnId);
    expect(scene.api.requests).toHaveLength(0);
    expect(
      shape(scene.messages).filter((each) => each === "item/completed userMessage"),
    ).toHaveLength(2);
    await scene.turn(threadId, "three");
    expect(scene.lastInput).toMatch(/<user_shell_command>.*"one".*"two".*"three"/);
  });

  test("[app-server/A17] a compaction takes its place", async () => {
    const script = [
      { ...messageExchange("One."), beforeStatus: [hang()] },
      messageExchange("The summary."),
    ];
    await using scene = await startScene({ compatibility, script });
    const threadId = await scene.startThread();
    const turnId = await begin(scene, threadId);
    await scene.api.waitFor(() => scene.api.requests.length === 1);
    await scene.request("thread/compact/start", { threadId });
    const { params } = await scene.turnEnd(turnId);
    expect(params.turn.status).toBe("interrupted");
    await scene.waitFor(
      (each) => each.method === "turn/completed" && each.params.turn.id !== turnId,
      "the compaction",
    );
    expect(shape(scene.messages)).toContain("item/completed contextCompaction");
    expect(scene.lastInput).not.toContain("turn_aborted");
  });
});
