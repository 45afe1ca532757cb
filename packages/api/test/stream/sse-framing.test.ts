import { setImmediate } from "node:timers/promises";
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import {
  bytes,
  comment,
  created,
  gate,
  hang,
  rawEvent,
  reset,
  startResponsesServer,
  textDelta,
} from "@codex-ts/responses-server";
import { waitFor } from "@codex-ts/test-support";
import type { Outcome } from "../support/client.ts";
import { clientAt, outcomeOf, request } from "../support/client.ts";
import {
  completedEvent,
  completedSse,
  decodeChunks,
  delta,
  deltas,
  sse,
  waysToSplit,
  eventTypes,
} from "../support/decode.ts";
import { holdTimers } from "../support/held-timers.ts";

const SEED = 20_261_121;
const encoder = new TextEncoder();

async function decodeEachWay(text: string | Uint8Array): Promise<Outcome[]> {
  const raw = typeof text === "string" ? encoder.encode(text) : text;
  return Promise.all(waysToSplit(raw, SEED).map(({ chunks }) => decodeChunks(chunks)));
}

/** All ways of splitting give the same; returns what they give. */
async function decodeSame(text: string | Uint8Array): Promise<Outcome> {
  const [whole, ...others] = await decodeEachWay(text);
  if (whole === undefined) throw new Error("no outcome");
  for (const other of others) {
    expect(other.events).toEqual(whole.events);
    expect(other.error?.message).toBe(whole.error?.message);
  }
  return whole;
}

const hello = JSON.stringify(delta("hello"));

/** An event over several data lines, without the blank line. */
function dataLines(event: object): string {
  const lines = JSON.stringify(event, undefined, 1).split("\n");
  return lines.map((line) => `data: ${line}`).join("\n");
}

describe("framing of the event stream, whole, byte by byte and split at random", () => {
  test.each([
    ["LF", "\n"],
    ["CRLF", "\r\n"],
  ])("[api/D1] reads %s line ends", async (_name, lineEnd) => {
    const text = `${sse(delta("a"))}${sse(delta("b"))}${completedSse}`.replaceAll("\n", lineEnd);
    const outcome = await decodeSame(text);
    expect(deltas(outcome)).toEqual(["a", "b"]);
    expect(outcome.error).toBeUndefined();
  });

  test("reads bare CR between lines", async () => {
    const inner = await decodeSame(`data: ${hello}\r\rdata: ${hello}\r\r${completedSse}`);
    expect(deltas(inner)).toEqual(["hello", "hello"]);
  });

  test("[api/D2] ignores comments, empty data, events without data, and other fields", async () => {
    const noise =
      ": keep-alive\n\nevent: response.created\n\ndata:\n\nid: 7\nretry: 10\nfoo: bar\nlonely\n\n";
    const outcome = await decodeSame(`${noise}${sse(delta("x"))}${noise}${completedSse}`);
    expect(eventTypes(outcome.events)).toEqual(["outputTextDelta", "completed"]);
  });

  test("[api/D3] joins the data lines of one event", async () => {
    const lines = JSON.stringify(delta("three lines"), undefined, 1).split("\n");
    const text = `${lines.map((line) => `data: ${line}`).join("\n")}\n\n${completedSse}`;
    expect(lines.length).toBeGreaterThan(2);
    expect(deltas(await decodeSame(text))).toEqual(["three lines"]);
  });

  test("[api/D4] needs neither a space after data nor a right event name", async () => {
    const text = `data:${hello}\n\nevent: response.completed\ndata: ${hello}\n\ndata: ${hello}\n\n${completedSse}`;
    expect(deltas(await decodeSame(text))).toEqual(["hello", "hello", "hello"]);
  });

  test("[api/D5] keeps characters that are split between chunks", async () => {
    const text = "zwölf Boxkämpfer 🥊 – 漢字 🏳️‍🌈";
    expect(deltas(await decodeSame(`${sse(delta(text))}${completedSse}`))).toEqual([text]);
  });

  test.each([
    ["a lone continuation byte", [0x80]],
    ["an overlong form", [0xc0, 0xaf]],
    ["a surrogate", [0xed, 0xa0, 0x80]],
    ["a character cut by an ASCII one", [0xe2, 0x82, 0x41]],
    ["a byte UTF-8 never has", [0xff]],
  ])("[api/D6] ends with an error at %s", async (_name, invalid) => {
    const raw = Buffer.concat([
      Buffer.from(sse(delta("before"))),
      Buffer.from(`data: {"x":"`),
      Buffer.from(invalid),
      Buffer.from(`"}\n\n${completedSse}`),
    ]);
    // How many events come before the error depends on the chunks; the error does not.
    for (const { error } of await decodeEachWay(raw)) {
      expect(error).toMatchObject({ code: "stream", reason: "invalid_utf8" });
      expect(error?.message).toMatch(/^UTF8 error/);
    }
  });

  test("[api/D6] ends with an error when the stream ends inside a character", async () => {
    const raw = Buffer.concat([Buffer.from(sse(delta("a"))), Buffer.from([0xf0, 0x9f, 0xa5])]);
    const outcome = await decodeSame(raw);
    expect(deltas(outcome)).toEqual(["a"]);
    expect(outcome.error).toMatchObject({ reason: "invalid_utf8" });
  });

  test("[api/D7] strips a byte order mark", async () => {
    expect(deltas(await decodeSame(`\uFEFF${sse(delta("a"))}${completedSse}`))).toEqual(["a"]);
  });

  test.each([
    ["its blank line", completedSse.slice(0, -1)],
    ["its line end", completedSse.slice(0, -2)],
    ["its line end, with CR LF before", completedSse.replaceAll("\n", "\r\n").slice(0, -4)],
    ["half of its line end", completedSse.replaceAll("\n", "\r\n").slice(0, -3)],
    ["all but the data", `data:${JSON.stringify(completedEvent)}`],
    ["its blank line, of several data lines", dataLines(completedEvent)],
    ["its blank line, with bare CR", `data: ${JSON.stringify(completedEvent)}\r`],
  ])("[api/D8] takes a last event without %s when its data is whole JSON", async (_what, last) => {
    const outcome = await decodeSame(`${sse(delta("a"))}${last}`);
    expect(deltas(outcome)).toEqual(["a"]);
    expect(outcome.error).toBeUndefined();
    expect(outcome.events.at(-1)).toMatchObject({ type: "completed", responseId: "resp_1" });
  });

  test.each([
    ["in its data", completedSse.trimEnd().slice(0, -1)],
    ["before its data", "event: response.completed\nda"],
    ["in a later data line", `${dataLines(completedEvent)}\ndata: {`],
  ])("[api/D8] drops a last event that is cut %s", async (_where, last) => {
    const outcome = await decodeSame(`${sse(delta("a"))}${last}`);
    expect(deltas(outcome)).toEqual(["a"]);
    expect(outcome.error?.message).toBe("stream closed before response.completed");
  });

  test("[api/D9] skips what is no event and goes on", async () => {
    const bad = ["not json", "{}", "[DONE]", "null", "[]", `"text"`, `{"type":5}`, ""];
    const wrong = sse({ type: "response.output_text.delta", delta: 5 });
    const text = `${bad.map((data) => `data: ${data}\n\n`).join("")}${wrong}${sse(delta("late"))}`;
    const outcome = await decodeSame(`${text}${completedSse}`);
    expect(eventTypes(outcome.events)).toEqual(["outputTextDelta", "completed"]);
  });

  test("a known member of the wrong type spoils any event, null does not", async () => {
    const spoilt = [
      { type: "response.created", response: {}, delta: 5 },
      { type: "response.created", response: {}, item_id: 1 },
      { type: "response.created", response: {}, call_id: {} },
      { type: "response.created", response: {}, summary_index: "1" },
      { type: "response.created", response: {}, content_index: 1.5 },
    ];
    const fine = { type: "response.created", response: {}, delta: null, summary_index: null };
    const text = [...spoilt, fine].map(sse).join("");
    const outcome = await decodeSame(`${text}${completedSse}`);
    expect(outcome.events.map((event) => event.type)).toEqual(["created", "completed"]);
  });

  test("an event over the limit is a typed error, an event at the limit is not", async () => {
    const big = { type: "response.output_text.delta", delta: "x".repeat(4000) };
    const maxEventBytes = JSON.stringify(big).length;
    const text = encoder.encode(`${sse(big)}${completedSse}`);
    for (const { chunks } of waysToSplit(text, SEED)) {
      const fits = await decodeChunks(chunks, { maxEventBytes: maxEventBytes + 16 });
      expect(fits.error).toBeUndefined();
      const over = await decodeChunks(chunks, { maxEventBytes: maxEventBytes - 16 });
      expect(over.error).toMatchObject({ code: "stream", reason: "event_too_large" });
    }
  });
});

/** Comments without an end, each when the one before has had time to arrive. */
async function* keepAlives() {
  for (;;) {
    yield comment("keep-alive");
    await setImmediate();
  }
}

describe("the event stream over a socket", () => {
  test("[api/D5] is the same in chunks of one byte", async () => {
    await using server = await startResponsesServer({
      script: [
        {
          events: [created(), textDelta("añb 🥊"), rawEvent(completedEvent)],
          chunkSizesBytes: [1],
        },
      ],
    });
    const outcome = await outcomeOf(await clientAt(server.url).stream(request()));
    expect(deltas(outcome)).toEqual(["añb 🥊"]);
    expect(outcome.error).toBeUndefined();
  });

  test("[api/D10] comments do not keep an idle stream alive", async () => {
    await using server = await startResponsesServer({ script: [{ events: keepAlives() }] });
    const client = clientAt(server.url, { streamIdleTimeoutMs: 150 });
    using time = holdTimers();
    const outcome = outcomeOf(await client.stream(request()));
    for (let part = 0; part < 3; part += 1) {
      const before = server.exchanges[0]?.bytesWritten ?? 0;
      await server.waitFor(() => Number(server.exchanges[0]?.bytesWritten) > before + 100);
      await time.advance(50);
    }
    expect((await outcome).error).toMatchObject({ code: "stream", reason: "idle_timeout" });
  });

  test("[api/D11] silence after an event ends with the idle timeout and closes the socket", async () => {
    await using server = await startResponsesServer({
      script: [{ requestId: "req-1", events: [created(), hang()] }],
    });
    let seen = 0;
    const observer = { onStreamPolled: () => (seen += 1) };
    const client = clientAt(server.url, { streamIdleTimeoutMs: 150 }, { observer });
    using time = holdTimers();
    const outcome = outcomeOf(await client.stream(request()));
    await waitFor(() => seen === 1);
    await time.advance(149);
    expect(seen).toBe(1);
    await time.advance(1);
    const { events, error } = await outcome;
    expect(events.at(-1)?.type).toBe("created");
    expect(error?.message).toBe("idle timeout waiting for SSE");
    expect(error?.upstreamRequestId).toBe("req-1");
    await server.waitFor(() => server.exchanges[0]?.clientGone);
  });

  test("[api/D12] a reset of the body is an error about the network", async () => {
    await using server = await startResponsesServer({
      script: [{ openaiModel: null, events: [created(), gate("read"), reset()] }],
    });
    const stream = await clientAt(server.url).stream(request());
    await server.waitForGate("read");
    const events = stream[Symbol.asyncIterator]();
    await events.next();
    await events.next();
    server.release("read");
    await expect(events.next()).rejects.toMatchObject({
      code: "stream",
      reason: "connection_lost",
      message: expect.stringMatching(/^Transport error: network error: /),
    });
  });

  test.each([
    ["an empty body", { status: 200, body: null }],
    ["204", { status: 204, body: null }],
  ])("[api/D13] %s counts as closed early", async (_name, reply) => {
    await using server = await startResponsesServer({ script: [reply] });
    const { error } = await outcomeOf(await clientAt(server.url).stream(request()));
    expect(error).toMatchObject({ code: "stream", reason: "closed_early" });
    expect(error?.message).toBe("stream closed before response.completed");
  });

  test("[api/D14] a body compressed in a way nobody asked for fails", async () => {
    await using server = await startResponsesServer({
      script: [
        {
          headers: { "content-encoding": "compress", "content-type": "text/event-stream" },
          events: [bytes(gzipSync(completedSse))],
        },
      ],
    });
    const { error } = await outcomeOf(await clientAt(server.url).stream(request()));
    expect(error).toMatchObject({ code: "stream", reason: "invalid_utf8" });
    expect(server.requests[0]?.header("accept-encoding")).toBeUndefined();
  });
});
