import { describe, expect, test } from "vitest";
import { isJsonObject } from "@codex-ts/protocol";
import {
  close,
  created,
  failed,
  hang,
  messageExchange,
  reset,
  wrappedError,
} from "@codex-ts/responses-server";
import type { Exchange, Handshake } from "@codex-ts/responses-server";
import { readRawBundle } from "../support/bundle.ts";
import { ofType, startScene } from "../support/harness.ts";
import type { SceneOptions } from "../support/harness.ts";

const POLICIES = ["0.169", "0.140"] as const;

const play = async (script: readonly Exchange[], options: SceneOptions) => {
  await using scene = await startScene(script, {
    ...options,
    providerInfo: {
      supportsWebsockets: true,
      requestMaxRetries: 0,
      streamMaxRetries: 2,
      ...options.providerInfo,
    },
  });
  const events = await scene.turn("go");
  return {
    last: events.at(-1),
    transports: scene.server.requests.map((request) => request.transport),
    bodies: scene.server.requests.map(({ body }) => (isJsonObject(body) ? body : {})),
    connections: scene.server.connections.length,
    warnings: ofType(events, "warning").map((event) => event.message),
    failures: ofType(events, "inferenceFinished").filter(
      ({ inference }) => inference.status === "failed",
    ),
  };
};

const overHttp: Exchange = { transport: "http", ...messageExchange("Over HTTP.") };

describe.each(POLICIES)("WebSocket trouble under the policy of %s", (errorPolicy) => {
  test.each<[string, Handshake]>([
    ["401", { status: 401 }],
    ["403", { status: 403 }],
    ["404", { status: 404 }],
    ["500", { status: 500 }],
    ["503", { status: 503 }],
    ["silence", { beforeStatus: [hang()] }],
    ["a reset", { beforeStatus: [reset()] }],
  ])(
    "[core/api-I15] %s instead of a handshake: three tries and the warm-up, then HTTP, with one warning",
    async (name, refusal) => {
      const { last, transports, connections, warnings, failures } = await play([overHttp], {
        errorPolicy,
        providerInfo: name === "silence" ? { websocketConnectTimeoutMs: 60 } : {},
        server: { handshakes: [{ ...refusal, repeat: Infinity }] },
      });
      expect(last).toMatchObject({ type: "turnCompleted", lastAgentMessage: "Over HTTP." });
      expect(transports).toEqual(["http"]);
      expect(connections).toBe(4);
      expect(warnings).toEqual([
        expect.stringMatching(/^Falling back from WebSockets to HTTPS transport\. /),
      ]);
      // No request was sent, so none has failed.
      expect(failures).toEqual([]);
    },
  );

  test("[core/api-I16] a handshake answered 429 is final, and nothing is asked over HTTP", async () => {
    const { last, transports, connections } = await play([overHttp], {
      errorPolicy,
      server: { handshakes: [{ status: 429, repeat: Infinity }] },
    });
    expect(last).toMatchObject({ type: "turnFailed", error: { code: "retry_limit", status: 429 } });
    expect(transports).toEqual([]);
    // The warm-up, and the turn's own.
    expect(connections).toBe(2);
  });
});

test.each([
  [400, "invalid_request"],
  [429, "retry_limit"],
])(
  "[core/S0-18] a handshake refused with %i ends the turn with its status, its id and the server's words; no request was sent, so the trace has none",
  async (status, code) => {
    const handshakes: Handshake[] = [
      {
        status,
        headers: { "x-request-id": "req_refused" },
        body: { error: { message: "Not today.", type: "invalid_request_error" } },
        repeat: Infinity,
      },
    ];
    await using scene = await startScene([], {
      providerInfo: { supportsWebsockets: true, requestMaxRetries: 0, streamMaxRetries: 0 },
      server: { handshakes },
    });
    const events = await scene.turn("go");
    expect(events.at(-1)).toMatchObject({
      type: "turnFailed",
      error: { code, status, upstreamRequestId: "req_refused" },
    });
    expect(JSON.stringify(events.at(-1))).toContain("Not today.");
    expect(ofType(events, "inferenceFinished")).toEqual([]);
    expect(readRawBundle(scene.thread.bundlePath).of("inference_started")).toEqual([]);
  },
);

test("[core/S0-19] what breaks on a connection does not take the id of its handshake", async () => {
  const connection: Handshake = { headers: { "x-request-id": "req_handshake" }, repeat: Infinity };
  for (const steps of [
    [created(), wrappedError({ status: 400, message: "No." })],
    [created(), close(1011, "bye")],
    [created(), failed({ code: "insufficient_quota", message: "No." })],
  ]) {
    await using scene = await startScene([{ events: steps }], {
      providerInfo: { supportsWebsockets: true, requestMaxRetries: 0, streamMaxRetries: 0 },
      server: { handshakes: [connection] },
    });
    // Without a fallback the failure of the connection is that of the turn.
    const events = await scene.turn("go");
    expect(ofType(events, "inferenceFinished")[0]?.inference).toMatchObject({
      status: "failed",
      upstreamRequestId: undefined,
    });
    const [record] = readRawBundle(scene.thread.bundlePath).of("inference_failed");
    expect(record).toMatchObject({ upstream_request_id: null });
  }
});

test("[core/api-I18] a previous response the server has forgotten: the whole request on a new connection (0.169)", async () => {
  const forgotten = wrappedError({
    status: 400,
    type: "invalid_request_error",
    code: "previous_response_not_found",
    message: "Previous response with id 'resp_x' not found.",
  });
  const script: Exchange[] = [{ events: [created(), forgotten] }, messageExchange("Whole.")];
  const newer = await play(script, { errorPolicy: "0.169" });
  expect(newer.last).toMatchObject({ type: "turnCompleted", lastAgentMessage: "Whole." });
  expect(newer.connections).toBe(2);
  expect(newer.bodies[1]).toHaveProperty("previous_response_id");
  expect(newer.bodies[2]).not.toHaveProperty("previous_response_id");
  const older = await play(script.slice(0, 1), { errorPolicy: "0.140" });
  expect(older.last).toMatchObject({ type: "turnFailed", error: { code: "invalid_request" } });
});
