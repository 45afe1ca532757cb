import { inspect } from "node:util";
import { describe, expect, test } from "vitest";
import {
  failed,
  incomplete,
  messageExchange,
  rawEvent,
  startResponsesServer,
} from "@codex-ts/responses-server";
import type { ServerEvent } from "@codex-ts/responses-server";
import { ModelsClient } from "@codex-ts/api";
import {
  apiErrorOf,
  bearer,
  clientAt,
  outcomeOf,
  providerAt,
  request,
  retries,
} from "../support/client.ts";
import { startRawServer } from "../support/raw-server.ts";
import { frame, webSocketClientAt } from "../support/websocket.ts";

const KEY = "sk-canary-0123456789";

const cases: readonly (readonly [what: string, event: ServerEvent])[] = [
  ["an unknown code", failed({ code: "weird", message: `bad key ${KEY}` })],
  ["a code that is the key", failed({ code: KEY, message: "bad key" })],
  ["a final error", failed({ code: "invalid_prompt", message: `bad key ${KEY}` })],
  ["a rate limit", failed({ code: "rate_limit_exceeded", message: `${KEY} try again in 1s` })],
  ["an incomplete response", incomplete(`because of ${KEY}`)],
];

describe("[api/S1] a server that repeats the credential gets it into no error", () => {
  test.each(cases)("of a stream over HTTP: %s", async (_what, event) => {
    await using server = await startResponsesServer({ script: [{ events: [event] }] });
    const seen: unknown[] = [];
    const observer = {
      onStreamPolled: (poll: unknown) => seen.push(poll),
      onAttemptEnded: (ended: unknown) => seen.push(ended),
    };
    const client = clientAt(server.url, {}, { auth: bearer(KEY), observer });
    const { error } = await outcomeOf(await client.stream(request()));
    expect(error).toBeDefined();
    expect(server.requests[0]?.headers).toContainEqual(["authorization", `Bearer ${KEY}`]);
    expect(inspect([error, seen], { depth: 8 })).not.toContain(KEY);
  });

  test.each([
    ...cases,
    [
      "a wrapped error",
      rawEvent({ type: "error", status: 401, error: { message: `bad key ${KEY}` } }),
    ] as const,
    [
      "a connection limit",
      rawEvent({
        type: "error",
        error: { code: "websocket_connection_limit_reached", message: `bad key ${KEY}` },
      }),
    ] as const,
  ])("of a stream over WebSocket: %s", async (_what, event) => {
    await using server = await startResponsesServer({ script: [{ events: [event] }] });
    const client = webSocketClientAt(server.url, {}, { auth: bearer(KEY) });
    await using connection = await client.connect();
    const { error } = await outcomeOf(await connection.stream(frame()));
    expect(error).toBeDefined();
    expect(inspect(error, { depth: 8 })).not.toContain(KEY);
  });

  test.each([
    ["text that is no JSON", `the key ${KEY} is odd`],
    ["JSON of another shape", JSON.stringify({ key: KEY })],
  ])("of a unary call: %s", async (_what, body) => {
    await using server = await startRawServer((socket) =>
      socket.write(`HTTP/1.1 200 OK\r\ncontent-length: ${body.length}\r\n\r\n${body}`),
    );
    const client = new ModelsClient({ provider: providerAt(server.url), auth: bearer(KEY) });
    const error = await apiErrorOf(client.list("1"));
    expect(error.message).toContain("[redacted]");
    expect(inspect(error, { depth: 8 })).not.toContain(KEY);
  });

  test.each([
    [
      "headers that explain a refusal",
      `HTTP/1.1 401 X\r\nx-openai-authorization-error: ${KEY}\r\nx-error-json: ${btoa(JSON.stringify({ error: { code: KEY } }))}\r\ncontent-length: 0\r\n\r\n`,
    ],
    [
      "ids that find a refusal in logs",
      `HTTP/1.1 401 X\r\nx-request-id: ${KEY}\r\ncf-ray: ${KEY}\r\ncontent-length: 0\r\n\r\n`,
    ],
    [
      "the id of an answer that breaks",
      `HTTP/1.1 200 OK\r\nx-request-id: ${KEY}\r\ncontent-length: 0\r\n\r\n`,
    ],
    ["an answer that is no HTTP", `${KEY} what?\r\n\r\n`],
  ])("of a request: %s", async (_what, answer) => {
    await using server = await startRawServer((socket) => socket.write(answer));
    const ended: unknown[] = [];
    const observer = { onAttemptEnded: (attempt: unknown) => ended.push(attempt) };
    const client = clientAt(server.url, retries(0), { auth: bearer(KEY), observer });
    const error = await apiErrorOf(
      client.stream(request()).then(async (stream) => {
        throw (await outcomeOf(stream)).error;
      }),
    );
    expect(ended).toHaveLength(1);
    expect(inspect([error, ended], { depth: 8 })).not.toContain(KEY);
  });

  test("as the id of a stream, which keeps the rest of it", async () => {
    await using server = await startResponsesServer({
      script: [{ ...messageExchange("hi"), requestId: `req-${KEY}-1` }],
      handshakes: [{ headers: { "x-request-id": `up-${KEY}`, "cf-ray": KEY } }],
    });
    const seen: unknown[] = [];
    const observer = {
      onAttemptResponded: (answered: unknown) => seen.push(answered),
      onAttemptEnded: (ended: unknown) => seen.push(ended),
    };
    const options = { auth: bearer(KEY), observer };
    const stream = await clientAt(server.url, {}, options).stream(request());
    expect(stream.upstreamRequestId).toBe("req-[redacted]-1");
    await outcomeOf(stream);
    await using connection = await webSocketClientAt(server.url, {}, options).connect();
    expect(connection.handshake.requestId).toBe("up-[redacted]");
    expect(inspect([connection.handshake, seen], { depth: 8 })).not.toContain(KEY);
    expect(seen).toHaveLength(4);
  });

  test("as the id of a unary call", async () => {
    await using server = await startResponsesServer({
      script: [{ method: "GET", path: "/models", body: "{}", requestId: KEY }],
    });
    const client = new ModelsClient({ provider: providerAt(server.url), auth: bearer(KEY) });
    expect(await apiErrorOf(client.list("1"))).toMatchObject({ upstreamRequestId: "[redacted]" });
  });
});
