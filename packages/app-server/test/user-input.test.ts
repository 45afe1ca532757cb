import { functionCallExchange, messageExchange } from "@codex-ts/responses-server";
import { describe, expect, test } from "vitest";
import { shape, startScene } from "./support/client.ts";
import type { Scene, SceneOptions, ServerMessage } from "./support/client.ts";
import { GENERATIONS } from "./support/generations.ts";

const COLOR = {
  id: "color",
  header: "Color",
  question: "Which color?",
  options: [{ label: "Red", description: "Warm." }],
};

const ask = functionCallExchange({
  name: "request_user_input",
  args: { questions: [COLOR] },
  callId: "call_1",
});

const PLAN = {
  mode: "plan",
  settings: { model: "test-model", reasoning_effort: null, developer_instructions: "Plan first." },
};

/** Runs a turn in plan mode in which the model asks. */
async function asked(
  options: SceneOptions,
  run: (scene: Scene, messages: readonly ServerMessage[], threadId: string) => Promise<void>,
): Promise<void> {
  await using scene = await startScene({
    script: [ask, messageExchange("Thanks.")],
    ...options,
  });
  const threadId = await scene.startThread();
  const messages = await scene.turn(threadId, "go", { collaborationMode: PLAN });
  await run(scene, messages, threadId);
}

describe.each(GENERATIONS)("as %s", (compatibility) => {
  test("[app-server/U1] a question of the model reaches the client, and its replies the model", async () => {
    const onRequest = (): object => ({ result: { answers: { color: { answers: ["Red"] } } } });
    await asked({ compatibility, onRequest }, async (scene, messages, threadId) => {
      const at = messages.findIndex(({ method }) => method === "item/tool/requestUserInput");
      expect(messages[at]?.params).toEqual({
        threadId,
        turnId: expect.any(String) as unknown,
        itemId: "call_1",
        questions: [{ ...COLOR, isOther: true, isSecret: false }],
        ...(compatibility === "0.171" && { isBlocking: true }),
        autoResolutionMs: null,
      });
      expect(messages[at - 1]?.params.status.activeFlags).toEqual(["waitingOnUserInput"]);
      expect(messages[at + 1]).toMatchObject({
        method: "serverRequest/resolved",
        params: { threadId, requestId: messages[at]?.id },
      });
      expect(messages[at + 2]?.params.status.activeFlags).toEqual([]);
      expect(scene.lastInput).toContain(
        '{\\"answers\\":{\\"color\\":{\\"answers\\":[\\"Red\\"]}}}',
      );
      expect(scene.lastInput).toContain("<collaboration_mode>Plan first.</collaboration_mode>");
    });
  });

  test("[app-server/U2] settings that a mode brings along stay, and the client is told", async () => {
    const onRequest = (): object => ({ result: { answers: {} } });
    await asked({ compatibility, onRequest }, async (_scene, messages) => {
      const updated = messages.find(({ method }) => method === "thread/settings/updated");
      expect(updated?.params.threadSettings.collaborationMode).toEqual(PLAN);
    });
  });

  test.each([
    ["refuses", { error: { code: -1, message: "no" } }],
    ["answers with something else", { result: { color: "Red" } }],
  ])("[app-server/U3] a client that %s has no replies", async (_how, answer) => {
    await asked({ compatibility, onRequest: () => answer }, async (scene) => {
      expect(scene.lastInput).toContain('{\\"answers\\":{}}');
    });
  });

  test("[app-server/U4] an interruption does not wait for the user", async () => {
    await using scene = await startScene({ compatibility, script: [ask] });
    const threadId = await scene.startThread();
    const input = [{ type: "text", text: "go" }];
    const { result } = await scene.request("turn/start", {
      threadId,
      input,
      collaborationMode: PLAN,
    });
    const { id: turnId } = (result as { turn: { id: string } }).turn;
    const request = await scene.waitFor(
      ({ method }) => method === "item/tool/requestUserInput",
      "question",
    );
    const { result: asking } = await scene.request("thread/read", { threadId });
    expect(asking.thread.status).toEqual({ type: "active", activeFlags: ["waitingOnUserInput"] });
    await scene.request("turn/interrupt", { threadId, turnId });
    await scene.turnEnd(turnId);
    await scene.waitFor(({ method }) => method === "serverRequest/resolved", "resolved");
    const kinds = shape(scene.messages);
    expect(kinds.indexOf("serverRequest/resolved")).toBeGreaterThan(
      kinds.indexOf("turn/completed"),
    );
    // A late reply is nobody's.
    scene.send({ id: request.id, result: { answers: {} } });
    const { result: read } = await scene.request("thread/read", { threadId });
    expect(read.thread.status).toEqual({ type: "idle" });
  });

  test("[app-server/U5] a client that disappears while its user is asked leaves nothing behind", async () => {
    await using scene = await startScene({ compatibility, script: [ask] });
    const threadId = await scene.startThread();
    const input = [{ type: "text", text: "go" }];
    await scene.request("turn/start", { threadId, input, collaborationMode: PLAN });
    await scene.waitFor(({ method }) => method === "item/tool/requestUserInput", "question");
    await scene.leave();
    await using other = await scene.reconnect();
    const { result } = await other.request("thread/resume", { threadId });
    expect(result.thread.turns.at(-1).status).toBe("interrupted");
  });

  test("[app-server/U6] outside of plan mode the model is told that it may not ask", async () => {
    const script = [ask, messageExchange("Oh.")];
    await using scene = await startScene({ compatibility, script });
    const threadId = await scene.startThread();
    const messages = await scene.turn(threadId, "go");
    expect(shape(messages)).not.toContain("item/tool/requestUserInput");
    expect(scene.lastInput).toContain("request_user_input is unavailable in Default mode");
  });
});
