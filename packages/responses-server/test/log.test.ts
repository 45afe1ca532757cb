import { errorExchange, messageExchange, startResponsesServer } from "@codex-ts/responses-server";
import { expect, test } from "vitest";
import { post, postForEvents } from "./support/post.ts";
import { openWsClient } from "./support/ws-client.ts";

const SECRETS = {
  authorization: "Bearer sk-secret-1",
  cookie: "session=sk-secret-2",
  "x-api-key": "sk-secret-3",
  "Proxy-Authorization": "Basic sk-secret-4",
};

test("[responses-server/log] the log is plain JSON of everything received and answered", async () => {
  await using server = await startResponsesServer({
    script: [
      messageExchange("hi", { requestId: "req_1" }),
      messageExchange("hi", { transport: "websocket" }),
    ],
    handshakes: [{ requestId: "req_h" }],
    now: () => 5,
  });
  await postForEvents(server, { body: { model: "m" }, headers: { "x-own": "1" } });
  await (await post(server, { body: "text" })).body.dump();
  const client = await openWsClient(server);
  client.send({ type: "response.create" });
  await client.untilTexts(8);
  client.send("junk");
  await server.waitForRequest(4);
  await server.waitFor(() => server.exchanges[2]?.state === "ended");
  const log = server.log();
  expect(JSON.parse(JSON.stringify(log))).toEqual(log);
  expect(log.requests).toMatchObject([
    {
      index: 0,
      transport: "http",
      connectionIndex: null,
      method: "POST",
      path: "/v1/responses",
      body: { model: "m", stream: true },
      receivedAtUnixMs: 5,
      response: { status: 200, state: "ended", eventsSent: 8 },
    },
    { body: "text", response: { status: 404 } },
    {
      transport: "websocket",
      connectionIndex: 0,
      body: { type: "response.create" },
      response: { status: null, state: "ended", eventsSent: 8 },
    },
    { body: "junk", response: null },
  ]);
  expect(log.requests[0]?.headers).toContainEqual(["x-own", "1"]);
  expect(log.requests[0]?.response?.headers).toContainEqual(["x-request-id", "req_1"]);
  expect(log.connections).toMatchObject([
    { index: 0, status: 101, responseHeaders: [["x-request-id", "req_h"]], framesReceived: 2 },
  ]);
  expect(log.unexpected).toHaveLength(2);
  client.socket.terminate();
});

test("[responses-server/log] the log holds no credentials", async () => {
  await using server = await startResponsesServer({
    script: [errorExchange(401, { headers: { "set-cookie": "session=sk-secret-5" } })],
    handshakes: [{ headers: { "set-cookie": "session=sk-secret-6" } }],
  });
  await (await post(server, { headers: SECRETS })).body.dump();
  (await openWsClient(server, { headers: SECRETS })).socket.terminate();
  const text = JSON.stringify(server.log());
  expect(text).not.toContain("sk-secret");
  expect(text.match(/\[redacted\]/g)).toHaveLength(10);
  // The records themselves keep what tests have to compare.
  expect(server.requests[0]?.header("authorization")).toBe("Bearer sk-secret-1");
});

test("a log does not change afterwards", async () => {
  await using server = await startResponsesServer({ script: [messageExchange("hi")] });
  const before = server.log();
  await postForEvents(server);
  expect(before.requests).toEqual([]);
});
