import { once } from "node:events";
import {
  bytes,
  close,
  created,
  disconnect,
  gate,
  hang,
  messageExchange,
  ping,
  reset,
  startResponsesServer,
  wireBytes,
} from "@codex-ts/responses-server";
import { expect, test } from "vitest";
import { WebSocket } from "ws";
import { openRawClient } from "./support/raw-client.ts";
import { openWsClient, refusedUpgrade, websocketUrl } from "./support/ws-client.ts";

const create = { type: "response.create" };

test.each([426, 401, 403, 404, 429, 500, 503])(
  "[responses-server/fault-handshake-status] refuses an upgrade with status %i",
  async (status) => {
    await using server = await startResponsesServer({
      script: [],
      handshakes: [
        { status, requestId: "req_h", headers: { "retry-after": "1" } },
        { status, body: "plain text" },
      ],
    });
    const refused = await refusedUpgrade(server);
    expect(refused).toMatchObject({
      status,
      headers: { "x-request-id": "req_h", "retry-after": "1" },
      body: `{"error":{"message":"scripted status ${status}"}}`,
    });
    expect((await refusedUpgrade(server)).body).toBe("plain text");
    expect(server.connections[0]).toMatchObject({ status, closeCode: undefined });
  },
);

test("refuses as often as the script says, then accepts", async () => {
  await using server = await startResponsesServer({
    script: [],
    handshakes: [{ status: 503, repeat: 2 }],
  });
  expect((await refusedUpgrade(server)).status).toBe(503);
  expect((await refusedUpgrade(server)).status).toBe(503);
  (await openWsClient(server)).socket.terminate();
  expect(server.connections.map(({ status }) => status)).toEqual([503, 503, 101]);
});

test("[responses-server/fault-handshake-silence] never answers an upgrade", async () => {
  await using server = await startResponsesServer({
    script: [],
    handshakes: [{ beforeStatus: [gate("asked"), hang()] }],
  });
  const socket = new WebSocket(websocketUrl(server));
  const failed = once(socket, "error");
  await server.waitForGate("asked");
  expect(server.connections[0]).toMatchObject({ state: "connecting", status: undefined });
  socket.terminate();
  await failed;
  await server.waitFor(() => server.connections[0]?.state === "closed");
});

test("accepts an upgrade after a pause", async () => {
  await using server = await startResponsesServer({
    script: [messageExchange("late")],
    handshakes: [{ beforeStatus: [gate("asked")] }],
  });
  const opening = openWsClient(server);
  await server.waitForGate("asked");
  server.release("asked");
  const client = await opening;
  client.send(create);
  expect((await client.untilTexts(8)).join("")).toContain("late");
  client.socket.close();
  await server.waitFor(() => server.connections[0]?.closeCode === 1005);
});

test("resets an upgrade", async () => {
  await using server = await startResponsesServer({
    script: [],
    handshakes: [{ beforeStatus: [reset()] }],
  });
  await expect(openWsClient(server)).rejects.toMatchObject({ code: "ECONNRESET" });
});

test("refuses an upgrade on another path unless it is scripted", async () => {
  await using server = await startResponsesServer({
    script: [],
    handshakes: [{ path: "/realtime", status: 418, repeat: 2 }],
  });
  expect((await refusedUpgrade(server, "/realtime?model=x")).status).toBe(418);
  expect((await refusedUpgrade(server, "/elsewhere")).status).toBe(404);
  expect(server.unexpectedRequests.map(({ reason }) => reason)).toEqual([
    "no handshake is scripted for /v1/elsewhere (/responses is accepted; handshake 1 matches only path /realtime)",
  ]);
});

test("an upgrade that is no WebSocket handshake is refused and recorded", async () => {
  await using server = await startResponsesServer({ script: [] });
  const upgrade =
    "GET /v1/responses HTTP/1.1\r\nhost: test\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n";
  const client = openRawClient(server, upgrade);
  expect(await client.closed).toBe("end");
  expect(client.text()).toMatch(/^HTTP\/1\.1 400 /);
  expect(server.unexpectedRequests[0]?.reason).toContain("no WebSocket");
});

test.each([
  ["a close frame", close(1011, "internal"), 1011, "closed"],
  ["a normal close frame", close(1000), 1000, "closed"],
  ["a close frame without a code", close(), 1005, "closed"],
  ["a reset", reset(), 1006, "reset"],
  ["a drop without a close frame", disconnect(), 1006, "disconnected"],
] as const)(
  "[responses-server/fault-websocket-end] ends in the middle of a response with %s",
  async (_name, step, code, state) => {
    await using server = await startResponsesServer({
      script: [{ events: [created(), gate("seen"), step] }],
    });
    const client = await openWsClient(server);
    client.send(create);
    await client.untilTexts(1);
    server.release("seen");
    expect((await client.closed).code).toBe(code);
    await server.waitFor(() => server.exchanges[0]?.state !== "playing");
    expect(server.exchanges[0]).toMatchObject({ state, eventsSent: 1 });
  },
);

test("[responses-server/fault-websocket-frames] sends binary frames, junk text and fragments", async () => {
  await using server = await startResponsesServer({
    script: [
      { events: [bytes("not json"), bytes(Uint8Array.of(1, 2, 3))] },
      { events: [bytes("fragmented 😀 text")], chunkSizesBytes: [4] },
    ],
  });
  const client = await openWsClient(server);
  client.send(create);
  client.send(create);
  expect(await client.untilTexts(2)).toEqual(["not json", "fragmented 😀 text"]);
  expect(client.binaries).toEqual([Buffer.from([1, 2, 3])]);
  client.socket.terminate();
});

test("sends a frame that breaks the protocol", async () => {
  await using server = await startResponsesServer({
    // An opcode that the protocol reserves.
    script: [{ events: [wireBytes(Uint8Array.of(0x83, 0x00)), hang()] }],
  });
  const client = await openWsClient(server);
  const failed = once(client.socket, "error");
  client.send(create);
  const [error] = (await failed) as [Error];
  expect(error).toMatchObject({ code: "WS_ERR_INVALID_OPCODE" });
});

test("records a client that drops in the middle of a response", async () => {
  await using server = await startResponsesServer({
    script: [{ events: [created(), hang()] }],
  });
  const client = await openWsClient(server);
  client.send(create);
  await client.untilTexts(1);
  client.socket.terminate();
  await server.waitFor(() => server.exchanges[0]?.clientGone);
  expect(server.connections[0]).toMatchObject({ state: "closed", closeCode: 1006 });
  expect(server.unexpectedRequests).toEqual([]);
});

test("resets a connection outside of any exchange", async () => {
  await using server = await startResponsesServer({ script: [] });
  const client = await openWsClient(server);
  server.connections[0]?.reset();
  expect((await client.closed).code).toBe(1006);
});

test("a step that WebSocket does not have is answered with an error event and recorded", async () => {
  await using server = await startResponsesServer({
    script: [{ events: [ping(), { step: "comment", text: "x" }] }],
  });
  const client = await openWsClient(server);
  client.send(create);
  expect((await client.untilTexts(1))[0]).toContain("script_failed");
  await server.waitFor(() => server.exchanges[0]?.state === "failed");
  expect(server.unexpectedRequests[0]?.reason).toContain('"comment" is not possible');
  client.socket.terminate();
});

test("a frame over the request limit closes the connection and is recorded", async () => {
  await using server = await startResponsesServer({
    script: [messageExchange("never")],
    maxRequestBytes: 100,
  });
  const client = await openWsClient(server);
  client.send("x".repeat(101));
  expect((await client.closed).code).toBe(1009);
  await server.waitFor(() => server.unexpectedRequests.length === 1);
});

test("closing the server ends open connections", async () => {
  const server = await startResponsesServer({ script: [{ events: [created(), hang()] }] });
  const client = await openWsClient(server);
  client.send(create);
  await client.untilTexts(1);
  await server.close();
  expect((await client.closed).code).toBe(1006);
  expect(server.exchanges[0]?.state).toBe("server-closed");
});
