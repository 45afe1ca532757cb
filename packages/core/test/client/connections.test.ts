import { expect, test } from "vitest";
import { ModelClient } from "@codex-ts/core";
import { messageExchange, startResponsesServer } from "@codex-ts/responses-server";
import type { Exchange } from "@codex-ts/responses-server";
import { ThreadTrace } from "@codex-ts/rollout-trace";
import { temporaryDirectory } from "@codex-ts/test-support";
import { readRawBundle } from "../support/bundle.ts";
import { INSTALLATION_ID, collect, testModel, testProvider } from "../support/harness.ts";

const threadId = "01a1fa2c-14fd-7b60-8176-1542090ff366";
const { signal } = new AbortController();
const prompt = { instructions: "", input: [], tools: [], parallelToolCalls: true };

const inference = { turnId: "turn-1", model: "gpt-mock", providerName: "mock" };

function startTrace(root: string): ThreadTrace {
  const trace = ThreadTrace.startRoot({
    root,
    metadata: {
      threadId,
      agentPath: "/root",
      sessionSource: "exec",
      cwd: "/w",
      model: "gpt-mock",
      providerName: "mock",
      approvalPolicy: "never",
      sandboxPolicy: "DangerFullAccess",
    },
  });
  trace.recordTurnStarted({ turnId: inference.turnId });
  return trace;
}

async function start(script: readonly Exchange[]) {
  const server = await startResponsesServer({ script });
  const client = new ModelClient({
    provider: testProvider(server.url, { supportsWebsockets: true }),
    model: testModel(),
    threadId,
    installationId: INSTALLATION_ID,
    sessionSource: { subagent: "review" },
    parentThreadId: threadId,
  });
  return {
    server,
    client,
    async [Symbol.asyncDispose]() {
      await client.close();
      await server.close();
    },
  };
}

test("[core/S1-3] a preconnect makes a connection that names the thread and no turn, once, and the first request uses it", async () => {
  await using scene = await start([messageExchange("Hi.")]);
  const { client, server } = scene;
  const session = client.newSession();
  for (let time = 0; time < 2; time += 1)
    await session.preconnectWebSocket(client.metadata({}), signal);
  expect(server.requests).toEqual([]);
  const metadata = client.metadata({ turnId: "turn-1", requestKind: { type: "turn" } });
  await collect(await session.stream({ prompt, metadata, signal }));
  session.close();
  expect(server.requests.map(({ transport }) => transport)).toEqual(["websocket"]);
  expect(
    server.connections.map(({ headers }) =>
      headers.map(([name]) => name).filter((name) => /^x-|-id$/.test(name)),
    ),
  ).toEqual([
    [
      "x-client-request-id",
      "session-id",
      "thread-id",
      "x-codex-window-id",
      "x-codex-parent-thread-id",
      "x-openai-subagent",
    ],
  ]);
});

test("[core/D7] of two sessions at once one connection is kept, and none outlives its client", async () => {
  await using scene = await start([]);
  const { client, server } = scene;
  const sessions = [client.newSession(), client.newSession(), client.newSession()] as const;
  for (const session of sessions) await session.preconnectWebSocket(client.metadata({}), signal);
  const states = (): string[] => server.connections.map(({ state }) => state);
  sessions[0].close();
  sessions[1].close();
  await server.waitFor(() => states()[0] === "closed");
  expect(states().slice(1)).toEqual(["open", "open"]);
  await client.close();
  sessions[2].close();
  await server.waitFor(() => states().every((state) => state === "closed"));
});

test("[core/D8] a switch to HTTP closes the connection, happens once, and holds for later turns", async () => {
  await using scene = await start([messageExchange("Hi.")]);
  const { client, server } = scene;
  const session = client.newSession();
  await session.preconnectWebSocket(client.metadata({}), signal);
  expect(client.websocketsEnabled).toBe(true);
  expect(await session.trySwitchFallbackTransport()).toBe(true);
  await server.waitFor(() => server.connections.every(({ state }) => state === "closed"));
  expect(await session.trySwitchFallbackTransport()).toBe(false);
  expect(client.websocketsEnabled).toBe(false);
  session.close();
  const next = client.newSession();
  const metadata = client.metadata({ turnId: "turn-2", requestKind: { type: "turn" } });
  await collect(await next.stream({ prompt, metadata, signal }));
  next.close();
  expect(server.requests.map(({ transport }) => transport)).toEqual(["http"]);
});

test("[core/D9] a closed session makes no connection", async () => {
  await using scene = await start([]);
  const { client, server } = scene;
  const session = client.newSession();
  session.close();
  session.close();
  await expect(session.preconnectWebSocket(client.metadata({}), signal)).rejects.toThrow(
    "the session of this turn is closed",
  );
  expect(server.connections).toEqual([]);
});

test("[core/D10] a warm-up is not recorded, also when it is given a trace", async () => {
  await using directory = await temporaryDirectory();
  const trace = startTrace(directory.path);
  await using scene = await start([messageExchange("Hi.")]);
  const { client } = scene;
  const session = client.newSession();
  const request = { prompt, trace: trace.inferenceContext(inference), signal };
  await session.prewarmWebSocket({
    ...request,
    metadata: client.metadata({ turnId: "", requestKind: { type: "prewarm" } }),
  });
  const metadata = client.metadata({ turnId: "turn-1", requestKind: { type: "turn" } });
  await collect(await session.stream({ ...request, metadata }));
  session.close();
  await trace.close();
  expect(readRawBundle(trace.bundlePath).of("inference_started")).toHaveLength(1);
});
