import type { Socket } from "node:net";
import { describe, expect, test } from "vitest";
import type { AttemptEnded, TransportObserver } from "@codex-ts/api";
import type { Exchange } from "@codex-ts/responses-server";
import {
  errorExchange,
  hang,
  messageExchange,
  reset,
  startResponsesServer,
} from "@codex-ts/responses-server";
import { manualClock, seededRandom, waitFor } from "@codex-ts/test-support";
import { apiErrorOf, clientAt, outcomeOf, request, retries } from "../support/client.ts";
import { completedSse } from "../support/decode.ts";
import { holdTimers } from "../support/held-timers.ts";
import { refuseEndlessly, startRawServer } from "../support/raw-server.ts";

function always(exchange: Exchange): Exchange {
  return { ...exchange, repeat: Infinity };
}

test("[api/B1] retries a 500 four times, waiting about 200, 400, 800 and 1600 ms", async () => {
  await using server = await startResponsesServer({ script: [always(errorExchange(500))] });
  for (let seed = 1; seed <= 5; seed += 1) {
    const clock = manualClock();
    const client = clientAt(server.url, {}, { sleep: clock.sleep, random: seededRandom(seed) });
    const error = await apiErrorOf(client.stream(request()));
    expect(error).toMatchObject({ code: "http_status", status: 500 });
    expect(server.requests).toHaveLength(5 * seed);
    expect(clock.sleepsMs).toHaveLength(4);
    for (const [index, waitedMs] of clock.sleepsMs.entries()) {
      const base = 200 * 2 ** index;
      expect(waitedMs).toBeGreaterThanOrEqual(Math.trunc(base * 0.9));
      expect(waitedMs).toBeLessThan(base * 1.1);
      expect(Number.isInteger(waitedMs)).toBe(true);
    }
  }
});

test("[api/B2] gives up after the last retry with that attempt's error", async () => {
  await using server = await startResponsesServer({
    script: [
      errorExchange(500, { message: "first" }),
      errorExchange(502, { message: "second", requestId: "req-2" }),
      messageExchange("never"),
    ],
  });
  const error = await apiErrorOf(clientAt(server.url, retries(1)).stream(request()));
  expect(error).toMatchObject({ status: 502, upstreamRequestId: "req-2" });
  expect(server.requests).toHaveLength(2);
});

describe("[api/B3] a connection that breaks before the headers is retried", () => {
  test("after a reset", async () => {
    await using server = await startResponsesServer({
      script: [
        { beforeStatus: [reset()], body: null },
        { beforeHeaders: [reset()], body: null },
        messageExchange("hi"),
      ],
    });
    const { error } = await outcomeOf(await clientAt(server.url).stream(request()));
    expect(error).toBeUndefined();
    expect(server.requests).toHaveLength(3);
  });

  test("after a refusal, and fails as a network error in the end", async () => {
    const server = await startRawServer(() => {});
    await server[Symbol.asyncDispose]();
    const clock = manualClock();
    const client = clientAt(server.url, retries(2), { sleep: clock.sleep });
    const error = await apiErrorOf(client.stream(request()));
    expect(error).toMatchObject({
      code: "network",
      detail: expect.stringContaining("ECONNREFUSED"),
    });
    expect(error.message).toMatch(/^network error: /);
    expect(clock.sleepsMs).toHaveLength(2);
  });

  test("after an answer that is no HTTP", async () => {
    await using server = await startRawServer((socket) => socket.end("nonsense\r\n\r\n"));
    const error = await apiErrorOf(clientAt(server.url, retries(1)).stream(request()));
    expect(error.code).toBe("network");
    expect(server.connections).toBe(2);
  });
});

test.each([
  ["100 Continue", "100 Continue"],
  ["101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: x", "another protocol"],
  ["101 Switching Protocols", "is none that HTTP allows"],
  ["000 None", "is none that HTTP allows"],
  ["099 Low\r\ncontent-length: 0", "is none that HTTP allows"],
])("an unasked %s is a network error that says so", async (head, what) => {
  await using server = await startRawServer((socket) => socket.write(`HTTP/1.1 ${head}\r\n\r\n`));
  expect(await apiErrorOf(clientAt(server.url, retries(0)).stream(request()))).toMatchObject({
    code: "network",
    detail: expect.stringContaining(what),
  });
});

test.each([400, 401, 403, 404, 408, 413, 429])("[api/B4] a %d is not retried", async (status) => {
  await using server = await startResponsesServer({ script: [errorExchange(status)] });
  const error = await apiErrorOf(clientAt(server.url).stream(request()));
  expect(error).toMatchObject({ code: "http_status", status });
  expect(server.requests).toHaveLength(1);
});

test("a 429 is retried when the provider says so", async () => {
  await using server = await startResponsesServer({
    script: [errorExchange(429), messageExchange("hi")],
  });
  const { retry } = retries(1);
  const client = clientAt(server.url, { retry: { ...retry, retry429: true } });
  expect((await outcomeOf(await client.stream(request()))).error).toBeUndefined();
});

test("[api/B5] no retries means one request", async () => {
  await using server = await startResponsesServer({ script: [errorExchange(503)] });
  await apiErrorOf(clientAt(server.url, retries(0)).stream(request()));
  expect(server.requests).toHaveLength(1);
});

async function waitsFor(
  headers: Record<string, string>,
  options: { readonly errorPolicy?: "0.140"; readonly maxRetryAfterMs?: number } = {},
): Promise<readonly number[]> {
  await using server = await startResponsesServer({
    script: [{ ...errorExchange(503), headers }, messageExchange("hi")],
  });
  const clock = manualClock(Date.parse("Tue, 01 Sep 2026 10:00:00 GMT"));
  const client = clientAt(server.url, retries(1), {
    sleep: clock.sleep,
    now: clock.now,
    random: () => 0.5,
    ...options,
  });
  await outcomeOf(await client.stream(request()));
  return clock.sleepsMs;
}

describe("Retry-After", () => {
  test.each([
    ["2", 2000],
    ["0", 0],
    ["1.5", 1500],
    ["Tue, 01 Sep 2026 10:00:07 GMT", 7000],
    ["Tue, 01 Sep 2026 09:00:00 GMT", 0],
    ["3600", 60_000],
    ["soon", 200],
    ["-5", 200],
    ["", 200],
    ["Mon, 99 Foo 2026 soon", 200],
    ["2 seconds", 200],
    ["2, 3", 200],
    ["1e3", 200],
    ["NaN", 200],
    ["0x10", 200],
    ["9".repeat(400), 60_000],
  ])("[api/B6] %j after a 503 waits %d ms", async (value, waitMs) => {
    expect(await waitsFor({ "retry-after": value })).toEqual([waitMs]);
  });

  test("[api/B6] the longest wait is configurable", async () => {
    expect(await waitsFor({ "retry-after": "3600" }, { maxRetryAfterMs: 90_000 })).toEqual([
      90_000,
    ]);
  });

  test("[api/B6] is ignored under the policy of 0.140", async () => {
    expect(await waitsFor({ "retry-after": "2" }, { errorPolicy: "0.140" })).toEqual([200]);
  });

  test("[api/B7] retry-after-ms is ignored", async () => {
    expect(await waitsFor({ "retry-after-ms": "5" })).toEqual([200]);
  });
});

describe("the wait for response headers", () => {
  test("is bounded, reported as a timeout, and retried", async () => {
    await using server = await startResponsesServer({
      script: [{ beforeStatus: [hang()], body: null }, messageExchange("hi")],
    });
    const client = clientAt(server.url, { ...retries(1), firstResponseTimeoutMs: 40 });
    using time = holdTimers();
    const opening = client.stream(request());
    await server.waitFor(() => server.requests.length === 1);
    await time.advance(39);
    expect(server.requests).toHaveLength(1);
    await time.advance(1);
    expect((await outcomeOf(await opening)).error).toBeUndefined();
    expect(server.requests).toHaveLength(2);
    await server.waitFor(() => server.exchanges[0]?.clientGone);
  });

  test("defaults to the idle timeout of the stream", async () => {
    await using server = await startResponsesServer({
      script: [{ beforeHeaders: [hang()], body: null }],
    });
    const client = clientAt(server.url, {
      ...retries(0),
      streamIdleTimeoutMs: 40,
      firstResponseTimeoutMs: undefined,
    });
    using time = holdTimers();
    const failing = apiErrorOf(client.stream(request()));
    await server.waitFor(() => server.requests.length === 1);
    await time.advance(40);
    expect(await failing).toMatchObject({ code: "timeout", message: "timeout" });
  });

  test("a refusal whose page is endless is read up to 4 MiB, then the socket is closed", async () => {
    const sockets: Socket[] = [];
    await using server = await startRawServer((socket) => {
      sockets.push(socket);
      refuseEndlessly(socket);
    });
    const error = await apiErrorOf(clientAt(server.url, retries(0)).stream(request()));
    expect(error).toMatchObject({ code: "http_status", status: 403 });
    expect((error as { bodyText?: string }).bodyText).toHaveLength(4 * 1024 * 1024);
    await waitFor(() => sockets[0]?.destroyed);
  });

  test("an early hint is not the answer", async () => {
    await using server = await startRawServer((socket) =>
      socket.end(
        `HTTP/1.1 103 Early Hints\r\nx-request-id: hint\r\n\r\nHTTP/1.1 200 OK\r\nx-request-id: req-1\r\n\r\n${completedSse}`,
      ),
    );
    const stream = await clientAt(server.url, retries(0)).stream(request());
    expect(stream.upstreamRequestId).toBe("req-1");
    expect((await outcomeOf(stream)).error).toBeUndefined();
  });

  test("a refusal whose page does not end is still that refusal", async () => {
    await using server = await startRawServer((socket) =>
      socket.write("HTTP/1.1 403 Forbidden\r\nx-request-id: req-1\r\ncontent-length: 10\r\n\r\nno"),
    );
    let responded = 0;
    const observer = { onAttemptResponded: () => (responded += 1) };
    const provider = { ...retries(0), firstResponseTimeoutMs: 40 };
    using time = holdTimers();
    const failing = apiErrorOf(clientAt(server.url, provider, { observer }).stream(request()));
    await waitFor(() => responded === 1);
    await time.advance(40);
    expect(await failing).toMatchObject({
      code: "http_status",
      status: 403,
      upstreamRequestId: "req-1",
      bodyText: "no",
    });
  });
});

test("[api/B8] an observer sees every attempt with its number, status and decision", async () => {
  await using server = await startResponsesServer({
    script: [
      errorExchange(500, { requestId: "req-a" }),
      { beforeStatus: [reset()], body: null },
      messageExchange("hi", { requestId: "req-c" }),
    ],
  });
  const ended: AttemptEnded[] = [];
  const responded: (number | undefined)[] = [];
  const observer: TransportObserver = {
    onAttemptResponded: (attempt) => responded.push(attempt.status),
    onAttemptEnded: (attempt) => ended.push(attempt),
  };
  await outcomeOf(
    await clientAt(server.url, {}, { observer, random: () => 0.5 }).stream(request()),
  );
  expect(responded).toEqual([500, 200]);
  expect(ended).toMatchObject([
    {
      attemptNumber: 0,
      status: 500,
      outcome: "failed",
      error: { code: "http_status" },
      upstreamRequestId: "req-a",
      retry: { willRetry: true, delayMs: 200, reason: "status_5xx", delaySource: "backoff" },
    },
    {
      attemptNumber: 1,
      status: undefined,
      outcome: "failed",
      error: { code: "network" },
      retry: { willRetry: true, delayMs: 400, reason: "network" },
    },
    {
      attemptNumber: 2,
      status: 200,
      outcome: "completed",
      error: undefined,
      upstreamRequestId: "req-c",
      retry: { willRetry: false, reason: "not_needed" },
    },
  ]);
  expect(new Set(ended.map((attempt) => attempt.attemptId)).size).toBe(3);
});
