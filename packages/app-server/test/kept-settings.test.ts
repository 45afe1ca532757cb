import { mkdir } from "node:fs/promises";
import { describe, expect, test, vi } from "vitest";
import type { KeptThreadOptions } from "@codex-ts/core";
import { fallbackModelInfo } from "@codex-ts/model-provider";
import type { JsonObject } from "@codex-ts/protocol";
import { messageExchange } from "@codex-ts/responses-server";
import { startScene } from "./support/client.ts";
import type { Scene } from "./support/client.ts";
import { GENERATIONS } from "./support/generations.ts";

// Sessions are kept and gone on with, which takes its time on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

const CHANGES = {
  approvalPolicy: "on-request",
  sandboxPolicy: { type: "readOnly" },
  effort: "low",
  model: "other-model",
};

/** A thread that a turn has changed, then taken out of the process. */
async function changedThread(scene: Scene): Promise<{ threadId: string; cwd: string }> {
  const cwd = `${scene.home}/sub`;
  await mkdir(cwd);
  const threadId = await scene.startThread({});
  await scene.turn(threadId, "one", { ...CHANGES, cwd });
  await scene.request("thread/archive", { threadId });
  await scene.request("thread/unarchive", { threadId });
  return { threadId, cwd };
}

/** As a host reads it of the configuration. */
function effortOf(config: JsonObject | undefined): Partial<KeptThreadOptions> {
  const effort = config?.["model_reasoning_effort"];
  return typeof effort === "string" ? { reasoningEffort: effort } : {};
}

describe.each(GENERATIONS)("as %s", (compatibility) => {
  const isNew = compatibility === "0.171";
  const script = ["1", "2", "3"].map((text) => messageExchange(text));
  const start = (): Promise<Scene> =>
    startScene({
      compatibility,
      script,
      host: { model: async (slug) => fallbackModelInfo(slug, {}) },
      threadOptions: (_, { config }) => effortOf(config),
    });

  test("[app-server/kept-settings] a session goes on with the settings of its last turn", async () => {
    await using scene = await start();
    const { threadId, cwd } = await changedThread(scene);
    const { result } = await scene.request("thread/resume", { threadId });
    expect(result).toMatchObject({
      model: "other-model",
      reasoningEffort: "low",
      cwd: isNew ? cwd : scene.home,
      approvalPolicy: isNew ? "on-request" : "never",
      sandbox: { type: isNew ? "readOnly" : "dangerFullAccess" },
    });
  });

  test("[app-server/kept-settings] unless its client wants others", async () => {
    await using scene = await start();
    const { threadId } = await changedThread(scene);
    const wishes = { model: "third-model", approvalPolicy: "untrusted", cwd: scene.home };
    const { result } = await scene.request("thread/resume", {
      threadId,
      ...wishes,
      sandbox: "workspace-write",
    });
    expect(result).toMatchObject({ ...wishes, sandbox: { type: "workspaceWrite" } });
  });

  test.runIf(isNew)(
    "[app-server/kept-settings] a thread of which turns were taken back keeps its own",
    async () => {
      await using scene = await startScene({
        compatibility,
        script: ["1", "2", "3"].map((text) => messageExchange(text)),
        host: { model: async (slug) => fallbackModelInfo(slug, {}) },
        threadOptions: (_, { config }) => effortOf(config),
      });
      const cwd = `${scene.home}/sub`;
      await mkdir(cwd);
      const threadId = await scene.startThread({});
      await scene.turn(threadId, "one", { ...CHANGES, cwd });
      const messages = await scene.turn(threadId, "two");
      const started = messages.find(({ method }) => method === "turn/started");
      const beforeTurnId = started?.params.turn.id as string;
      await scene.request("thread/revert", { threadId, beforeTurnId });
      await scene.turn(threadId, "three");
      const [, second, third] = scene.api.requests.map(
        ({ body }) => body as { model: string; reasoning: object; input: object[] },
      );
      expect(third?.model).toBe("other-model");
      expect(third?.reasoning).toEqual(second?.reasoning);
      // Nothing about directory and rights is news to the model.
      expect(third?.input.slice(0, -1)).toEqual(second?.input.slice(0, -1));
    },
  );

  test("[app-server/kept-settings] a turn in another directory has the instructions of that one in 0.171", async () => {
    await using scene = await startScene({
      compatibility,
      script,
      threadOptions: (_, { cwd }) => ({ userInstructions: `Of ${cwd ?? "home"}.` }),
    });
    const threadId = await scene.startThread({});
    await scene.turn(threadId, "one");
    await scene.turn(threadId, "two", { cwd: "/elsewhere" });
    await scene.turn(threadId, "three", { cwd: "/elsewhere" });
    const [, second, third] = scene.api.requests.map(({ body }) => JSON.stringify(body));
    expect(second?.includes("Of /elsewhere.")).toBe(isNew);
    expect(third?.split("Of /elsewhere.").length).toBe(second?.split("Of /elsewhere.").length);
  });
});
