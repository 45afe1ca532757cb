import { getEventListeners } from "node:events";
import { describe, expect, test } from "vitest";
import type { AttemptEnded, AuthProvider, StreamPoll } from "@codex-ts/api";
import { streamFromFixture } from "@codex-ts/api";
import type { ResponsesServer } from "@codex-ts/responses-server";
import {
  created,
  failed,
  gate,
  hang,
  messageExchange,
  rawEvent,
  startResponsesServer,
  textDelta,
} from "@codex-ts/responses-server";
import { waitFor } from "@codex-ts/test-support";
import { Agent } from "undici";
import { bodyEvents, clientAt, outcomeOf, request, retries } from "../support/client.ts";
import { bytesInUse } from "../support/collect-garbage.ts";
import { holdTimers } from "../support/held-timers.ts";
import { startHeadRecorder } from "../support/head-recorder.ts";
import { waitUntilBlocked } from "../support/writes-blocked.ts";
import { completedEvent, completedSse, delta, deltas, eventTypes, sse } from "../support/decode.ts";

/** Deltas of one size, then the end. */
function* manyDeltas(count: number, sizeBytes: number) {
  const text = "x".repeat(sizeBytes);
  for (let index = 0; index < count; index += 1) yield textDelta(text);
  yield rawEvent(completedEvent);
}

describe("the queue between socket and consumer", () => {
  test("[api/H1] reading stops at 1600 events and goes on when some are taken", async () => {
    const polls: StreamPoll[] = [];
    await using server = await startResponsesServer({
      script: [{ openaiModel: null, events: manyDeltas(4000, 4000) }],
    });
    const client = clientAt(
      server.url,
      {},
      { observer: { onStreamPolled: (poll) => polls.push(poll) } },
    );
    const stream = await client.stream(request());
    await waitUntilBlocked(server);
    // One more event came from the headers.
    expect(polls.length + 1).toBeGreaterThanOrEqual(1600);
    // What is over is the rest of the chunk that was being read.
    expect(polls.length).toBeLessThan(1700);
    const outcome = await outcomeOf(stream);
    expect(deltas(outcome)).toHaveLength(4000);
    expect(outcome.error).toBeUndefined();
  });

  test("[api/H1] reading stops at 8 MiB, and memory stays small with 100 MB to come", async () => {
    const count = 1600;
    await using server = await startResponsesServer({
      script: [{ events: manyDeltas(count, 64 * 1024) }],
    });
    const stream = await clientAt(server.url).stream(request());
    const before = bytesInUse();
    const writtenBytes = await waitUntilBlocked(server);
    expect(writtenBytes).toBeLessThan(32 * 1024 * 1024);
    expect(bytesInUse() - before).toBeLessThan(32 * 1024 * 1024);
    let received = 0;
    for await (const event of stream) {
      if (event.type === "outputTextDelta") received += 1;
      // The reading was held up several times by now.
      if (received === 500) break;
    }
    expect(received).toBe(500);
  });

  test("a stream is read before anybody asks for events", async () => {
    const ended: AttemptEnded[] = [];
    await using server = await startResponsesServer({ script: [messageExchange("hi")] });
    const observer = { onAttemptEnded: (attempt: AttemptEnded) => ended.push(attempt) };
    const stream = await clientAt(server.url, {}, { observer }).stream(request());
    await waitFor(() => ended.length === 1);
    expect(deltas(await outcomeOf(stream))).toEqual(["hi"]);
  });
});

async function openStream(server: ResponsesServer, ended: AttemptEnded[], signal?: AbortSignal) {
  const client = clientAt(server.url, {}, { observer: { onAttemptEnded: (a) => ended.push(a) } });
  return client.stream(request(), { signal });
}

function hanging() {
  return { script: [{ requestId: "req-1", events: [created(), textDelta("a"), hang()] }] };
}

describe("leaving a stream early", () => {
  test("[api/H2] break closes the connection", async () => {
    await using server = await startResponsesServer(hanging());
    const ended: AttemptEnded[] = [];
    for await (const event of await openStream(server, ended)) {
      if (event.type === "outputTextDelta") break;
    }
    await server.waitFor(() => server.exchanges[0]?.clientGone);
    expect(ended).toMatchObject([
      { outcome: "cancelled", upstreamRequestId: "req-1", status: 200 },
    ]);
  });

  test("[api/H2] disposing closes the connection, twice does no harm", async () => {
    await using server = await startResponsesServer(hanging());
    const ended: AttemptEnded[] = [];
    const stream = await openStream(server, ended);
    const next = stream[Symbol.asyncIterator]();
    await stream[Symbol.asyncDispose]();
    await stream[Symbol.asyncDispose]();
    expect(await next.next()).toEqual({ value: undefined, done: true });
    await server.waitFor(() => server.exchanges[0]?.clientGone);
    expect(ended).toHaveLength(1);
  });

  test("[api/H2] disposing settles a consumer that waits", async () => {
    await using server = await startResponsesServer(hanging());
    const stream = await openStream(server, []);
    const collected = outcomeOf(stream);
    await server.waitFor(() => server.exchanges[0]?.eventsSent === 2);
    await stream[Symbol.asyncDispose]();
    expect((await collected).error).toBeUndefined();
  });

  test("[api/H2] aborting rejects with the signal's own reason", async () => {
    await using server = await startResponsesServer(hanging());
    const ended: AttemptEnded[] = [];
    const controller = new AbortController();
    const stream = await openStream(server, ended, controller.signal);
    const collected = outcomeOf(stream);
    const reason = new Error("the user pressed escape");
    controller.abort(reason);
    await expect(collected).rejects.toBe(reason);
    await server.waitFor(() => server.exchanges[0]?.clientGone);
    expect(ended).toMatchObject([{ outcome: "cancelled" }]);
  });

  test("an aborted signal sends nothing", async () => {
    await using server = await startResponsesServer({ script: [] });
    const stopped = AbortSignal.abort(new Error("stop"));
    await expect(openStream(server, [], stopped)).rejects.toThrow("stop");
    expect(server.requests).toHaveLength(0);
  });

  test.each([
    ["while waiting for headers", { beforeStatus: [hang()], body: null }],
    ["while reading an error page", { status: 500, events: [hang()] }],
  ] as const)("aborting %s closes the socket and reports once", async (_name, exchange) => {
    await using server = await startResponsesServer({ script: [exchange] });
    const ended: AttemptEnded[] = [];
    const controller = new AbortController();
    const opening = openStream(server, ended, controller.signal);
    await server.waitForRequest(1);
    controller.abort(new Error("stop"));
    await expect(opening).rejects.toThrow("stop");
    await server.waitFor(() => server.exchanges[0]?.clientGone);
    expect(ended).toMatchObject([{ outcome: "cancelled", retry: { reason: "cancelled" } }]);
  });

  test("aborting while waiting between retries sends nothing more", async () => {
    await using server = await startResponsesServer({
      script: [{ status: 500, body: null, repeat: Infinity }],
    });
    const controller = new AbortController();
    const client = clientAt(server.url, retries(4), {
      sleep: async () => {
        controller.abort(new Error("stop"));
      },
    });
    await expect(client.stream(request(), { signal: controller.signal })).rejects.toThrow("stop");
    expect(server.requests).toHaveLength(1);
  });

  test("aborting while the auth provider works does not wait for it", async () => {
    await using server = await startResponsesServer({ script: [] });
    const controller = new AbortController();
    const auth = {
      addAuthHeaders() {},
      applyAuth: () => {
        controller.abort(new Error("stop"));
        return new Promise<never>(() => {});
      },
    };
    const ended: AttemptEnded[] = [];
    const observer = { onAttemptEnded: (attempt: AttemptEnded) => ended.push(attempt) };
    const client = clientAt(server.url, {}, { auth, observer });
    await expect(client.stream(request(), { signal: controller.signal })).rejects.toThrow("stop");
    expect(server.requests).toHaveLength(0);
    expect(ended).toMatchObject([{ outcome: "cancelled" }]);
  });
});

describe("an abort that comes", () => {
  /** Runs `abort` some turns of the microtask queue from now. */
  async function afterMicrotasks(count: number, abort: () => void): Promise<void> {
    for (let turn = 0; turn < count; turn += 1) await Promise.resolve();
    abort();
  }

  test.each(Array.from({ length: 12 }, (_, turns) => turns))(
    "%d turns after the credentials is heeded",
    async (turns) => {
      await using server = await startResponsesServer(hanging());
      const ended: AttemptEnded[] = [];
      const controller = new AbortController();
      const reason = new Error("stop");
      const auth: AuthProvider = {
        addAuthHeaders() {},
        applyAuth: (sent) => {
          void afterMicrotasks(turns, () => controller.abort(reason));
          return Promise.resolve(sent);
        },
      };
      const observer = { onAttemptEnded: (attempt: AttemptEnded) => ended.push(attempt) };
      const client = clientAt(server.url, {}, { auth, observer });
      await expect(client.stream(request(), { signal: controller.signal })).rejects.toBe(reason);
      expect(ended).toMatchObject([{ outcome: "cancelled" }]);
    },
  );

  test("before a fixture is read is heeded", () => {
    const signal = AbortSignal.abort(new Error("stop"));
    expect(() => streamFromFixture("", { signal })).toThrow("stop");
  });
});

test.each(["completed", "left", "failed"])(
  "a stream that is %s leaves no listener on the signal",
  async (way) => {
    const events = way === "completed" ? [rawEvent(completedEvent)] : [created()];
    await using server = await startResponsesServer({
      script: [{ events: way === "left" ? [created(), hang()] : events }],
    });
    const { signal } = new AbortController();
    const stream = await openStream(server, [], signal);
    if (way === "left") await stream[Symbol.asyncDispose]();
    else await outcomeOf(stream);
    expect(getEventListeners(signal, "abort")).toEqual([]);
  },
);

test("[api/H3] what was read before an error comes first, then the error, then the end", async () => {
  await using server = await startResponsesServer({
    script: [
      {
        openaiModel: null,
        events: [
          textDelta("a"),
          textDelta("b"),
          failed({ code: "insufficient_quota", message: "m" }),
        ],
      },
    ],
  });
  const stream = await clientAt(server.url).stream(request());
  await server.waitFor(() => server.exchanges[0]?.state !== "playing");
  const events = stream[Symbol.asyncIterator]();
  const seen: unknown[] = [];
  for (let index = 0; index < 3; index += 1) seen.push((await events.next()).value);
  expect(bodyEvents(seen as never)).toEqual([
    { type: "outputTextDelta", delta: "a" },
    { type: "outputTextDelta", delta: "b" },
  ]);
  await expect(events.next()).rejects.toMatchObject({ code: "quota_exceeded" });
  expect(await events.next()).toEqual({ value: undefined, done: true });
});

test("a stream is iterated once", async () => {
  const stream = streamFromFixture("");
  await outcomeOf(stream);
  expect(() => stream[Symbol.asyncIterator]()).toThrow(TypeError);
});

describe("a fixture stream", () => {
  const fixture = [
    "event: x",
    ...[delta("a"), completedEvent].map((event) => `data: ${JSON.stringify(event)}`),
  ];

  test("[api/H4] has no request id and no header events", async () => {
    const stream = streamFromFixture(fixture.join("\n"));
    expect(stream.upstreamRequestId).toBeUndefined();
    const outcome = await outcomeOf(stream);
    expect(eventTypes(outcome.events)).toEqual(["outputTextDelta", "completed"]);
  });

  test("is as long as its text", async () => {
    const lines = Array.from({ length: 5000 }, () => `data: ${JSON.stringify(delta("x"))}`);
    const outcome = await outcomeOf(streamFromFixture(lines.join("\n")));
    expect(deltas(outcome)).toHaveLength(5000);
    expect(outcome.error).toMatchObject({ reason: "closed_early" });
  });
});

describe("[api/H5] every wait is reported once", () => {
  test.each([
    ["event, event, end", [created(), textDelta("a")], "end", 10_000],
    ["event, event, idle timeout", [created(), textDelta("a"), hang()], "idle_timeout", 150],
  ] as const)("%s", async (_name, events, last, streamIdleTimeoutMs) => {
    const polls: StreamPoll[] = [];
    await using server = await startResponsesServer({ script: [{ events }] });
    using time = holdTimers();
    const client = clientAt(
      server.url,
      { streamIdleTimeoutMs },
      {
        observer: { onStreamPolled: (poll) => polls.push(poll) },
      },
    );
    const outcome = outcomeOf(await client.stream(request()));
    await waitFor(() => polls.length >= 2);
    await time.advance(150);
    await outcome;
    expect(polls.map((poll) => poll.outcome)).toEqual(["event", "event", last]);
    expect(polls[1]).toMatchObject({ eventName: "response.output_text.delta" });
    expect(JSON.parse(polls[1]?.data ?? "")).toMatchObject({ delta: "a" });
  });

  test("an error", async () => {
    const polls: StreamPoll[] = [];
    await using server = await startResponsesServer({
      script: [{ events: [created(), gate("seen"), { step: "disconnect" }] }],
    });
    const client = clientAt(
      server.url,
      {},
      { observer: { onStreamPolled: (poll) => polls.push(poll) } },
    );
    const collected = outcomeOf(await client.stream(request()));
    await waitFor(() => polls.length === 1);
    server.release("seen");
    await collected;
    expect(polls.map((poll) => poll.outcome)).toEqual(["event", "error"]);
  });
});

test("a connection is used again after a response, and no timer is left", async () => {
  await using server = await startResponsesServer({
    script: [{ ...messageExchange("hi"), repeat: Infinity }],
  });
  const sockets = new Set<number | undefined>();
  const dispatcher = new Agent({ connections: 1 });
  dispatcher.on("connect", () => sockets.add(sockets.size));
  const timersBefore = activeTimers();
  const client = clientAt(server.url, {}, { dispatcher });
  for (let turn = 0; turn < 3; turn += 1) {
    await outcomeOf(await client.stream(request()));
    await server.waitFor(() => server.exchanges[turn]?.state === "ended");
  }
  await dispatcher.close();
  expect(server.requests).toHaveLength(3);
  expect(sockets.size).toBe(1);
  expect(activeTimers()).toBeLessThanOrEqual(timersBefore);
});

test("a connection is used again after a response that filled the queue to its end", async () => {
  const small = sse({ type: "response.created", response: {} });
  await using server = await startHeadRecorder(small.repeat(1600) + completedSse);
  let ended = 0;
  const client = clientAt(server.url, {}, { observer: { onAttemptEnded: () => (ended += 1) } });
  using time = holdTimers();
  const first = await client.stream(request());
  await waitFor(() => ended === 1);
  // As long as the rest of an answer is waited for.
  await time.advance(99);
  const second = await client.stream(request());
  expect((await outcomeOf(first)).events).toHaveLength(1602);
  expect((await outcomeOf(second)).error).toBeUndefined();
  expect(server.connections).toBe(1);
});

test("the timeouts of a dispatcher do not count: each request switches them off", async () => {
  await using server = await startResponsesServer({ script: [messageExchange("hi")] });
  const asked: unknown[] = [];
  const dispatcher = new Agent().compose((dispatch) => (options, handler) => {
    asked.push(options);
    return dispatch(options, handler);
  });
  await outcomeOf(await clientAt(server.url, {}, { dispatcher }).stream(request()));
  expect(asked).toMatchObject([{ headersTimeout: 0, bodyTimeout: 0 }]);
  await dispatcher.close();
});

test("a server that does not end its answer keeps no process alive", async () => {
  await using server = await startResponsesServer({
    script: [{ events: [rawEvent(completedEvent), hang()] }],
  });
  const timersBefore = activeTimers();
  await outcomeOf(await clientAt(server.url).stream(request()));
  expect(activeTimers()).toBeLessThanOrEqual(timersBefore);
});

function activeTimers(): number {
  return process.getActiveResourcesInfo().filter((name) => name === "Timeout").length;
}
