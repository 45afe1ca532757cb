import {
  bytes,
  comment,
  completed,
  created,
  delay,
  end,
  gate,
  message,
  rawEvent,
  startResponsesServer,
  streamedMessage,
} from "@codex-ts/responses-server";
import type { BytesStep } from "@codex-ts/responses-server";
import { expect, test } from "vitest";
import { post } from "./support/post.ts";
import { openRawClient } from "./support/raw-client.ts";

function* lazily(): Generator<BytesStep> {
  yield bytes("1");
  yield bytes("2");
}

async function* slowly(): AsyncGenerator<BytesStep> {
  yield bytes("3");
  await Promise.resolve();
  yield bytes("4");
}

async function runOnce(): Promise<string> {
  const events = [created(), streamedMessage(["a", "b"]), completed()];
  await using server = await startResponsesServer({ script: [{ events, requestId: "req_1" }] });
  return await (await post(server)).body.text();
}

test("writes raw events, comments and bytes exactly as scripted", async () => {
  await using server = await startResponsesServer({
    script: [
      {
        events: [
          rawEvent({ type: "x", n: 1 }),
          comment("keep-alive"),
          bytes("data: not json\n\n"),
          bytes(Uint8Array.of(0xff, 0x0a)),
          rawEvent({ type: "y" }, { eventName: null, separator: "", lineEnd: "\r\n" }),
          rawEvent({ type: "z" }, { eventName: "other", blankLine: "missing" }),
        ],
      },
    ],
  });
  const response = await post(server);
  const body = Buffer.from(await response.body.arrayBuffer());
  expect(body.toString("latin1")).toBe(
    'event: x\ndata: {"type":"x","n":1}\n\n' +
      ": keep-alive\n\n" +
      "data: not json\n\n" +
      "\xff\n" +
      'data:{"type":"y"}\r\n\r\n' +
      'event: other\ndata: {"type":"z"}\n',
  );
  expect(server.exchanges[0]).toMatchObject({
    state: "ended",
    status: 200,
    eventsSent: 3,
    bytesWritten: body.length,
    clientGone: false,
  });
});

test("end stops before later steps", async () => {
  await using server = await startResponsesServer({
    script: [{ events: [bytes("a"), end(), bytes("b")] }],
  });
  const response = await post(server);
  expect(await response.body.text()).toBe("a");
});

test("takes lists inside the list, lazy iterables and async iterables", async () => {
  await using server = await startResponsesServer({
    script: [
      { events: [[bytes("x"), bytes("y")], bytes("z")] },
      { events: lazily() },
      { events: slowly() },
    ],
  });
  const texts: string[] = [];
  for (let count = 0; count < 3; count += 1) texts.push(await (await post(server)).body.text());
  expect(texts).toEqual(["xyz", "12", "34"]);
});

test.each([[[1]], [[3, 5, 2]], [[1000]]])(
  "cuts the stream into chunks of %j bytes across event borders",
  async (chunkSizesBytes) => {
    await using server = await startResponsesServer({
      script: [{ events: [bytes("žlutý kůň "), bytes("😀 !")], chunkSizesBytes }],
    });
    const client = openRawClient(server);
    const text = await client.until((received) => received.endsWith("0\r\n\r\n"));
    client.socket.destroy();
    const total = Buffer.byteLength("žlutý kůň 😀 !");
    const sizes = [...text.matchAll(/^([0-9a-f]+)\r$/gm)].map((match) =>
      Number.parseInt(match[1] ?? "", 16),
    );
    const expected: number[] = [];
    for (let left = total; left > 0; left -= expected.at(-1) ?? left) {
      const size = chunkSizesBytes[expected.length % chunkSizesBytes.length] ?? 1;
      expected.push(Math.min(size, left));
    }
    expect(sizes).toEqual([...expected, 0]);
  },
);

test("a pause sends what chunking held back", async () => {
  await using server = await startResponsesServer({
    script: [{ events: [bytes("abc"), gate("later"), bytes("def")], chunkSizesBytes: [100] }],
  });
  const client = openRawClient(server);
  await client.until((text) => text.includes("abc"));
  expect(client.text()).not.toContain("def");
  server.release("later");
  await client.until((text) => text.includes("def"));
  client.socket.destroy();
});

test("chunk sizes that make no sense are a visible failure", async () => {
  await using server = await startResponsesServer({
    script: [{ events: [bytes("abc")], chunkSizesBytes: [0] }],
  });
  await (await post(server).catch(() => undefined))?.body.dump().catch(() => undefined);
  await server.waitFor(() => server.unexpectedRequests.length > 0);
  expect(server.unexpectedRequests[0]?.reason).toContain("whole numbers above 0");
});

test("the headers are on the wire before the first event", async () => {
  await using server = await startResponsesServer({
    script: [{ events: [gate("first"), message("hi")], requestId: "req_1" }],
  });
  const response = await post(server);
  expect(response.headers["x-request-id"]).toBe("req_1");
  server.release("first");
  expect(await response.body.text()).toContain("hi");
});

test("a gate opened before a stream comes to it does not hold it", async () => {
  await using server = await startResponsesServer({
    script: [{ events: [gate("open"), bytes("through"), delay(0)] }],
  });
  server.release("open");
  expect(await (await post(server)).body.text()).toBe("through");
});

test("repeated headers and an own content type are sent as given", async () => {
  await using server = await startResponsesServer({
    script: [
      { body: "x", headers: { "set-cookie": ["a=1", "b=2"], "Content-Type": "text/html" } },
      { body: Uint8Array.of(1, 2) },
      { body: [1], status: 418 },
      { body: null, status: 204 },
    ],
  });
  const html = await post(server);
  expect(html.headers["set-cookie"]).toEqual(["a=1", "b=2"]);
  expect(html.headers["content-type"]).toBe("text/html");
  expect(await html.body.text()).toBe("x");
  const binary = await post(server);
  expect(binary.headers["content-type"]).toBe("application/octet-stream");
  expect(new Uint8Array(await binary.body.arrayBuffer())).toEqual(Uint8Array.of(1, 2));
  const json = await post(server);
  expect([json.statusCode, await json.body.json()]).toEqual([418, [1]]);
  const empty = await post(server);
  expect([empty.statusCode, empty.headers["content-length"]]).toEqual([204, undefined]);
  await empty.body.dump();
});

test("two runs of one script send the same bytes", async () => {
  expect(await runOnce()).toBe(await runOnce());
});
