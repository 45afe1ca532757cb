import { gzipSync, zstdCompressSync } from "node:zlib";
import { bytes, gate, messageExchange, startResponsesServer } from "@codex-ts/responses-server";
import { request } from "undici";
import { expect, test } from "vitest";
import { post } from "./support/post.ts";
import { openRawClient } from "./support/raw-client.ts";

const any = messageExchange("ok", { repeat: Infinity });

test("records method, path, ordered headers, body and arrival time", async () => {
  await using server = await startResponsesServer({ script: [any], now: () => 1234 });
  const response = await request(`${server.url}/responses?a=b`, {
    method: "POST",
    headers: ["X-Twice", "1", "x-other", "2", "X-Twice", "3"],
    body: '{"model":"m","input":["ž"]}',
  });
  await response.body.dump();
  const [received] = server.requests;
  expect(received).toMatchObject({
    index: 0,
    transport: "http",
    method: "POST",
    path: "/v1/responses?a=b",
    body: { model: "m", input: ["ž"] },
    bodyText: '{"model":"m","input":["ž"]}',
    receivedAtUnixMs: 1234,
    connectionIndex: undefined,
  });
  const own = received?.headers.filter(([name]) => name.toLowerCase().startsWith("x-"));
  expect(own).toEqual([
    ["X-Twice", "1"],
    ["x-other", "2"],
    ["X-Twice", "3"],
  ]);
  expect(received?.header("x-TWICE")).toBe("1");
  expect(received?.header("absent")).toBeUndefined();
});

test.each([
  ["zstd", zstdCompressSync],
  ["gzip", gzipSync],
] as const)("decodes %s bodies and keeps the bytes as received", async (encoding, compress) => {
  await using server = await startResponsesServer({ script: [any] });
  const body = compress(Buffer.from('{"model":"packed"}'));
  await (await post(server, { body, headers: { "content-encoding": encoding } })).body.dump();
  expect(server.requests[0]?.body).toEqual({ model: "packed" });
  expect(Buffer.from(server.requests[0]?.bodyBytes ?? [])).toEqual(body);
});

test.each([
  ["zstd", "not zstd at all"],
  ["snappy", "x"],
])("refuses a body that claims %s and is something else", async (encoding, body) => {
  await using server = await startResponsesServer({ script: [any] });
  const response = await post(server, { body, headers: { "content-encoding": encoding } });
  expect(response.statusCode).toBe(400);
  expect(await response.body.json()).toMatchObject({ error: { code: "bad_request_body" } });
  expect(server.requests).toEqual([]);
  expect(server.unexpectedRequests[0]?.reason).toContain(encoding);
});

test("keeps text that is no JSON, and has no body for an empty one", async () => {
  await using server = await startResponsesServer({ script: [any] });
  await (await post(server, { body: "v=0 sdp" })).body.dump();
  await (await post(server, { body: "" })).body.dump();
  expect(server.requests.map(({ body, bodyText }) => [body, bodyText])).toEqual([
    [undefined, "v=0 sdp"],
    [undefined, ""],
  ]);
});

test("refuses bodies over the limit, packed ones by their unpacked size", async () => {
  await using server = await startResponsesServer({ script: [any], maxRequestBytes: 1000 });
  const plain = await post(server, { body: "x".repeat(1001) });
  const bomb = zstdCompressSync(Buffer.alloc(1_000_000));
  expect(bomb.length).toBeLessThan(1000);
  const packed = await post(server, { body: bomb, headers: { "content-encoding": "zstd" } });
  expect([plain.statusCode, packed.statusCode]).toEqual([413, 413]);
  await Promise.all([plain.body.dump(), packed.body.dump()]);
  expect(server.requests).toEqual([]);
  expect(server.unexpectedRequests).toHaveLength(2);
});

test("answers pipelined requests in order", async () => {
  await using server = await startResponsesServer({
    script: [{ events: [gate("first"), bytes("one")] }, { body: "two" }],
  });
  const client = openRawClient(server);
  client.socket.write("POST /v1/responses HTTP/1.1\r\nhost: test\r\ncontent-length: 2\r\n\r\n{}");
  await server.waitForRequest(2);
  server.release("first");
  const text = await client.until((received) => received.endsWith("two"));
  expect(text).toMatch(/one.*two$/s);
  client.socket.destroy();
});

test("a client that leaves in the middle of its upload is recorded", async () => {
  await using server = await startResponsesServer({ script: [any] });
  const client = openRawClient(server);
  await client.until((text) => text.endsWith("0\r\n\r\n"));
  client.socket.write("POST /v1/responses HTTP/1.1\r\nhost: test\r\ncontent-length: 99\r\n\r\n{");
  client.socket.end();
  await server.waitFor(() => server.unexpectedRequests.length === 1);
  expect(server.requests).toHaveLength(1);
  expect(server.unexpectedRequests[0]).toMatchObject({
    request: undefined,
    reason: expect.stringContaining("POST /v1/responses") as string,
  });
});
