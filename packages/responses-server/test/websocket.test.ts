import {
  close,
  connectionLimitReached,
  errorExchange,
  gate,
  message,
  messageExchange,
  ping,
  rateLimits,
  rawEvent,
  startResponsesServer,
  streamExchange,
} from "@codex-ts/responses-server";
import { expect, test } from "vitest";
import { postForEvents } from "./support/post.ts";
import { openWsClient } from "./support/ws-client.ts";

const create = { type: "response.create", model: "any", input: [] };

test("answers frames on one connection, each with its own exchange", async () => {
  await using server = await startResponsesServer({
    script: [
      messageExchange("one", { responseId: "resp_a" }),
      messageExchange("two", { responseId: "resp_b" }),
    ],
  });
  const client = await openWsClient(server, { headers: { "openai-beta": "x", "X-Own": "1" } });
  client.send(create);
  await client.untilTexts(8);
  client.send({ ...create, previous_response_id: "resp_a" });
  const texts = await client.untilTexts(16);
  const ids = texts
    .map((text) => JSON.parse(text) as { type: string; response?: { id: string } })
    .filter(({ type }) => type === "response.completed")
    .map(({ response }) => response?.id);
  expect(ids).toEqual(["resp_a", "resp_b"]);
  expect(server.connections).toHaveLength(1);
  expect(server.connections[0]).toMatchObject({ index: 0, status: 101, state: "open" });
  expect(server.connections[0]?.header("x-own")).toBe("1");
  expect(server.requests[1]).toMatchObject({
    transport: "websocket",
    connectionIndex: 0,
    path: "/v1/responses",
    method: "GET",
    body: { previous_response_id: "resp_a" },
  });
  client.socket.close(1000, "done");
  await server.waitFor(() => server.connections[0]?.state === "closed");
  expect(server.connections[0]).toMatchObject({ closeCode: 1000, closeReason: "done" });
  expect(server.unexpectedRequests).toEqual([]);
});

test("a long-lived connection gathers no listeners", async () => {
  const warnings: Error[] = [];
  const onWarning = (warning: Error): void => {
    warnings.push(warning);
  };
  process.on("warning", onWarning);
  await using server = await startResponsesServer({
    script: [messageExchange("again", { repeat: Infinity })],
  });
  const client = await openWsClient(server);
  for (let count = 1; count <= 50; count += 1) {
    client.send(create);
    await client.untilTexts(count * 8);
  }
  await new Promise(setImmediate);
  process.off("warning", onWarning);
  expect(warnings).toEqual([]);
  client.socket.terminate();
});

test("HTTP and WebSocket share one port and one script", async () => {
  await using server = await startResponsesServer({
    script: [
      messageExchange("socket", { transport: "websocket" }),
      messageExchange("stream", { transport: "http" }),
    ],
  });
  expect(JSON.stringify(await postForEvents(server))).toContain("stream");
  const client = await openWsClient(server);
  client.send(create);
  expect((await client.untilTexts(8)).join("")).toContain("socket");
  client.socket.terminate();
});

test("sends scripted handshake headers", async () => {
  await using server = await startResponsesServer({
    script: [],
    handshakes: [
      { requestId: "req_h", headers: { "x-models-etag": "e1", "x-codex-turn-state": "ts" } },
    ],
  });
  const client = await openWsClient(server);
  expect(client.handshakeHeaders).toMatchObject({
    "x-request-id": "req_h",
    "x-models-etag": "e1",
    "x-codex-turn-state": "ts",
  });
  client.socket.terminate();
});

test.each([
  ["accept", "permessage-deflate"],
  ["decline", ""],
] as const)("can %s compression", async (permessageDeflate, extensions) => {
  await using server = await startResponsesServer({
    script: [messageExchange("squeezed ".repeat(500))],
    handshakes: [{ permessageDeflate }],
  });
  const client = await openWsClient(server, { perMessageDeflate: true });
  expect(client.socket.extensions).toBe(extensions);
  expect(server.connections[0]?.extensions).toBe(extensions);
  client.send(create);
  expect((await client.untilTexts(8)).join("")).toContain("squeezed squeezed");
  client.socket.terminate();
});

test("answers warm-ups by itself and keeps the script for real requests", async () => {
  await using server = await startResponsesServer({ script: [messageExchange("real")] });
  const client = await openWsClient(server);
  client.send({ ...create, generate: false });
  const warmUp = await client.untilTexts(2);
  expect(JSON.parse(warmUp[1] ?? "")).toMatchObject({
    type: "response.completed",
    response: { id: "resp_warm_up_1", output: [], usage: null },
  });
  client.send(create);
  expect((await client.untilTexts(10)).join("")).toContain("real");
  client.socket.terminate();
});

test("leaves warm-ups to the script when told so, or when an exchange selects them", async () => {
  const isWarmUp = { when: ({ bodyText }: { bodyText: string }) => bodyText.includes("generate") };
  for (const options of [{ warmUps: "script" as const }, {}]) {
    const selector = options.warmUps ? {} : isWarmUp;
    await using server = await startResponsesServer({
      ...options,
      script: [messageExchange("scripted", selector)],
    });
    const client = await openWsClient(server);
    client.send({ ...create, generate: false });
    expect((await client.untilTexts(8)).join("")).toContain("scripted");
    client.socket.terminate();
  }
});

test("sends pings inside and outside of exchanges and records pongs", async () => {
  await using server = await startResponsesServer({
    script: [streamExchange([ping("inside"), message("hi")])],
  });
  const client = await openWsClient(server);
  client.send(create);
  await client.untilTexts(3);
  server.connections[0]?.ping("outside");
  await server.waitFor(() => server.connections[0]?.frames.filter(isPong)[1]);
  expect(client.pings).toEqual(["inside", "outside"]);
  expect(server.connections[0]?.frames.filter(isPong).map(({ text }) => text)).toEqual([
    "inside",
    "outside",
  ]);
  client.socket.ping("client");
  await server.waitFor(() => server.connections[0]?.frames.some(({ kind }) => kind === "ping"));
  client.socket.terminate();
});

test("sends events outside of exchanges", async () => {
  await using server = await startResponsesServer({ script: [] });
  const client = await openWsClient(server);
  server.connections[0]?.send(rateLimits({ primary: { usedPercent: 7, windowMinutes: 300 } }));
  expect(JSON.parse((await client.untilTexts(1))[0] ?? "")).toEqual({
    type: "codex.rate_limits",
    rate_limits: { primary: { used_percent: 7, window_minutes: 300 } },
  });
  server.connections[0]?.close(1001, "going away");
  expect(await client.closed).toEqual({ code: 1001, reason: "going away" });
  await server.waitFor(() => server.connections[0]?.state === "closed");
  expect(() => server.connections[0]?.ping()).toThrow("connection 1 is closed");
});

test("an error reply becomes one wrapped error event", async () => {
  await using server = await startResponsesServer({
    script: [
      errorExchange(429, {
        type: "usage_limit_reached",
        requestId: "req_1",
        headers: { "x-codex-primary-used-percent": "100" },
      }),
      { events: [connectionLimitReached(), close(1008, "limit")] },
    ],
  });
  const client = await openWsClient(server);
  client.send(create);
  expect(JSON.parse((await client.untilTexts(1))[0] ?? "")).toMatchObject({
    type: "error",
    status: 429,
    error: { type: "usage_limit_reached" },
    headers: { "x-codex-primary-used-percent": "100", "x-request-id": "req_1" },
  });
  client.send(create);
  expect(await client.closed).toEqual({ code: 1008, reason: "limit" });
  expect(client.texts[1]).toContain("websocket_connection_limit_reached");
});

test("[responses-server/unscripted-request] an unscripted frame gets an error event that names it, and is recorded", async () => {
  await using server = await startResponsesServer({
    script: [messageExchange("over HTTP", { transport: "http" })],
  });
  const reason =
    "request 1 (a frame on WebSocket connection 1) matches no exchange " +
    "(left: exchange 1 matches only transport http)";
  const client = await openWsClient(server);
  client.send(create);
  expect(JSON.parse((await client.untilTexts(1))[0] ?? "")).toMatchObject({
    type: "error",
    status: 404,
    error: { code: "unscripted_request", message: `${reason}; add one to the script` },
  });
  expect(server.unexpectedRequests).toEqual([{ request: server.requests[0], reason }]);
  client.socket.terminate();
});

test("frames that are no response.create spend no exchange and are recorded", async () => {
  await using server = await startResponsesServer({
    script: [
      messageExchange("for the request"),
      {
        when: ({ bodyText }) => bodyText.includes("interrupt"),
        events: [rawEvent({ type: "interrupted" })],
      },
    ],
  });
  const client = await openWsClient(server);
  client.send("no json");
  client.socket.send(Buffer.from([1, 2]));
  client.send({ type: "response.interrupt" });
  expect(JSON.parse((await client.untilTexts(1))[0] ?? "")).toEqual({ type: "interrupted" });
  client.send(create);
  expect((await client.untilTexts(9)).join("")).toContain("for the request");
  expect(server.unexpectedRequests.map(({ reason }) => reason)).toEqual([
    "request 1 (a frame on WebSocket connection 1) is no response.create",
    "WebSocket connection 1 sent a binary frame",
  ]);
  expect(server.connections[0]?.frames.map(({ kind }) => kind)).toEqual([
    "text",
    "binary",
    "text",
    "text",
  ]);
  client.socket.terminate();
});

test("a later frame is answered while an earlier exchange still waits", async () => {
  await using server = await startResponsesServer({
    script: [streamExchange([gate("first"), message("first")]), messageExchange("second")],
  });
  const client = await openWsClient(server);
  client.send(create);
  client.send(create);
  await client.untilTexts(9);
  expect(client.texts.join("")).toContain("second");
  expect(client.texts.join("")).not.toContain("first");
  server.release("first");
  expect((await client.untilTexts(11)).join("")).toContain("first");
  client.socket.terminate();
});

function isPong({ kind }: { readonly kind: string }): boolean {
  return kind === "pong";
}
