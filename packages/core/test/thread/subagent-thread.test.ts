import { expect, test } from "vitest";
import { createThread } from "@codex-ts/core";
import { messageExchange } from "@codex-ts/responses-server";
import { ThreadTrace, openBundle, reduceBundle } from "@codex-ts/rollout-trace";
import { temporaryDirectory } from "@codex-ts/test-support";
import {
  INSTALLATION_ID,
  collect,
  startScene,
  testModel,
  testProvider,
} from "../support/harness.ts";

const ROOT = "01a1fa2c-14fd-7b60-8176-1542090ff366";

test("[core/S1-6] a review thread keeps its root's session id and names its parent in every carrier", async () => {
  await using scene = await startScene([messageExchange("Reviewed.")], {
    sessionId: ROOT,
    parentThreadId: ROOT,
    forkedFromThreadId: ROOT,
    sessionSource: { subagent: "review" },
    threadSource: "subagent",
  });
  await scene.turn("review it");
  const [request] = scene.server.requests;
  const { threadId } = scene.thread;
  expect(Object.fromEntries(request?.headers ?? [])).toMatchObject({
    "session-id": ROOT,
    "thread-id": threadId,
    "x-client-request-id": threadId,
    "x-codex-window-id": `${threadId}:0`,
    "x-codex-parent-thread-id": ROOT,
    "x-openai-subagent": "review",
  });
  expect(request?.body).toMatchObject({
    prompt_cache_key: threadId,
    client_metadata: {
      session_id: ROOT,
      thread_id: threadId,
      "x-codex-parent-thread-id": ROOT,
      "x-openai-subagent": "review",
      "x-codex-turn-metadata": expect.stringContaining(
        `"forked_from_thread_id":"${ROOT}","parent_thread_id":"${ROOT}","subagent_kind":"review"`,
      ),
    },
  });
});

test("[core/R9] a thread records into the trace it is given, beside its parent", async () => {
  await using directory = await temporaryDirectory();
  const common = {
    sessionSource: "exec",
    cwd: directory.path,
    model: "gpt-mock",
    providerName: "mock",
    approvalPolicy: "never",
    sandboxPolicy: "DangerFullAccess",
  } as const;
  const root = ThreadTrace.startRoot({
    root: directory.path,
    metadata: { ...common, threadId: ROOT, agentPath: "/root" },
  });
  const childId = "01a1fa2c-14fd-7b60-8176-1542090ff367";
  const source = {
    subagent: {
      thread_spawn: {
        parent_thread_id: ROOT,
        depth: 1,
        agent_path: "/root/child",
        agent_nickname: null,
        agent_role: null,
      },
    },
  } as const;
  const child = root.startChild({
    ...common,
    threadId: childId,
    agentPath: "/root/child",
    taskName: "child",
    sessionSource: source,
  });
  await using scene = await startScene([messageExchange("Child here.")]);
  const thread = await createThread({
    provider: testProvider(scene.server.url),
    model: testModel(),
    cwd: directory.path,
    installationId: INSTALLATION_ID,
    sessionSource: source,
    sessionId: ROOT,
    trace: child,
  });
  expect(thread.threadId).toBe(childId);
  await collect(thread.runTurn("go"));
  await thread.close();
  root.recordEnded("completed");
  await root.close();
  const { state } = await reduceBundle(openBundle(root.bundlePath ?? ""), { mode: "strict" });
  expect(Object.keys(state.threads)).toEqual([ROOT, childId]);
  expect(Object.values(state.inference_calls)).toMatchObject([
    { thread_id: childId, execution: { status: "completed" } },
  ]);
});
