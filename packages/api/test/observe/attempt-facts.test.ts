import { createHash } from "node:crypto";
import { setTimeout } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import type { AttemptEnded, TransportObserver } from "@codex-ts/api";
import type {
  AttemptStarted,
  ConnectionClosed,
  ConnectionOpened,
  StreamFrame,
  StreamStall,
} from "@codex-ts/protocol";
import {
  close,
  completed,
  created,
  disconnect,
  errorExchange,
  gate,
  hang,
  messageExchange,
  startResponsesServer,
  textDelta,
} from "@codex-ts/responses-server";
import { waitFor } from "@codex-ts/test-support";
import { bearer, clientAt, outcomeOf, request } from "../support/client.ts";
import { holdTimers } from "../support/held-timers.ts";
import { frame, webSocketClientAt } from "../support/websocket.ts";

interface Seen extends TransportObserver {
  readonly started: AttemptStarted[];
  readonly ended: AttemptEnded[];
  readonly stalls: StreamStall[];
  readonly frames: StreamFrame[];
  readonly opened: ConnectionOpened[];
  readonly closed: ConnectionClosed[];
}

function seeing(): Seen {
  const seen = { started: [], ended: [], stalls: [], frames: [], opened: [], closed: [] } as {
    -readonly [Name in "started" | "ended" | "stalls" | "frames" | "opened" | "closed"]: Seen[Name];
  };
  return {
    ...seen,
    onAttemptStarted: (attempt) => void seen.started.push(attempt),
    onAttemptEnded: (attempt) => void seen.ended.push(attempt),
    onStreamStalled: (stall) => void seen.stalls.push(stall),
    onStreamFrame: (each) => void seen.frames.push(each),
    onConnectionOpened: (connection) => void seen.opened.push(connection),
    onConnectionClosed: (connection) => void seen.closed.push(connection),
  };
}

describe("a request body", () => {
  test("is described before compression, without its content", async () => {
    await using server = await startResponsesServer({ script: [messageExchange("hi")] });
    const observer = seeing();
    await outcomeOf(
      await clientAt(server.url, {}, { observer }).stream(request(), { compression: "zstd" }),
    );
    const body = server.requests[0]?.body as { readonly input: readonly unknown[] };
    const text = JSON.stringify(body);
    expect(observer.started[0]?.requestBody).toEqual({
      bytes: Buffer.byteLength(text),
      encoding: "zstd",
      sha256: createHash("sha256").update(text).digest("hex"),
      inputItems: body.input.length,
      previousResponseId: undefined,
      generate: undefined,
    });
    expect(observer.started[0]?.requestBytes).toBe(server.requests[0]?.bodyBytes.length);
  });
});

test("the times of an attempt are in order and count from its queueing", async () => {
  await using server = await startResponsesServer({ script: [messageExchange("hi")] });
  const observer = seeing();
  const client = clientAt(server.url, {}, { observer, auth: bearer("t") });
  await outcomeOf(await client.stream(request()));
  const [ended] = observer.ended;
  const { timings } = ended ?? {};
  const times = [
    timings?.credentialsUs,
    timings?.connectedUs,
    timings?.sentUs,
    timings?.respondedUs,
    timings?.firstByteUs,
    timings?.firstEventUs,
    timings?.firstOutputUs,
    timings?.lastEventUs,
    timings?.endedUs,
  ].map(Number);
  expect(times.every(Number.isInteger)).toBe(true);
  expect(times).toEqual(times.toSorted((a, b) => a - b));
  expect(ended?.responseId).toMatch(/^resp/);
  expect(ended).toMatchObject({ stallCount: 0, osCode: undefined });
});

test("an event without output of the model is not the first output", async () => {
  await using server = await startResponsesServer({
    script: [{ events: [created(), gate("go"), textDelta("a"), completed()] }],
  });
  const observer = seeing();
  const client = clientAt(server.url, {}, { observer });
  const outcome = outcomeOf(await client.stream(request()));
  await waitFor(() => observer.frames.length === 2);
  await setTimeout(20);
  server.release("go");
  await outcome;
  const { firstEventUs = 0, firstOutputUs = 0 } = observer.ended[0]?.timings ?? {};
  expect(firstOutputUs - firstEventUs).toBeGreaterThan(15_000);
});

test("the last event is not after the end, where the clock for people stands still", async () => {
  await using server = await startResponsesServer({
    script: [{ events: [created(), gate("go"), textDelta("a"), completed()] }],
  });
  const observer = seeing();
  const client = clientAt(server.url, {}, { observer, now: () => 1_700_000_000_000 });
  const outcome = outcomeOf(await client.stream(request()));
  await waitFor(() => observer.frames.length === 2);
  await setTimeout(20);
  server.release("go");
  await outcome;
  expect(observer.ended[0]).toMatchObject({
    firstEventAtMs: 1_700_000_000_000,
    lastEventAtMs: 1_700_000_000_000,
    endedAtMs: 1_700_000_000_000,
  });
});

test("a silent stream is reported at 5, 30 and 60 seconds, and its longest gap at its end", async () => {
  await using server = await startResponsesServer({
    script: [{ events: [created(), textDelta("a"), gate("go"), completed()] }],
  });
  const observer = seeing();
  const client = clientAt(server.url, { streamIdleTimeoutMs: 300_000 }, { observer });
  using time = holdTimers();
  const outcome = outcomeOf(await client.stream(request()));
  await waitFor(() => observer.frames.length === 3);
  await time.advance(4999);
  expect(observer.stalls).toEqual([]);
  for (const ms of [1, 24_999, 1, 30_000]) await time.advance(ms);
  server.release("go");
  await outcome;
  const name = "response.output_text.delta";
  expect(observer.stalls.map(({ gapMs, afterEvent }) => [gapMs, afterEvent])).toEqual([
    [5000, name],
    [30_000, name],
    [60_000, name],
  ]);
  expect(observer.ended).toMatchObject([
    { maxGapUs: 60_000_000, maxGapAfter: name, stallCount: 1 },
  ]);
});

test("frames are told without their content, the request first", async () => {
  await using server = await startResponsesServer({
    script: [{ events: [created(), textDelta("secret text"), completed()] }],
  });
  const observer = seeing();
  await outcomeOf(await clientAt(server.url, {}, { observer }).stream(request()));
  expect(observer.frames.map(({ direction, eventName }) => [direction, eventName])).toEqual([
    ["out", undefined],
    ["in", "response.created"],
    ["in", "response.output_text.delta"],
    ["in", "response.completed"],
  ]);
  expect(observer.frames.every(({ bytes, atUs }) => bytes > 0 && atUs >= 0)).toBe(true);
  expect(JSON.stringify(observer.frames)).not.toContain("secret text");
});

test("the server's own code and the code of the operating system are facts of a failure", async () => {
  await using server = await startResponsesServer({
    script: [errorExchange(400, { code: "bad_thing" })],
  });
  const observer = seeing();
  await clientAt(server.url, {}, { observer })
    .stream(request())
    .catch(() => undefined);
  expect(observer.ended).toMatchObject([{ error: { serverCode: "bad_thing" }, osCode: undefined }]);
  const nobody = seeing();
  await clientAt("http://127.0.0.1:1/v1", {}, { observer: nobody })
    .stream(request())
    .catch(() => undefined);
  expect(nobody.ended[0]).toMatchObject({ osCode: "ECONNREFUSED", retry: { number: 1 } });
});

describe("over WebSocket", () => {
  test("requests name their connection and their position on it", async () => {
    await using server = await startResponsesServer({
      script: [messageExchange("a"), messageExchange("b")],
      handshakes: [{ headers: { "x-request-id": "req-hs", "cf-ray": "ray-hs" } }],
    });
    const observer = seeing();
    const connection = await webSocketClientAt(server.url, {}, { observer }).connect();
    await outcomeOf(await connection.stream(frame()));
    await outcomeOf(await connection.stream(frame()));
    await connection.close();
    const { connectionId } = connection;
    const [handshake] = observer.ended;
    expect(handshake).toMatchObject({ endpoint: "handshake", connectionId });
    expect(observer.opened).toMatchObject([
      {
        connectionId,
        attemptId: handshake?.attemptId,
        upstreamRequestId: "req-hs",
        cfRay: "ray-hs",
        isProxied: false,
      },
    ]);
    expect(observer.ended.slice(1)).toMatchObject([
      { connectionId, position: 1, upstreamRequestId: undefined },
      { connectionId, position: 2, upstreamRequestId: undefined },
    ]);
    expect(observer.closed).toMatchObject([
      { connectionId, closeCode: 1000, closedBy: "client", requestCount: 2 },
    ]);
  });

  test.each([
    ["a close frame", close(1011, "try again"), 1011, "try again", "server"],
    ["no close frame", disconnect(), 1006, undefined, "network"],
  ])("an end by %s says by whom", async (_name, step, closeCode, closeReason, closedBy) => {
    await using server = await startResponsesServer({ script: [{ events: [created(), step] }] });
    const observer = seeing();
    const connection = await webSocketClientAt(server.url, {}, { observer }).connect();
    await outcomeOf(await connection.stream(frame()));
    const facts = { closeCode, closeReason, closedBy };
    expect(observer.ended.at(-1)).toMatchObject({ ...facts, outcome: "failed" });
    expect(observer.closed).toMatchObject([facts]);
  });

  test("the wait for the first event has a limit of its own", async () => {
    await using server = await startResponsesServer({ script: [{ events: [hang()] }] });
    const observer = seeing();
    const settings = { firstResponseTimeoutMs: 40, streamIdleTimeoutMs: 60_000 };
    const client = webSocketClientAt(server.url, settings, { observer });
    const connection = await client.connect();
    const { error } = await outcomeOf(await connection.stream(frame()));
    expect(error).toMatchObject({ code: "stream", reason: "idle_timeout" });
    expect(observer.ended.at(-1)).toMatchObject({ idleTimeout: true, eventCount: 0 });
  });
});

test("the limit for the first event is not one for those behind it", async () => {
  await using server = await startResponsesServer({
    script: [{ events: [created(), gate("go"), completed()] }],
  });
  const settings = { firstResponseTimeoutMs: 100, streamIdleTimeoutMs: 60_000 };
  const observer = seeing();
  const client = clientAt(server.url, settings, { observer });
  using time = holdTimers();
  const outcome = outcomeOf(await client.stream(request()));
  await waitFor(() => observer.frames.length === 2);
  await time.advance(5000);
  server.release("go");
  expect((await outcome).error).toBeUndefined();
});
