import { rawEvent, startResponsesServer } from "@codex-ts/responses-server";
import type { EventStep, ResponsesServer } from "@codex-ts/responses-server";
import { waitFor } from "@codex-ts/test-support";
import { expect, test } from "vitest";
import { post } from "./support/post.ts";
import { openWsClient } from "./support/ws-client.ts";

const EVENT_BYTES = 64 * 1024;
/** 26 MB: more than twice what the system buffers on both sides. */
const EVENT_COUNT = 400;

function* manyEvents(onYield: () => void): Generator<EventStep> {
  const padding = "x".repeat(EVENT_BYTES);
  for (let count = 0; count < EVENT_COUNT; count += 1) {
    onYield();
    yield rawEvent({ type: "big", padding });
  }
}

/** Waits until the writes stand still, and not only for a moment. */
async function waitUntilBlocked(server: ResponsesServer): Promise<void> {
  let seen = -1;
  let still = 0;
  await waitFor(() => {
    const { blocked, bytesWritten } = server.exchanges[0] ?? { blocked: false, bytesWritten: 0 };
    still = blocked && bytesWritten === seen ? still + 1 : 0;
    seen = bytesWritten;
    return still === 6;
  });
}

test("[responses-server/back-pressure] stops writing while an HTTP client does not read, and goes on afterwards", async () => {
  let yielded = 0;
  await using server = await startResponsesServer({
    script: [{ events: manyEvents(() => (yielded += 1)) }],
  });
  const response = await post(server);
  await waitUntilBlocked(server);
  expect(yielded).toBeLessThan(EVENT_COUNT / 2);
  expect(server.exchanges[0]?.bytesWritten).toBeGreaterThan(0);
  let received = 0;
  for await (const chunk of response.body as AsyncIterable<Buffer>) received += chunk.length;
  await server.waitFor(() => server.exchanges[0]?.state === "ended");
  expect(yielded).toBe(EVENT_COUNT);
  expect(server.exchanges[0]).toMatchObject({ blocked: false, bytesWritten: received });
});

test("[responses-server/back-pressure] stops writing while a WebSocket client does not read, and goes on afterwards", async () => {
  let yielded = 0;
  await using server = await startResponsesServer({
    script: [{ events: manyEvents(() => (yielded += 1)) }],
  });
  const client = await openWsClient(server);
  client.socket.pause();
  client.send({ type: "response.create" });
  await waitUntilBlocked(server);
  expect(yielded).toBeLessThan(EVENT_COUNT / 2);
  client.socket.resume();
  await server.waitFor(() => server.exchanges[0]?.state === "ended");
  expect(yielded).toBe(EVENT_COUNT);
  client.socket.terminate();
});

test("a blocked write ends when the client leaves", async () => {
  await using server = await startResponsesServer({
    script: [{ events: manyEvents(() => undefined) }],
  });
  const response = await post(server);
  await server.waitFor(() => server.exchanges[0]?.blocked);
  response.body.destroy();
  await server.waitFor(() => server.exchanges[0]?.clientGone);
  expect(server.exchanges[0]).toMatchObject({ state: "client-gone", blocked: false });
});
