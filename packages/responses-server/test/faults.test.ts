import {
  bytes,
  created,
  disconnect,
  gate,
  hang,
  message,
  reset,
  startResponsesServer,
  wireBytes,
} from "@codex-ts/responses-server";
import type { ServerEvent } from "@codex-ts/responses-server";
import { expect, test } from "vitest";
import { post } from "./support/post.ts";
import { openRawClient } from "./support/raw-client.ts";

async function* thinking(): AsyncGenerator<ServerEvent> {
  yield created();
  await new Promise(() => {});
}

test("[responses-server/fault-before-status] resets before anything is on the wire", async () => {
  await using server = await startResponsesServer({
    script: [{ beforeStatus: [reset()], body: null }],
  });
  const client = openRawClient(server);
  expect(await client.closed).toBe("ECONNRESET");
  expect(client.text()).toBe("");
  expect(server.exchanges[0]).toMatchObject({ state: "reset", status: undefined });
});

test("[responses-server/fault-silence] accepts a request and never answers", async () => {
  await using server = await startResponsesServer({
    script: [{ beforeStatus: [gate("silent"), hang()], body: null }],
  });
  const client = openRawClient(server);
  await server.waitForGate("silent");
  expect(client.text()).toBe("");
  client.socket.destroy();
  await server.waitFor(() => server.exchanges[0]?.state === "client-gone");
});

test("[responses-server/fault-headers] stops between the status line and the headers", async () => {
  await using server = await startResponsesServer({
    script: [{ beforeHeaders: [gate("headers")], events: [message("late")], requestId: "req_1" }],
  });
  const client = openRawClient(server);
  await client.until((text) => text.includes("\r\n"));
  await server.waitForGate("headers");
  expect(client.text()).toBe("HTTP/1.1 200 OK\r\n");
  server.release("headers");
  expect(await client.closed).toBe("end");
  expect(client.text()).toMatch(/x-request-id: req_1\r\n.*\r\n\r\nevent: .*late/s);
  expect(server.exchanges[0]?.state).toBe("ended");
});

test("[responses-server/fault-reset] resets in the middle of a stream", async () => {
  await using server = await startResponsesServer({
    script: [{ events: [created(), gate("seen"), reset(), message("never")] }],
  });
  const client = openRawClient(server);
  await client.until((text) => text.includes("response.created"));
  server.release("seen");
  expect(await client.closed).toBe("ECONNRESET");
  expect(client.text()).not.toContain("never");
  expect(server.exchanges[0]).toMatchObject({ state: "reset", eventsSent: 1, clientGone: false });
});

test("[responses-server/fault-truncated] closes without the last chunk, after everything was delivered", async () => {
  await using server = await startResponsesServer({
    script: [{ events: [created(), message("kept"), disconnect()] }],
  });
  const client = openRawClient(server);
  expect(await client.closed).toBe("end");
  expect(client.text()).toContain("kept");
  expect(client.text()).not.toMatch(/0\r\n\r\n$/);
  expect(server.exchanges[0]).toMatchObject({ state: "disconnected", clientGone: false });
});

test("a client library reports a truncated stream as an error", async () => {
  await using server = await startResponsesServer({ script: [{ events: [disconnect()] }] });
  const response = await post(server);
  await expect(response.body.text()).rejects.toMatchObject({ name: "HTTPParserError" });
});

test("keeps an open stream silent until the client leaves", async () => {
  await using server = await startResponsesServer({ script: [{ events: [created(), hang()] }] });
  const abort = new AbortController();
  const response = await post(server, { signal: abort.signal });
  const reading = response.body.text().catch((error: unknown) => error);
  await server.waitFor(() => server.exchanges[0]?.eventsSent === 1);
  abort.abort();
  expect(await reading).toMatchObject({ name: "AbortError" });
  await server.waitFor(() => server.exchanges[0]?.clientGone);
  expect(server.exchanges[0]).toMatchObject({ state: "client-gone", eventsSent: 1 });
});

test.each(["gate", "delay"] as const)("notices a client that leaves during a %s", async (kind) => {
  const pause = kind === "gate" ? gate("never") : { step: "delay" as const, delayMs: 3_600_000 };
  await using server = await startResponsesServer({ script: [{ events: [created(), pause] }] });
  const client = openRawClient(server);
  await client.until((text) => text.includes("response.created"));
  client.socket.destroy();
  await server.waitFor(() => server.exchanges[0]?.clientGone);
  expect(server.unexpectedRequests).toEqual([]);
});

test("notices a client that leaves while an async script is thinking", async () => {
  await using server = await startResponsesServer({ script: [{ events: thinking() }] });
  const client = openRawClient(server);
  await client.until((text) => text.includes("response.created"));
  client.socket.destroy();
  await server.waitFor(() => server.exchanges[0]?.clientGone);
  expect(server.exchanges[0]?.state).toBe("client-gone");
});

test("writes bytes below HTTP framing", async () => {
  await using server = await startResponsesServer({
    script: [{ events: [bytes("ok"), wireBytes("zz\r\nthis is no chunk size\r\n"), hang()] }],
  });
  const response = await post(server);
  await expect(response.body.text()).rejects.toThrow(/chunk size/i);
});

test("a body shorter than its content-length leaves the client waiting", async () => {
  await using server = await startResponsesServer({
    script: [{ events: [bytes("short"), hang()], headers: { "content-length": "100" } }],
  });
  const client = openRawClient(server);
  const text = await client.until((received) => received.endsWith("\r\n\r\nshort"));
  expect(text).toContain("content-length: 100\r\n");
  client.socket.destroy();
});

test("bytes that are no HTTP are answered with 400 and recorded", async () => {
  await using server = await startResponsesServer({ script: [] });
  const client = openRawClient(server);
  await client.until((text) => text.startsWith("HTTP/1.1 404 "));
  client.socket.write("this is no request\r\n\r\n");
  await client.until((text) => text.includes("HTTP/1.1 400"));
  await server.waitFor(() => server.unexpectedRequests.length === 2);
  expect(server.unexpectedRequests[1]?.reason).toContain("bytes that are no HTTP");
});
