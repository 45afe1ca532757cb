import {
  createModelProvider,
  createOssProviderWithBaseUrl,
  fallbackModelInfo,
} from "@codex-ts/model-provider";
import {
  completed,
  created,
  errorExchange,
  itemDone,
  messageItem,
} from "@codex-ts/responses-server";
import type { Exchange, Step } from "@codex-ts/responses-server";
import type { Compatibility } from "@codex-ts/protocol";
import { describe, expect, test } from "vitest";
import { startScene } from "./support/client.ts";
import type { Scene, ServerMessage } from "./support/client.ts";
import { GENERATIONS } from "./support/generations.ts";

describe.each(GENERATIONS)("as %s", (compatibility) => {
  const isNewer = compatibility === "0.171";

  test("[app-server/G1] an agent that is started, waited for and closed by its id is shown in both threads", async () => {
    const call = (name: string, args: (agentId: string) => object): Exchange =>
      root({
        respond: ({ body }) => ({
          events: [
            created(),
            toolCall("multi_agent_v1", name, args(agentIn(body)), `call_${name}`),
            completed(),
          ],
        }),
      });
    const script = [
      ofAgent(says("Found it.")),
      call("spawn_agent", () => ({ message: "look" })),
      call("wait_agent", (agentId) => ({ targets: [agentId], timeout_ms: 20_000 })),
      call("close_agent", (agentId) => ({ target: agentId })),
      root(says("Done.")),
    ];
    await using scene = await startAgentScene({ compatibility, script, version: "v1" });
    const threadId = await scene.startThread();
    const messages = await scene.turn(threadId, "go");
    const calls = itemsOf(messages, "collabAgentToolCall");
    const agentId = calls[1]?.item.receiverThreadIds[0] as string;
    expect(calls.map(({ item }) => [item.tool, item.status])).toEqual([
      ["spawnAgent", "inProgress"],
      ["spawnAgent", "completed"],
      ["wait", "inProgress"],
      ["wait", "completed"],
      ["closeAgent", "inProgress"],
      ["closeAgent", "completed"],
    ]);
    expect(calls.every((params) => params.threadId === threadId)).toBe(true);
    expect(calls[1]?.item).toMatchObject({
      senderThreadId: threadId,
      receiverThreadIds: [agentId],
      prompt: "look",
      model: "test-model",
      agentsStates: { [agentId]: { status: "pendingInit", message: null } },
    });
    expect(calls[3]?.item.agentsStates).toEqual({
      [agentId]: { status: "completed", message: "Found it." },
    });
    expect(statuses(messages, agentId)).toEqual(["idle", "active", "idle", "notLoaded"]);
    expect(statuses(messages, threadId)).toEqual(["active", "idle"]);
    const ofAgentThread = messages.filter(({ params }) => params.threadId === agentId);
    expect(ofAgentThread.map(({ method }) => method)).toEqual(
      expect.arrayContaining(["turn/started", "item/completed", "turn/completed"]),
    );
    expect(ofAgentThread.map(({ method }) => method)).not.toContain("thread/readState/changed");
    expect(messages.filter(({ method }) => method === "turn/completed")).toHaveLength(2);
    if (!isNewer) return;
    const read = await scene.request("thread/read", { threadId, includeTurns: true });
    const items = read.result.thread.turns[0].items as { type: string; tool?: string }[];
    const shown = items.filter(({ type }) => type === "collabAgentToolCall");
    expect(shown.map(({ tool }) => tool)).toEqual(["spawnAgent", "wait", "closeAgent"]);
    // A file says when its line was made.
    const times = { startedAtMs: expect.any(Number), completedAtMs: expect.any(Number) };
    expect(shown[1]).toEqual({ ...calls[3]?.item, ...times });
  });

  test("[app-server/G2] an agent that has a path: its start and, today, its end are items; one that fails is in systemError", async () => {
    const tool = (name: string, args: object): Step =>
      isNewer
        ? toolCall("collaboration", name, args, `call_${name}`)
        : toolCall(undefined, name, args, `call_${name}`);
    const script = (answer: Exchange): Exchange[] => [
      ofAgent(answer),
      root({
        events: [
          created(),
          tool("spawn_agent", { task_name: "helper", message: "look", fork_turns: "none" }),
          completed(),
        ],
      }),
      root({ events: [created(), tool("wait_agent", { timeout_ms: 20_000 }), completed()] }),
      root(says("Done.")),
    ];
    await using scene = await startAgentScene({ compatibility, script: script(says("Yes.")) });
    const threadId = await scene.startThread();
    const messages = await scene.turn(threadId, "go");
    const activities = itemsOf(messages, "subAgentActivity");
    expect(activities.every((params) => params.threadId === threadId)).toBe(true);
    expect(activities.map(({ item }) => item.kind)).toEqual(
      isNewer ? ["started", "started", "completed", "completed"] : ["started"],
    );
    const [started] = activities;
    expect(started?.item).toMatchObject({ id: "call_spawn_agent", agentPath: "/root/helper" });
    expect("model" in (started?.item ?? {})).toBe(isNewer);

    const failing = script(errorExchange(400, { message: "no" }));
    await using other = await startAgentScene({ compatibility, script: failing });
    const failed = await other.turn(await other.startThread(), "go");
    const agentId = itemsOf(failed, "subAgentActivity")[0]?.item.agentThreadId as string;
    expect(statuses(failed, agentId)).toEqual(["idle", "active", "systemError"]);
    const kinds = itemsOf(failed, "subAgentActivity").map(({ item }) => item.kind as string);
    expect(kinds).not.toContain("completed");
  });

  test("[app-server/G3] a failed turn leaves its thread in systemError until the next one", async () => {
    const script = [errorExchange(400, { message: "no" }), says("fine")];
    await using scene = await startScene({ compatibility, script });
    const threadId = await scene.startThread();
    const messages = await scene.turn(threadId, "one");
    const methods = messages.map(({ method }) => method);
    expect(methods.slice(methods.lastIndexOf("thread/status/changed"))).toEqual([
      "thread/status/changed",
      "error",
      ...(isNewer ? ["thread/readState/changed"] : []),
      "turn/completed",
    ]);
    expect(statuses(messages, threadId)).toEqual(["active", "systemError"]);
    const read = await scene.request("thread/read", { threadId });
    expect(read.result.thread.status).toEqual({ type: "systemError" });
    await scene.turn(threadId, "two");
    const again = await scene.request("thread/read", { threadId });
    expect(again.result.thread.status).toEqual({ type: "idle" });
  });
});

/** A scene whose threads may start agents. */
async function startAgentScene(options: {
  readonly compatibility: Compatibility;
  readonly script: readonly Exchange[];
  readonly version?: "v1" | "v2";
}): Promise<Scene> {
  const { version = "v2", ...sceneOptions } = options;
  const scene: Scene = await startScene({
    ...sceneOptions,
    host: {
      threadOptions: async (request) => ({
        provider: createModelProvider({
          id: "local",
          info: createOssProviderWithBaseUrl(scene.api.url),
          env: {},
          clientVersion: "1.0.0",
        }),
        model: fallbackModelInfo("test-model", {}),
        cwd: scene.home,
        codexHome: scene.home,
        installationId: "11111111-1111-4111-8111-111111111111",
        sessionSource: "vscode",
        threadSource: null,
        originator: request.client.name,
        subagents: { version, minWaitMs: 10 },
      }),
    },
  });
  return scene;
}

const isOfAgent: NonNullable<Exchange["when"]> = (request) =>
  request.header("x-openai-subagent") !== undefined;

/** The id of the agent that was started, as the model reads it. */
function agentIn(body: unknown): string {
  return /agent_id[\\":]+([0-9a-f-]{36})/.exec(JSON.stringify(body))?.[1] ?? "";
}

function ofAgent(exchange: Exchange): Exchange {
  return { ...exchange, when: isOfAgent };
}

function root(exchange: Exchange): Exchange {
  return { ...exchange, when: (request) => !isOfAgent(request) };
}

function says(text: string): Exchange {
  return { events: [created(), itemDone(messageItem(text)), completed()] };
}

function toolCall(namespace: string | undefined, name: string, args: object, callId: string): Step {
  return itemDone({
    type: "function_call",
    id: `fc_${callId}`,
    call_id: callId,
    name,
    ...(namespace !== undefined && { namespace }),
    arguments: JSON.stringify(args),
  });
}

// oxlint-disable-next-line typescript/no-explicit-any -- tests look at members of all kinds
function itemsOf(messages: readonly ServerMessage[], type: string): readonly any[] {
  return messages.filter(({ params }) => params?.item?.type === type).map(({ params }) => params);
}

function statuses(messages: readonly ServerMessage[], threadId: string): readonly string[] {
  return messages
    .filter(
      ({ method, params }) => method === "thread/status/changed" && params.threadId === threadId,
    )
    .map(({ params }) => params.status.type as string);
}
