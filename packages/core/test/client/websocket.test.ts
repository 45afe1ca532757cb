import { describe, expect, test } from "vitest";
import { isJsonObject } from "@codex-ts/protocol";
import type { JsonObject } from "@codex-ts/protocol";
import {
  close,
  created,
  errorExchange,
  functionCall,
  gate,
  hang,
  message,
  messageExchange,
  reset,
  streamExchange,
} from "@codex-ts/responses-server";
import type { Exchange } from "@codex-ts/responses-server";
import { conversationOf, inferencesOf, readRawBundle, reduceStrictly } from "../support/bundle.ts";
import { ofType, startScene } from "../support/harness.ts";
import type { Scene, SceneOptions } from "../support/harness.ts";

const POLICIES = ["0.169", "0.140"] as const;

const overWebSocket = (script: readonly Exchange[], options: SceneOptions = {}) =>
  startScene(script, {
    ...options,
    providerInfo: { supportsWebsockets: true, ...options.providerInfo },
  });

const exec = (cmd: string, callId: string) =>
  functionCall("exec_command", { cmd, login: false }, callId);

interface SentRequest {
  readonly transport: string;
  readonly previous: unknown;
  readonly generate: unknown;
  readonly input: readonly (string | undefined)[];
  readonly kind: string;
}

/** What went over the wire, request by request. */
function sent(scene: Scene): SentRequest[] {
  return scene.server.requests.map(({ transport, body }) => {
    if (!isJsonObject(body)) throw new Error("no body");
    const metadata = body["client_metadata"] as JsonObject;
    const blob = JSON.parse(metadata["x-codex-turn-metadata"] as string) as JsonObject;
    return {
      transport,
      previous: body["previous_response_id"],
      generate: body["generate"],
      input: (body["input"] as JsonObject[]).map(
        (item) => (item["role"] ?? item["type"]) as string,
      ),
      kind: blob["request_kind"] as string,
    };
  });
}

describe("a thread over WebSocket", () => {
  test("[core/C2] warms up, then sends only what the server does not know", async () => {
    await using scene = await overWebSocket([
      streamExchange([exec("echo ws", "call_1")], { responseId: "resp_1" }),
      messageExchange("Done.", { responseId: "resp_2" }),
    ]);
    const events = await scene.turn("go");
    expect(events.at(-1)?.type).toBe("turnCompleted");
    expect(sent(scene)).toEqual([
      { transport: "websocket", previous: undefined, generate: false, input: [], kind: "prewarm" },
      {
        transport: "websocket",
        previous: expect.stringMatching(/^resp_warm_up/),
        generate: undefined,
        input: ["user", "user"],
        kind: "turn",
      },
      {
        transport: "websocket",
        previous: "resp_1",
        generate: undefined,
        input: ["function_call_output"],
        kind: "turn",
      },
    ]);
    expect(scene.server.connections).toHaveLength(1);
  });

  test("[core/S0-13] [core/S0-14] requests are linked by response id alone, with no upstream id and no warm-up in the trace", async () => {
    await using scene = await overWebSocket(
      [
        streamExchange([exec("echo ws", "call_1")], { responseId: "resp_1" }),
        messageExchange("Done.", { responseId: "resp_2" }),
      ],
      { server: { handshakes: [{ requestId: "req_handshake" }] } },
    );
    await scene.turn("go");
    const bundle = readRawBundle(scene.thread.bundlePath);
    const [first, second] = bundle
      .of("inference_started")
      .map((event) => bundle.payload(event.request_payload));
    expect(first).not.toHaveProperty("previous_response_id");
    expect(first.input).toHaveLength(2);
    expect(second).toMatchObject({ type: "response.create", previous_response_id: "resp_1" });
    const state = await reduceStrictly(scene.thread);
    expect(inferencesOf(state).map((call) => [call.response_id, call.upstream_request_id])).toEqual(
      [
        ["resp_1", null],
        ["resp_2", null],
      ],
    );
    expect(conversationOf(state).at(-1)).toBe("Done.");
    expect(inferencesOf(state).map((call) => call.tool_call_ids_started_by_response)).toEqual([
      ["call_1"],
      [],
    ]);
  });

  test("[core/C4] goes on incrementally in the next turn, on the same connection", async () => {
    await using scene = await overWebSocket([
      messageExchange("One.", { responseId: "resp_1" }),
      messageExchange("Two.", { responseId: "resp_2" }),
    ]);
    await scene.turn("first");
    await scene.turn("second");
    expect(sent(scene).at(-1)).toMatchObject({ previous: "resp_1", input: ["user"] });
    expect(scene.server.connections).toHaveLength(1);
  });

  test("[core/C3] sends a request whole when something but its input has changed", async () => {
    await using scene = await overWebSocket([messageExchange("One."), messageExchange("Two.")]);
    await scene.turn("first");
    await scene.turn("second", { outputSchema: { type: "object" } });
    expect(sent(scene).at(-1)).toMatchObject({
      previous: undefined,
      input: ["user", "user", "assistant", "user"],
    });
  });

  test.each(POLICIES)(
    "[core/C5] falls back to HTTP without a word when the upgrade is answered 426, and stays there (policy %s)",
    async (errorPolicy) => {
      await using scene = await overWebSocket([messageExchange("One."), messageExchange("Two.")], {
        errorPolicy,
        server: { handshakes: [{ status: 426 }] },
      });
      const events = [...(await scene.turn("first")), ...(await scene.turn("second"))];
      expect(ofType(events, "warning")).toEqual([]);
      expect(ofType(events, "streamRetry")).toEqual([]);
      expect(sent(scene).map((request) => request.transport)).toEqual(["http", "http"]);
      expect(scene.server.connections).toHaveLength(1);
    },
  );

  test.each(POLICIES)(
    "[core/C6] gives up on WebSockets when retries are spent: a warning, then a fresh budget over HTTP (policy %s)",
    async (errorPolicy) => {
      await using scene = await overWebSocket(
        [
          { transport: "http", ...errorExchange(500) },
          { transport: "http", ...messageExchange("Over HTTP.") },
        ],
        {
          providerInfo: { streamMaxRetries: 2, requestMaxRetries: 0 },
          errorPolicy,
          server: { handshakes: [{ status: 503, repeat: Infinity }] },
        },
      );
      const events = await scene.turn("go");
      // One warm-up, three tries; the first retry over WebSocket is not told.
      expect(scene.server.connections).toHaveLength(4);
      expect(ofType(events, "streamRetry").map((event) => event.message)).toEqual([
        "Reconnecting... 2/2",
        "Reconnecting... 1/2",
      ]);
      expect(ofType(events, "warning")[0]?.message).toMatch(
        /^Falling back from WebSockets to HTTPS transport\. unexpected status 503/,
      );
      expect(events.at(-1)).toMatchObject({
        type: "turnCompleted",
        lastAgentMessage: "Over HTTP.",
      });
    },
  );

  test.each(POLICIES)(
    "[core/D1] connects anew and sends everything after the server closed in the middle of a response (policy %s)",
    async (errorPolicy) => {
      await using scene = await overWebSocket(
        [{ events: [created("resp_1"), message("Half."), close(1011)] }, messageExchange("Whole.")],
        { errorPolicy },
      );
      const events = await scene.turn("go");
      expect(ofType(events, "inferenceFinished").map(({ inference }) => inference.status)).toEqual([
        "failed",
        "completed",
      ]);
      expect(sent(scene).at(-1)).toMatchObject({
        previous: undefined,
        input: ["user", "user", "assistant"],
      });
      expect(scene.server.connections).toHaveLength(2);
      expect(ofType(events, "streamRetry")).toEqual([]);
    },
  );

  test.each(POLICIES)(
    "[core/D2] a reset and a refused connection are retried like a broken stream (policy %s)",
    async (errorPolicy) => {
      await using scene = await overWebSocket(
        [{ events: [created(), gate("open"), reset()] }, messageExchange("Fine.")],
        { errorPolicy, server: { handshakes: [{}, { beforeStatus: [reset()] }] } },
      );
      const reading = scene.turn("go");
      await scene.server.waitForGate("open");
      scene.server.release("open");
      expect((await reading).at(-1)?.type).toBe("turnCompleted");
      expect(scene.server.connections).toHaveLength(3);
    },
  );

  test("[core/D3] a failed warm-up costs nothing: the turn connects for itself with its own metadata", async () => {
    await using scene = await overWebSocket([{ events: [close(1000)] }, messageExchange("Fine.")], {
      server: { warmUps: "script" },
    });
    const events = await scene.turn("go");
    expect(ofType(events, "streamRetry")).toEqual([]);
    const blobs = scene.server.connections.map(
      (connection) =>
        JSON.parse(connection.header("x-codex-turn-metadata") ?? "null") as JsonObject,
    );
    expect(blobs).toMatchObject([
      { request_kind: "prewarm", turn_id: "" },
      { request_kind: "turn" },
    ]);
    expect(sent(scene).at(-1)).toMatchObject({ previous: undefined, input: ["user", "user"] });
  });

  test("[core/D4] does not wait for a warm-up longer than a handshake may take", async () => {
    await using scene = await overWebSocket([{ events: [hang()] }, messageExchange("Fine.")], {
      providerInfo: { websocketConnectTimeoutMs: 250 },
      server: { warmUps: "script" },
    });
    expect((await scene.turn("go")).at(-1)?.type).toBe("turnCompleted");
  });

  test("[core/C1-ws] the routing state of the handshake goes back when the turn has to connect again", async () => {
    await using scene = await overWebSocket(
      [{ events: [created(), close(1011)] }, messageExchange("Fine.")],
      { server: { handshakes: [{ headers: { "x-codex-turn-state": "ts-1" } }] } },
    );
    await scene.turn("go");
    expect(
      scene.server.connections.map((connection) => connection.header("x-codex-turn-state")),
    ).toEqual([undefined, "ts-1"]);
  });

  test.each(POLICIES)(
    "[core/D5] an abort in the middle cancels the inference, and the next turn sends everything (policy %s)",
    async (errorPolicy) => {
      await using scene = await overWebSocket(
        [{ events: [created(), message("One.", "msg_1"), hang()] }, messageExchange("Two.")],
        { errorPolicy },
      );
      for await (const event of scene.thread.runTurn("go"))
        if (event.type === "itemCompleted") break;
      await scene.turn("again");
      expect(sent(scene).at(-1)).toMatchObject({
        previous: undefined,
        input: ["user", "user", "assistant", "user", "user"],
      });
      const state = await reduceStrictly(scene.thread);
      expect(inferencesOf(state).map((call) => call.execution.status)).toEqual([
        "cancelled",
        "completed",
      ]);
    },
  );

  test("[core/D6] closing a thread before its first turn gives the warm-up up", async () => {
    await using scene = await overWebSocket([{ events: [hang()] }], {
      server: { warmUps: "script" },
    });
    await scene.server.waitForRequest(1);
    await scene.thread.close();
    await scene.server.waitFor(() => scene.server.connections[0]?.state === "closed");
    expect(scene.server.connections).toHaveLength(1);
  });
});
