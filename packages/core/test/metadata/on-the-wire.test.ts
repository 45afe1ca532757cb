import { describe, expect, test } from "vitest";
import { ModelClient, MAX_METADATA_HEADER_BYTES } from "@codex-ts/core";
import type { TurnOptions } from "@codex-ts/core";
import { isJsonObject } from "@codex-ts/protocol";
import type { JsonObject } from "@codex-ts/protocol";
import { compactExchange, messageExchange } from "@codex-ts/responses-server";
import type { ReceivedRequest } from "@codex-ts/responses-server";
import { turnMetadataProblems } from "@codex-ts/test-support";
import { INSTALLATION_ID, startScene, testModel, testProvider } from "../support/harness.ts";
import type { SceneOptions } from "../support/harness.ts";
import { startResponsesServer } from "../support/server.ts";

const NAME = "x-codex-turn-metadata";
const threadId = "01a1fa2c-14fd-7b60-8176-1542090ff366";

/** Extras that make the blob longer than fits a header, and how much longer is of no importance. */
const LONG = { clientMetadata: { note: "n".repeat(MAX_METADATA_HEADER_BYTES) } };
const SHORT = { clientMetadata: { note: "n" } };

const flatOf = (request: ReceivedRequest | undefined): Record<string, string> =>
  isJsonObject(request?.body) ? (request.body["client_metadata"] as Record<string, string>) : {};
const blobOf = (request: ReceivedRequest | undefined): JsonObject =>
  JSON.parse(flatOf(request)[NAME] ?? "") as JsonObject;

/** Ways an operator or an application can name the header. */
const STAND_INS: Readonly<Record<string, SceneOptions>> = {
  "of the provider": { providerInfo: { httpHeaders: { [NAME]: "stand-in" } } },
  "of the provider, in another spelling": {
    providerInfo: { httpHeaders: { "X-Codex-Turn-Metadata": "stand-in" } },
  },
  "of the provider, from the environment": {
    providerInfo: { envHttpHeaders: { [NAME]: "MOCK_KEY" } },
  },
};

describe("[core/S1-14] a configured turn metadata header never stands in for the snapshot's", () => {
  describe.each(Object.entries(STAND_INS))("%s", (_name, options) => {
    test.each<[string, TurnOptions, boolean]>([
      ["beside a blob that fits a header", SHORT, true],
      ["beside one that does not", LONG, false],
    ])("%s", async (_size, turn, hasHeader) => {
      await using scene = await startScene([messageExchange("Hi.")], options);
      await scene.turn("go", turn);
      const [request] = scene.server.requests;
      const values = request?.headers.filter(([name]) => name.toLowerCase() === NAME);
      expect(values).toEqual(hasHeader ? [[NAME, flatOf(request)[NAME]]] : []);
    });

    test("on a WebSocket handshake", async () => {
      const providerInfo = { ...options.providerInfo, supportsWebsockets: true };
      await using scene = await startScene([messageExchange("Hi."), messageExchange("Hi.")], {
        providerInfo,
      });
      await scene.turn("go", LONG);
      for (const connection of scene.server.connections) {
        expect(connection.header(NAME) ?? "").not.toContain("stand-in");
      }
    });
  });

  test("on requests that have none, and not by way of the client's own headers", async () => {
    await using server = await startResponsesServer({
      script: [compactExchange([]), { path: "/memories/trace_summarize", body: { output: [] } }],
    });
    const client = new ModelClient({
      provider: testProvider(server.url, { httpHeaders: { [NAME]: "stand-in" } }),
      model: testModel(),
      threadId,
      installationId: INSTALLATION_ID,
      sessionSource: "exec",
      clientHeaders: [
        ["X-Codex-Turn-Metadata", "stand-in"],
        ["originator", "test"],
      ],
    });
    const details = {
      trigger: "manual",
      reason: "user_requested",
      implementation: "responses_compact",
      phase: "standalone_turn",
      strategy: "memento",
    } as const;
    await client.compactConversationHistory({
      prompt: {
        instructions: "",
        input: [{ type: "message", role: "user", content: [] }],
        tools: [],
        parallelToolCalls: true,
      },
      metadata: client.metadata({
        requestKind: { type: "compaction", details },
        extra: LONG.clientMetadata,
      }),
    });
    await client.summarizeMemories([{ id: "1", metadata: { source_path: "/p" }, items: [] }]);
    expect(server.requests.map((request) => request.header(NAME))).toEqual([undefined, undefined]);
    expect(server.requests[0]?.header("originator")).toBe("test");
  });

  test("[core/S1-wire] the check that every scene of these tests ends with sees what it is to see", () => {
    const request = {
      transport: "http",
      path: "/v1/responses",
      headers: [[NAME, "a"]],
      body: { client_metadata: { [NAME]: "a" } },
      connectionIndex: undefined,
    } as const;
    const long = { client_metadata: { [NAME]: "a".repeat(8193) } };
    const problemsOf = (changes: object) =>
      turnMetadataProblems([{ ...request, ...changes }]).length;
    expect(problemsOf({})).toBe(0);
    expect(problemsOf({ headers: [] })).toBe(1);
    expect(problemsOf({ headers: [[NAME, "b"]] })).toBe(1);
    expect(
      problemsOf({
        headers: [
          [NAME, "a"],
          [NAME, "a"],
        ],
      }),
    ).toBe(1);
    expect(problemsOf({ body: {} })).toBe(1);
    expect(problemsOf({ body: long })).toBe(1);
    expect(problemsOf({ body: long, headers: [] })).toBe(0);
    expect(problemsOf({ path: "/v1/memories/trace_summarize" })).toBe(1);
    expect(problemsOf({ transport: "websocket", body: {} })).toBe(1);
    expect(problemsOf({ transport: "websocket", headers: [[NAME, "b"]] })).toBe(1);
  });
});

test("[core/S1-15] a request tells the source of its thread, when its turn began, and its session beside its thread", async () => {
  const rootId = "01a1fa2c-14fd-7b60-8176-000000000001";
  let nowMs = 1_795_198_555_000;
  await using scene = await startScene([messageExchange("Hi."), messageExchange("Ho.")], {
    sessionId: rootId,
    threadSource: "subagent",
    now: () => nowMs,
  });
  await scene.turn("go");
  nowMs += 60_000;
  await scene.turn("again");
  const blobs = scene.server.requests.map(blobOf);
  expect(blobs.map((blob) => blob["thread_source"])).toEqual(["subagent", "subagent"]);
  expect(blobs.map((blob) => blob["turn_started_at_unix_ms"])).toEqual([
    1_795_198_555_000, 1_795_198_615_000,
  ]);
  for (const request of scene.server.requests) {
    const flat = flatOf(request);
    expect(flat["session_id"]).toBe(rootId);
    expect(flat["thread_id"]).toBe(scene.thread.threadId);
    expect(blobOf(request)).toMatchObject({ session_id: rootId, thread_id: flat["thread_id"] });
    expect(request.header("session-id")).toBe(rootId);
    expect(request.header("thread-id")).toBe(flat["thread_id"]);
  }
});

test("[core/S1-15] the source of a thread is `user` unless it is said, and a client cannot say it by extras", async () => {
  await using scene = await startScene([messageExchange("Hi.")]);
  await scene.turn("go", { clientMetadata: { thread_source: "spoofed" } });
  expect(blobOf(scene.server.requests[0])).toMatchObject({ thread_source: "user" });
});

test("[core/S1-18] timing events are asked for on the handshake, when they are wanted", async () => {
  for (const includeTimingMetrics of [true, false]) {
    await using server = await startResponsesServer({ script: [] });
    const client = new ModelClient({
      provider: testProvider(server.url, { supportsWebsockets: true }),
      model: testModel(),
      threadId,
      installationId: INSTALLATION_ID,
      sessionSource: "exec",
      includeTimingMetrics,
    });
    const session = client.newSession();
    const metadata = client.metadata({ turnId: undefined });
    await session.preconnectWebSocket(metadata, new AbortController().signal);
    session.close();
    await client.close();
    expect(server.connections[0]?.header("x-responsesapi-include-timing-metrics")).toBe(
      includeTimingMetrics ? "true" : undefined,
    );
  }
});
