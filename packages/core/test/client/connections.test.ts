import { expect, test } from "vitest";
import { ModelClient } from "@codex-ts/core";
import { messageExchange, startResponsesServer } from "@codex-ts/responses-server";
import type { Exchange } from "@codex-ts/responses-server";
import { INSTALLATION_ID, collect, testModel, testProvider } from "../support/harness.ts";

const threadId = "01a1fa2c-14fd-7b60-8176-1542090ff366";
const { signal } = new AbortController();
const prompt = { instructions: "", input: [], tools: [], parallelToolCalls: true };

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
