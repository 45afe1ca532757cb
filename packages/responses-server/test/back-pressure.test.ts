import { rawEvent, startResponsesServer } from "@codex-ts/responses-server";
import type { EventStep } from "@codex-ts/responses-server";
import { expect, test } from "vitest";
import { post } from "./support/post.ts";
import { openWsClient } from "./support/ws-client.ts";

const EVENT_BYTES = 64 * 1024;

function* manyEvents(onYield: () => void): Generator<EventStep> {
  const padding = "x".repeat(EVENT_BYTES);
  for (let count = 0; count < 1600; count += 1) {
    onYield();
    yield rawEvent({ type: "big", padding });
  }
}

test("[responses-server/back-pressure] stops writing while an HTTP client does not read, and goes on afterwards", async () => {
  let yielded = 0;
  await using server = await startResponsesServer({
    script: [{ events: manyEvents(() => (yielded += 1)) }],
  });
  const response = await post(server);
  await server.waitFor(() => server.exchanges[0]?.blocked);
  // What the system buffers on both sides is far below the 100 MB of the stream.
  expect(yielded).toBeLessThan(800);
  expect(server.exchanges[0]?.bytesWritten).toBeGreaterThan(0);
  let received = 0;
  for await (const chunk of response.body as AsyncIterable<Buffer>) received += chunk.length;
  await server.waitFor(() => server.exchanges[0]?.state === "ended");
  expect(yielded).toBe(1600);
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
  await server.waitFor(() => server.exchanges[0]?.blocked);
  expect(yielded).toBeLessThan(800);
  client.socket.resume();
  await server.waitFor(() => server.exchanges[0]?.state === "ended");
  expect(yielded).toBe(1600);
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
