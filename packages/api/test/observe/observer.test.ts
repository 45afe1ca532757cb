import { setImmediate } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import type {
  AttemptResponded,
  AttemptEnded,
  AttemptStarted,
  AuthProvider,
  ClientOptions,
  TransportObserver,
} from "@codex-ts/api";
import { ModelsClient, networkFromEnvironment } from "@codex-ts/api";
import {
  created,
  hang,
  messageExchange,
  modelsExchange,
  startResponsesServer,
} from "@codex-ts/responses-server";
import { manualClock, waitFor } from "@codex-ts/test-support";
import { Agent } from "undici";
import { bearer, clientAt, outcomeOf, providerAt, request } from "../support/client.ts";
import { holdTimers } from "../support/held-timers.ts";

interface Seen {
  readonly order: string[];
  readonly started: AttemptStarted[];
  readonly responded: AttemptResponded[];
  readonly ended: AttemptEnded[];
}

function recording(): TransportObserver & { readonly seen: Seen } {
  const seen: Seen = { order: [], started: [], responded: [], ended: [] };
  return {
    seen,
    onAttemptStarted(attempt) {
      seen.order.push("started");
      seen.started.push(attempt);
    },
    onAttemptResponded(attempt) {
      seen.order.push("responded");
      seen.responded.push(attempt);
    },
    onStreamPolled() {
      if (seen.order.at(-1) !== "polled") seen.order.push("polled");
    },
    onAttemptEnded(attempt) {
      seen.order.push("ended");
      seen.ended.push(attempt);
    },
  };
}

test("an attempt is told in order, with every fact, and without a secret", async () => {
  await using server = await startResponsesServer({
    script: [
      {
        ...messageExchange("hello", { requestId: "req-1" }),
        headers: { "set-cookie": "session=secret", "x-echo": "Bearer sk-secret-value" },
      },
    ],
  });
  const observer = recording();
  const client = clientAt(
    server.url,
    {
      headers: [
        ["x-from-environment", "environment-secret"],
        ["version", "1.2.3"],
      ],
      queryParams: { "api-version": "1", sig: "query-secret" },
    },
    { auth: bearer("sk-secret-value"), observer },
  );
  await outcomeOf(await client.stream(request(), { headers: [["session-id", "s"]] }));
  const { seen } = observer;
  expect(seen.order).toEqual(["started", "responded", "polled", "ended"]);
  expect(seen.started).toMatchObject([
    {
      transport: "http",
      endpoint: "responses",
      attemptNumber: 0,
      method: "POST",
      requestBytes: server.requests[0]?.bodyBytes.length,
    },
  ]);
  expect(seen.started[0]?.url).toMatch(/\/v1\/responses\?api-version=1&sig=%5Bredacted%5D$/);
  expect(seen.started[0]?.requestHeaders).toEqual([
    ["x-from-environment", "[redacted]"],
    ["version", "1.2.3"],
    ["session-id", "s"],
    ["accept", "text/event-stream"],
    ["authorization", "[redacted]"],
    ["content-type", "application/json"],
  ]);
  expect(seen.responded).toMatchObject([{ status: 200, upstreamRequestId: "req-1" }]);
  expect(Object.fromEntries(seen.ended[0]?.responseHeaders ?? [])).toMatchObject({
    "set-cookie": "[redacted]",
    "x-echo": "Bearer [redacted]",
    "x-request-id": "req-1",
  });
  const [ended] = seen.ended;
  const times = [
    ended?.queuedAtMs,
    ended?.connectedAtMs,
    ended?.headersAtMs,
    ended?.firstEventAtMs,
    ended?.lastEventAtMs,
    ended?.endedAtMs,
  ].map(Number);
  expect(times).toEqual(times.toSorted((a, b) => a - b));
  expect(ended).toMatchObject({
    outcome: "completed",
    responseBytes: server.exchanges[0]?.bytesWritten,
    eventCount: server.exchanges[0]?.eventsSent,
    idleTimeout: false,
    redirects: 0,
    closeCode: undefined,
  });
  expect(JSON.stringify(seen)).not.toMatch(/secret-value|environment-secret|query-secret|=secret/);
});

test("it is told whether an open connection was used again", async () => {
  await using server = await startResponsesServer({
    script: [{ ...messageExchange("hi"), repeat: Infinity }],
  });
  const observer = recording();
  const { dispatcher } = networkFromEnvironment({});
  const client = clientAt(server.url, {}, { observer, dispatcher });
  for (let turn = 0; turn < 3; turn += 1) {
    await outcomeOf(await client.stream(request()));
    await server.waitFor(() => server.exchanges[turn]?.state === "ended");
    // The end of the answer is in the socket; two turns of the event loop read it, and the connection is free.
    await setImmediate();
    await setImmediate();
  }
  expect(observer.seen.ended.map((attempt) => attempt.connectionReused)).toEqual([
    false,
    true,
    true,
  ]);
  await dispatcher.close();
});

test("an attempt is queued before its credentials are there", async () => {
  await using server = await startResponsesServer({ script: [messageExchange("hi")] });
  const observer = recording();
  const clock = manualClock(1000);
  const auth: AuthProvider = {
    addAuthHeaders() {},
    applyAuth: (sent) => {
      clock.advance(500);
      return Promise.resolve(sent);
    },
  };
  const client = clientAt(server.url, {}, { observer, auth, now: clock.now });
  await outcomeOf(await client.stream(request()));
  expect(observer.seen.ended).toMatchObject([{ queuedAtMs: 1000, connectedAtMs: 1500 }]);
});

test("an idle timeout is a fact of its attempt", async () => {
  await using server = await startResponsesServer({ script: [{ events: [created(), hang()] }] });
  const observer = recording();
  const client = clientAt(server.url, { streamIdleTimeoutMs: 100 }, { observer });
  using time = holdTimers();
  const outcome = outcomeOf(await client.stream(request()));
  await waitFor(() => observer.seen.order.at(-1) === "polled");
  await time.advance(100);
  await outcome;
  expect(observer.seen.ended).toMatchObject([
    {
      outcome: "failed",
      idleTimeout: true,
      error: { code: "stream", reason: "idle_timeout" },
      retry: { willRetry: false, reason: "stream_began" },
    },
  ]);
});

test("an observer of a call sees that call only, beside the client's", async () => {
  await using server = await startResponsesServer({
    script: [{ ...messageExchange("hi"), repeat: Infinity }],
  });
  const [ofClient, ofCall] = [recording(), recording()];
  const client = clientAt(server.url, {}, { observer: ofClient });
  await outcomeOf(await client.stream(request()));
  await outcomeOf(await client.stream(request(), { observer: ofCall }));
  expect(ofClient.seen.ended).toHaveLength(2);
  expect(ofCall.seen.ended).toEqual([ofClient.seen.ended[1]]);
});

test("what an observer throws breaks nothing", async () => {
  await using server = await startResponsesServer({ script: [messageExchange("hi")] });
  const fail = (): never => {
    throw new Error("a mistake in the observer");
  };
  const observer: TransportObserver = {
    onAttemptStarted: fail,
    onAttemptResponded: fail,
    onStreamPolled: fail,
    onAttemptEnded: fail,
  };
  const { error } = await outcomeOf(await clientAt(server.url, {}, { observer }).stream(request()));
  expect(error).toBeUndefined();
});

describe("unary calls", () => {
  test("are told with their endpoint", async () => {
    await using server = await startResponsesServer({ script: [modelsExchange([])] });
    const observer = recording();
    const options: ClientOptions = {
      provider: providerAt(server.url),
      auth: bearer("t"),
      dispatcher: new Agent(),
      observer,
    };
    await new ModelsClient(options).list("1");
    expect(observer.seen.ended).toMatchObject([
      { endpoint: "models", method: "GET", requestBytes: 0, outcome: "completed", status: 200 },
    ]);
    expect(observer.seen.ended[0]?.responseBytes).toBeGreaterThan(0);
  });
});
