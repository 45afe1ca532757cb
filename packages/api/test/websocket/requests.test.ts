import { describe, expect, test } from "vitest";
import type { AttemptEnded, ErrorPolicy } from "@codex-ts/api";
import { TurnState } from "@codex-ts/api";
import type { JsonObject } from "@codex-ts/protocol";
import type { ReceivedFrame, Step } from "@codex-ts/responses-server";
import {
  bytes,
  close,
  connectionLimitReached,
  created,
  disconnect,
  failed,
  gate,
  hang,
  messageExchange,
  metadata,
  ping,
  rateLimits,
  rawEvent,
  reset,
  startResponsesServer,
  textDelta,
  wrappedError,
} from "@codex-ts/responses-server";
import { manualClock, waitFor } from "@codex-ts/test-support";
import type { Outcome } from "../support/client.ts";
import { apiErrorOf, outcomeOf } from "../support/client.ts";
import { completedEvent, deltas, eventTypes } from "../support/decode.ts";
import { holdTimers } from "../support/held-timers.ts";
import { waitUntilBlocked } from "../support/writes-blocked.ts";
import { frame, webSocketClientAt } from "../support/websocket.ts";

describe("[api/I2] the request frame", () => {
  test("is one text message with the type first and a stamp of when it was sent", async () => {
    await using server = await startResponsesServer({ script: [messageExchange("hi")] });
    const clock = manualClock(1_800_000_000_000);
    const client = webSocketClientAt(server.url, {}, { now: clock.now });
    await using connection = await client.connect();
    const metadataGiven = { "x-codex-window-id": "w:0" };
    await outcomeOf(await connection.stream(frame({ client_metadata: metadataGiven })));
    const [connected] = server.connections;
    expect(connected?.frames.map((received) => received.kind)).toEqual(["text"]);
    const body = server.requests[0]?.body as JsonObject;
    expect(Object.keys(body)).toEqual(
      "type model instructions input tools tool_choice parallel_tool_calls reasoning store stream include client_metadata".split(
        " ",
      ),
    );
    expect(body["type"]).toBe("response.create");
    expect(body["client_metadata"]).toEqual({
      "x-codex-window-id": "w:0",
      "x-codex-ws-stream-request-start-ms": "1800000000000",
    });
  });

  test("has previous_response_id behind the instructions and generate before the metadata, when set", async () => {
    await using server = await startResponsesServer({
      script: [messageExchange("hi")],
      warmUps: "script",
    });
    await using connection = await webSocketClientAt(server.url).connect();
    const sent = frame({ previous_response_id: "resp_0", generate: false, input: [] });
    await outcomeOf(await connection.stream(sent));
    const keys = Object.keys(server.requests[0]?.body as JsonObject);
    expect(keys.slice(0, 5)).toEqual([
      "type",
      "model",
      "instructions",
      "previous_response_id",
      "input",
    ]);
    expect(keys.slice(-2)).toEqual(["generate", "client_metadata"]);
  });
});

test("[api/I17] one connection serves requests one after the other", async () => {
  await using server = await startResponsesServer({
    script: [
      { events: [created("resp_1"), gate("go"), rawEvent(completedEvent)] },
      messageExchange("two"),
    ],
  });
  await using connection = await webSocketClientAt(server.url).connect();
  const first = await connection.stream(frame());
  const second = connection.stream(frame());
  await server.waitForGate("go");
  expect(server.requests).toHaveLength(1);
  server.release("go");
  expect((await outcomeOf(first)).error).toBeUndefined();
  expect(deltas(await outcomeOf(await second))).toEqual(["two"]);
  expect(server.connections).toHaveLength(1);
});

test("a request that waits for its turn can be aborted without harm to the others", async () => {
  await using server = await startResponsesServer({
    script: [
      { events: [created(), gate("go"), rawEvent(completedEvent)] },
      messageExchange("three"),
    ],
  });
  await using connection = await webSocketClientAt(server.url).connect();
  const first = await connection.stream(frame());
  const controller = new AbortController();
  const second = connection.stream(frame(), { signal: controller.signal });
  const third = connection.stream(frame());
  controller.abort(new Error("stop"));
  await expect(second).rejects.toThrow("stop");
  server.release("go");
  await outcomeOf(first);
  expect(deltas(await outcomeOf(await third))).toEqual(["three"]);
  expect(server.requests).toHaveLength(2);
});

test("the observer sees requests that wait, and those that are never sent", async () => {
  await using server = await startResponsesServer({
    script: [
      { events: [created(), gate("go"), rawEvent(completedEvent)] },
      messageExchange("third"),
    ],
  });
  const clock = manualClock(1000);
  const ended: AttemptEnded[] = [];
  const observer = { onAttemptEnded: (attempt: AttemptEnded) => ended.push(attempt) };
  const client = webSocketClientAt(server.url, {}, { observer, now: clock.now });
  const connection = await client.connect();
  const first = await connection.stream(frame());
  const controller = new AbortController();
  const second = connection.stream(frame(), { signal: controller.signal });
  const third = connection.stream(frame());
  controller.abort(new Error("stop"));
  await expect(second).rejects.toThrow("stop");
  clock.advance(500);
  server.release("go");
  await outcomeOf(first);
  await outcomeOf(await third);
  await connection.close();
  const closed = await apiErrorOf(connection.stream(frame()));
  expect(ended.slice(1)).toMatchObject([
    { outcome: "cancelled", requestBytes: 0, connectedAtMs: undefined },
    { outcome: "completed", queuedAtMs: 1000, connectedAtMs: 1000 },
    { outcome: "completed", queuedAtMs: 1000, connectedAtMs: 1500 },
    { outcome: "failed", error: closed, requestBytes: 0, queuedAtMs: 1500 },
  ]);
});

describe("[api/I8] pings", () => {
  test("are answered with the same payload, between requests and within them", async () => {
    await using server = await startResponsesServer({
      script: [{ events: [created(), ping("busy"), gate("go"), rawEvent(completedEvent)] }],
    });
    await using connection = await webSocketClientAt(server.url).connect();
    const [connected] = server.connections;
    connected?.ping("idle");
    const pongs = (): string[] =>
      (connected?.frames ?? []).flatMap(({ kind, text }) => (kind === "pong" ? text : []));
    await server.waitFor(() => pongs().length === 1);
    const stream = await connection.stream(frame());
    await server.waitFor(() => pongs().length === 2);
    expect(pongs()).toEqual(["idle", "busy"]);
    server.release("go");
    expect((await outcomeOf(stream)).error).toBeUndefined();
  });

  test("do not keep a silent response alive", async () => {
    await using server = await startResponsesServer({ script: [{ events: [created(), hang()] }] });
    let seen = 0;
    const observer = { onStreamPolled: () => (seen += 1) };
    const client = webSocketClientAt(server.url, { streamIdleTimeoutMs: 80 }, { observer });
    await using connection = await client.connect();
    using time = holdTimers();
    const outcome = outcomeOf(await connection.stream(frame()));
    await waitFor(() => seen === 1);
    const [connected] = server.connections;
    for (let part = 1; part <= 4; part += 1) {
      connected?.ping("x");
      await server.waitFor(() => connected?.frames.filter(isPong).length === part);
      await time.advance(20);
    }
    expect((await outcome).error?.message).toBe("idle timeout waiting for websocket");
  });
});

async function outcomeOfSteps(
  events: readonly Step[],
  errorPolicy: ErrorPolicy = "0.169",
): Promise<Outcome & { readonly closeCode: number | undefined }> {
  await using server = await startResponsesServer({ script: [{ transport: "websocket", events }] });
  const client = webSocketClientAt(server.url, { streamIdleTimeoutMs: 10_000 }, { errorPolicy });
  await using connection = await client.connect();
  const outcome = await outcomeOf(await connection.stream(frame()));
  const seen = outcome.error === undefined ? undefined : await droppedCode(server);
  return { ...outcome, closeCode: seen };
}

/** The close code the server saw when the client dropped the connection. */
async function droppedCode(
  server: Awaited<ReturnType<typeof startResponsesServer>>,
): Promise<number | undefined> {
  return server.waitFor(() => server.connections[0]?.closeCode);
}

const CLOSED = "websocket closed by server before response.completed";

describe("[api/I9] how a connection can break", () => {
  test.each([
    ["a binary message", bytes(new Uint8Array([1])), "unexpected binary websocket event"],
    ["a close frame 1000", close(1000), `${CLOSED} (close code 1000)`],
    ["a close frame 1011", close(1011), `${CLOSED} (close code 1011)`],
    [
      "a close frame with a reason",
      close(1013, "try later"),
      `${CLOSED} (close code 1013: try later)`,
    ],
    [
      "a reason with control characters",
      close(4001, "a\u001b[31mb\nc"),
      `${CLOSED} (close code 4001: ab c)`,
    ],
    ["a close frame without code", close(), `${CLOSED} (no close code)`],
    ["an end without a close frame", disconnect(), "stream closed before response.completed"],
  ] as const)("%s", async (_name, step, message) => {
    const { events, error } = await outcomeOfSteps([created(), textDelta("a"), step]);
    expect(events.map((event) => event.type)).toEqual(["created", "outputTextDelta"]);
    expect(error).toMatchObject({ code: "stream", message });
  });

  test("a reset", async () => {
    await using server = await startResponsesServer({
      script: [{ events: [created(), gate("read"), reset()] }],
    });
    await using connection = await webSocketClientAt(server.url).connect();
    const stream = await connection.stream(frame());
    const collected = outcomeOf(stream);
    await server.waitForGate("read");
    server.release("read");
    const { error } = await collected;
    expect(error).toMatchObject({ code: "stream", reason: "connection_lost" });
    expect(error?.message).toMatch(/^IO error: /);
  });

  test("the close code is a fact of the error", async () => {
    const { error } = await outcomeOfSteps([close(1011, "overloaded")]);
    expect(error).toMatchObject({
      reason: "connection_closed",
      closeCode: 1011,
      closeReason: "overloaded",
    });
  });

  test("a message over the limit is a typed error", async () => {
    await using server = await startResponsesServer({
      script: [{ events: [textDelta("x".repeat(5000)), hang()] }],
    });
    const client = webSocketClientAt(server.url, {}, { maxEventBytes: 2000 });
    await using connection = await client.connect();
    const { error } = await outcomeOf(await connection.stream(frame()));
    expect(error).toMatchObject({ code: "stream", reason: "event_too_large" });
  });

  test("a request on a closed connection fails at once", async () => {
    await using server = await startResponsesServer({ script: [] });
    const connection = await webSocketClientAt(server.url).connect();
    await connection.close();
    expect(connection.isOpen).toBe(false);
    expect(await apiErrorOf(connection.stream(frame()))).toMatchObject({
      code: "stream",
      message: "websocket connection is closed (close code 1000)",
      closeCode: 1000,
    });
    expect(server.connections[0]?.closeCode).toBe(1000);
  });
});

describe("[api/I10] wrapped errors", () => {
  test("the connection limit is retryable, whatever its status", async () => {
    const { error, closeCode } = await outcomeOfSteps([connectionLimitReached(), hang()]);
    expect(error).toMatchObject({
      code: "retryable",
      serverCode: "websocket_connection_limit_reached",
    });
    expect(closeCode).toBe(1006);
  });

  test.each([undefined, 200, 204])("status %s is no error", async (status) => {
    const { error } = await outcomeOfSteps([
      wrappedError({ ...(status !== undefined && { status }), code: "x" }),
      rawEvent(completedEvent),
    ]);
    expect(error).toBeUndefined();
  });

  test.each([400, 401, 429, 500])(
    "status %d is an HTTP error with the whole message as body",
    async (status) => {
      const wrapped = wrappedError({
        status,
        type: "usage_limit_reached",
        message: "no more",
        headers: {
          "x-request-id": "req-1",
          "X-Codex-Primary-Used-Percent": 100,
          "x-flag": true,
          "x-skipped": { a: 1 },
          "retry-after": 2,
        },
      });
      const { error } = await outcomeOfSteps([wrapped, hang()]);
      expect(error).toMatchObject({
        code: "http_status",
        status,
        url: undefined,
        upstreamRequestId: "req-1",
        retryDelayMs: 2000,
        headers: { "x-codex-primary-used-percent": "100", "x-flag": "true" },
      });
      expect((error as { headers?: object }).headers).not.toHaveProperty("x-skipped");
      expect(JSON.parse((error as { bodyText?: string }).bodyText ?? "")).toMatchObject({
        type: "error",
        error: { message: "no more" },
      });
    },
  );

  test("status_code is read where status is missing", async () => {
    const event = rawEvent({ type: "error", status_code: 503, error: { message: "m" } });
    expect((await outcomeOfSteps([event])).error).toMatchObject({ status: 503 });
  });

  test("[api/I18] a lost previous response is retryable under 0.169 and an HTTP error under 0.140", async () => {
    const lost = wrappedError({ status: 400, code: "previous_response_not_found", message: "m" });
    expect((await outcomeOfSteps([lost], "0.169")).error).toMatchObject({
      code: "retryable",
      serverCode: "previous_response_not_found",
    });
    expect((await outcomeOfSteps([lost], "0.140")).error).toMatchObject({
      code: "http_status",
      status: 400,
    });
  });
});

test("[api/I11] codex.rate_limits is a snapshot and nothing else", async () => {
  const { events } = await outcomeOfSteps([
    rateLimits({
      primary: { usedPercent: 0 },
      secondary: { usedPercent: 12.5, windowMinutes: 60, resetAtUnixSeconds: 5 },
      planType: "plus",
      limitName: "Codex-Other",
    }),
    rawEvent({
      type: "codex.rate_limits",
      metered_limit_name: "codex-metered",
      limit_name: "other",
      credits: { has_credits: true, unlimited: false, balance: "7" },
      headers: { "openai-model": "never" },
    }),
    rawEvent({ type: "codex.rate_limits" }),
    rawEvent(completedEvent),
  ]);
  const snapshots = events.flatMap((event) => (event.type === "rateLimits" ? event.snapshot : []));
  expect(events.map((event) => event.type)).toEqual([
    "rateLimits",
    "rateLimits",
    "rateLimits",
    "completed",
  ]);
  expect(snapshots).toMatchObject([
    {
      limit_id: "codex_other",
      limit_name: null,
      plan_type: "plus",
      primary: { used_percent: 0, window_minutes: null, resets_at: null },
      secondary: { used_percent: 12.5, window_minutes: 60, resets_at: 5 },
    },
    { limit_id: "codex_metered", credits: { has_credits: true, balance: "7" }, primary: null },
    { limit_id: "codex", plan_type: null },
  ]);
});

test("[api/I12] junk, unknown types and timing messages are harmless", async () => {
  const { events, error } = await outcomeOfSteps([
    bytes("not json"),
    bytes("[]"),
    bytes('{"type":5}'),
    rawEvent({ type: "responsesapi.websocket_timing", ms: 5 }),
    rawEvent({ type: "response.output_text.delta", delta: 5 }),
    textDelta("late"),
    rawEvent(completedEvent),
  ]);
  expect(error).toBeUndefined();
  expect(eventTypes(events)).toEqual(["outputTextDelta", "completed"]);
});

describe("[api/I13] a failed response", () => {
  test.each([
    ["0.169", "server_error", "retryable"],
    ["0.140", "context_length_exceeded", "context_window_exceeded"],
  ] as const)(
    "under %s ends at once and drops the connection: %s",
    async (policy, code, expected) => {
      const { error, closeCode } = await outcomeOfSteps(
        [failed({ code, message: "m" }), hang()],
        policy,
      );
      expect(error?.code).toBe(expected);
      expect(closeCode).toBe(1006);
    },
  );
});

describe("leaving a WebSocket stream early", () => {
  test.each(["break", "dispose", "abort"] as const)(
    "by %s drops the connection at once",
    async (way) => {
      await using server = await startResponsesServer({
        script: [{ events: [created(), textDelta("a"), hang()] }],
      });
      const controller = new AbortController();
      const connection = await webSocketClientAt(server.url).connect();
      const stream = await connection.stream(frame(), { signal: controller.signal });
      const events = stream[Symbol.asyncIterator]();
      await events.next();
      if (way === "break") await events.return?.();
      if (way === "dispose") await stream[Symbol.asyncDispose]();
      if (way === "abort") controller.abort(new Error("stop"));
      expect(await droppedCode(server)).toBe(1006);
      await waitFor(() => !connection.isOpen);
      const error = await apiErrorOf(connection.stream(frame()));
      expect(error.message).toBe("websocket connection is closed");
    },
  );
});

test("[api/H4] routing state inside a WebSocket stream fills an empty cell, and the stream has no request id", async () => {
  await using server = await startResponsesServer({
    script: [
      {
        requestId: "never",
        events: [metadata({ headers: { "x-codex-turn-state": "ts-0" } }), rawEvent(completedEvent)],
      },
    ],
  });
  await using connection = await webSocketClientAt(server.url).connect();
  const turnState = new TurnState();
  const stream = await connection.stream(frame(), { turnState });
  expect(stream.upstreamRequestId).toBeUndefined();
  await outcomeOf(stream);
  expect(turnState.value).toBe("ts-0");
});

function isPong({ kind }: ReceivedFrame): boolean {
  return kind === "pong";
}

function* many(count: number) {
  const text = "x".repeat(64 * 1024);
  for (let index = 0; index < count; index += 1) yield textDelta(text);
  yield rawEvent(completedEvent);
}

test("a consumer that does not read stops the reading of the socket at 8 MiB, and one that does goes on", async () => {
  await using server = await startResponsesServer({ script: [{ events: many(500) }] });
  let seen = 0;
  const observer = { onStreamPolled: () => (seen += 1) };
  await using connection = await webSocketClientAt(server.url, {}, { observer }).connect();
  const stream = await connection.stream(frame());
  await waitUntilBlocked(server);
  expect(seen).toBeGreaterThanOrEqual(128);
  expect(seen).toBeLessThan(140);
  expect(deltas(await outcomeOf(stream))).toHaveLength(500);
});
