import { DROPPED_STREAM_REASON } from "@codex-ts/rollout-trace/recorder";
import { setImmediate } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { StreamError } from "@codex-ts/api";
import {
  RESPONSE_STREAM_CHANNEL_BYTES,
  RESPONSE_STREAM_CHANNEL_CAPACITY,
  mapResponseEvents,
} from "@codex-ts/core";
import type { MapResponseEventsOptions, StreamTerminal } from "@codex-ts/core";
import type { ResponseEvent, ResponseItem } from "@codex-ts/protocol";
import { ThreadTrace } from "@codex-ts/rollout-trace";
import { temporaryDirectory, waitFor } from "@codex-ts/test-support";
import { readRawBundle } from "../support/bundle.ts";
import { collect } from "../support/harness.ts";

const created: ResponseEvent = { type: "created" };

const item = (id: string): ResponseEvent & { type: "outputItemDone"; item: ResponseItem } => ({
  type: "outputItemDone",
  item: {
    type: "message",
    id,
    role: "assistant",
    content: [{ type: "output_text", text: `text of ${id}` }],
  },
});

const completed = (responseId: string): ResponseEvent => ({
  type: "completed",
  responseId,
  tokenUsage: null,
  endTurn: null,
});

/** Yields its first events, and what comes late only when it is released; disposing does not stop it. */
class HeldSource implements AsyncIterable<ResponseEvent>, AsyncDisposable {
  readonly first: readonly ResponseEvent[];
  readonly late: AsyncIterable<ResponseEvent>;
  readonly #gate = Promise.withResolvers<void>();
  readonly #read = Promise.withResolvers<void>();

  constructor(first: readonly ResponseEvent[], late: AsyncIterable<ResponseEvent>) {
    this.first = first;
    this.late = late;
  }

  get whenRead(): Promise<void> {
    return this.#read.promise;
  }

  release(): void {
    this.#gate.resolve();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<ResponseEvent> {
    yield* this.first;
    await this.#gate.promise;
    this.#read.resolve();
    yield* this.late;
  }

  async [Symbol.asyncDispose](): Promise<void> {}
}

const copies = (count: number, event: ResponseEvent): ResponseEvent[] =>
  Array.from({ length: count }, () => event);

/** Yields the events, then ends as told; counts what was taken from it. */
class Source implements AsyncIterable<ResponseEvent>, AsyncDisposable {
  taken = 0;
  disposed = 0;
  readonly #events: readonly ResponseEvent[];
  readonly #end: "end" | "hang" | Error;

  constructor(events: readonly ResponseEvent[], end: "end" | "hang" | Error) {
    this.#events = events;
    this.#end = end;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<ResponseEvent> {
    for (const event of this.#events) {
      this.taken += 1;
      yield event;
    }
    if (this.#end === "hang") await new Promise(() => undefined);
    if (this.#end instanceof Error) throw this.#end;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.disposed += 1;
  }
}

/** A mapped stream with a recorded attempt behind it. */
async function startMapping(
  source: MapResponseEventsOptions["source"],
  options: { readonly upstreamRequestId?: string; readonly signal?: AbortSignal } = {},
) {
  const directory = await temporaryDirectory();
  const trace = ThreadTrace.startRoot({
    root: directory.path,
    // Of which every record is there at once.
    schemaVersion: 2,
    metadata: {
      threadId: "01a1fa2c-14fd-7b60-8176-1542090ff366",
      agentPath: "/root",
      sessionSource: "cli",
      cwd: "/w",
      model: "gpt-test",
      providerName: "test-provider",
      approvalPolicy: "never",
      sandboxPolicy: "DangerFullAccess",
    },
  });
  trace.recordTurnStarted({ turnId: "turn-1" });
  const attempt = trace
    .inferenceContext({ turnId: "turn-1", model: "gpt-test", providerName: "test-provider" })
    .startAttempt();
  attempt.recordStarted({ input: [] });
  const terminals: StreamTerminal[] = [];
  const stream = mapResponseEvents({
    source,
    upstreamRequestId: options.upstreamRequestId,
    attempt,
    describeError: (error) => `mapped: ${(error as Error).message}`,
    onTerminal: (terminal) => terminals.push(terminal),
    signal: options.signal,
  });
  return {
    stream,
    terminals,
    bundle: () => readRawBundle(trace.bundlePath),
    async [Symbol.asyncDispose]() {
      await stream.close();
      await trace.close();
      await directory[Symbol.asyncDispose]();
    },
  };
}

describe("a mapped response stream", () => {
  test("[core/S0-5] a dropped stream is cancelled and keeps the finished item", async () => {
    const source = new Source([item("msg_1")], "hang");
    await using mapping = await startMapping(source, { upstreamRequestId: "req_1" });
    for await (const event of mapping.stream) {
      expect(event.type).toBe("outputItemDone");
      break;
    }
    const bundle = mapping.bundle();
    const [cancelled] = bundle.of("inference_cancelled");
    expect(cancelled).toMatchObject({
      reason: DROPPED_STREAM_REASON,
      upstream_request_id: "req_1",
    });
    expect(bundle.payload(cancelled?.partial_response_payload)).toMatchObject({
      response_id: null,
      upstream_request_id: "req_1",
      token_usage: null,
      output_items: [{ type: "message", id: "msg_1" }],
    });
    expect(source.disposed).toBe(1);
    expect(mapping.terminals).toEqual([{ status: "cancelled" }]);
  });

  test("[core/S0-6] a dropped stream that was full keeps the item whose queueing was interrupted", async () => {
    const source = new Source(
      [...copies(RESPONSE_STREAM_CHANNEL_CAPACITY, created), item("msg_1")],
      "hang",
    );
    await using mapping = await startMapping(source);
    await waitFor(() => source.taken === RESPONSE_STREAM_CHANNEL_CAPACITY + 1);
    await mapping.stream.close();
    const bundle = mapping.bundle();
    const [cancelled] = bundle.of("inference_cancelled");
    expect(bundle.payload(cancelled?.partial_response_payload).output_items).toHaveLength(1);
    expect(cancelled?.upstream_request_id).toBeNull();
  });

  test("[core/P1] reads no further than its capacity while nobody consumes", async () => {
    const source = new Source(copies(RESPONSE_STREAM_CHANNEL_CAPACITY + 500, created), "hang");
    await using mapping = await startMapping(source);
    await waitFor(() => source.taken > RESPONSE_STREAM_CHANNEL_CAPACITY);
    for (let turn = 0; turn < 50; turn += 1) await Promise.resolve();
    expect(source.taken).toBe(RESPONSE_STREAM_CHANNEL_CAPACITY + 1);
    const events = mapping.stream[Symbol.asyncIterator]();
    for (let read = 0; read < 100; read += 1) await events.next();
    await waitFor(() => source.taken === RESPONSE_STREAM_CHANNEL_CAPACITY + 101);
  });

  test("[core/P2] stops at its byte limit when events are large", async () => {
    const delta = "x".repeat(1024 * 1024);
    const source = new Source(copies(40, { type: "outputTextDelta", delta }), "end");
    await using mapping = await startMapping(source);
    const limit = RESPONSE_STREAM_CHANNEL_BYTES / delta.length;
    await waitFor(() => source.taken === limit);
    for (let turn = 0; turn < 50; turn += 1) await Promise.resolve();
    expect(source.taken).toBe(limit);
    await expect(collect(mapping.stream)).rejects.toThrow("stream closed before");
    expect(source.taken).toBe(40);
  });

  test("[core/S0-9] a stream that fails after an item is failed, with the stream's id and the partial output", async () => {
    const source = new Source(
      [created, item("msg_1")],
      new StreamError("cut", { reason: "connection_lost", upstreamRequestId: "req_of_error" }),
    );
    await using mapping = await startMapping(source, { upstreamRequestId: "req_1" });
    const seen: string[] = [];
    await expect(
      (async () => {
        for await (const event of mapping.stream) seen.push(event.type);
      })(),
    ).rejects.toThrow("cut");
    expect(seen).toEqual(["created", "outputItemDone"]);
    const bundle = mapping.bundle();
    const [failed] = bundle.of("inference_failed");
    expect(failed).toMatchObject({ upstream_request_id: "req_1", error: "mapped: cut" });
    expect(bundle.payload(failed?.partial_response_payload).output_items).toHaveLength(1);
    expect(await mapping.stream.lastResponse).toBeUndefined();
  });

  test("[core/P3] takes the request id of the error when the stream has none", async () => {
    const source = new Source(
      [],
      new StreamError("cut", { reason: "connection_lost", upstreamRequestId: "req_of_error" }),
    );
    await using mapping = await startMapping(source);
    await expect(collect(mapping.stream)).rejects.toThrow("cut");
    const [failed] = mapping.bundle().of("inference_failed");
    expect(failed).toMatchObject({
      upstream_request_id: "req_of_error",
      partial_response_payload: null,
    });
  });

  test("[core/P4] a source that just ends has failed", async () => {
    await using mapping = await startMapping(new Source([item("msg_1")], "end"));
    await expect(collect(mapping.stream)).rejects.toThrow(
      "stream closed before response.completed",
    );
    const [failed] = mapping.bundle().of("inference_failed");
    expect(failed?.error).toBe("stream closed before response.completed");
  });

  test("[core/S0-12] one terminal is recorded when a completed stream fails late, and events still arrive", async () => {
    const source = new Source(
      [item("msg_1"), completed("resp_1"), created, item("msg_2"), completed("resp_2")],
      new StreamError("late", { reason: "connection_lost" }),
    );
    await using mapping = await startMapping(source, { upstreamRequestId: "req_1" });
    expect((await collect(mapping.stream)).map((event) => event.type)).toEqual([
      "outputItemDone",
      "completed",
      "created",
      "outputItemDone",
      "completed",
    ]);
    const bundle = mapping.bundle();
    const [done, ...more] = bundle.of("inference_completed");
    expect(more).toEqual([]);
    expect(done).toMatchObject({ response_id: "resp_1", upstream_request_id: "req_1" });
    expect(bundle.of("inference_failed")).toEqual([]);
    expect(mapping.terminals).toHaveLength(1);
    expect(await mapping.stream.lastResponse).toMatchObject({
      responseId: "resp_1",
      itemsAdded: [{ id: "msg_1" }],
    });
  });

  test("[core/P5] a late cancellation changes nothing that was recorded, and releases the source", async () => {
    const source = new Source([completed("resp_1")], "hang");
    await using mapping = await startMapping(source);
    for await (const event of mapping.stream) if (event.type === "completed") break;
    expect(mapping.bundle().of("inference_cancelled")).toEqual([]);
    expect(mapping.terminals).toMatchObject([{ status: "completed" }]);
    expect(source.disposed).toBe(1);
  });

  test("[core/P6] an abort whose source cannot be released is recorded like any other", async () => {
    const abort = new AbortController();
    const source = new Source([item("msg_1")], "hang");
    source[Symbol.asyncDispose] = () => Promise.reject(new Error("stuck"));
    await using mapping = await startMapping(source, { signal: abort.signal });
    const events = mapping.stream[Symbol.asyncIterator]();
    await events.next();
    // A rejection nobody waits for would fail this run.
    abort.abort(new Error("enough"));
    await expect(events.next()).rejects.toThrow("enough");
    await mapping.stream.close();
    expect(mapping.bundle().of("inference_cancelled")).toHaveLength(1);
  });

  test("[core/P6] an abort rejects the waiting consumer with the signal's reason and is recorded once", async () => {
    const abort = new AbortController();
    const source = new Source([item("msg_1")], "hang");
    await using mapping = await startMapping(source, { signal: abort.signal });
    const events = mapping.stream[Symbol.asyncIterator]();
    await events.next();
    const waiting = events.next();
    abort.abort(new Error("enough"));
    await expect(waiting).rejects.toThrow("enough");
    await mapping.stream.close();
    expect(mapping.bundle().of("inference_cancelled")).toHaveLength(1);
    expect(await mapping.stream.lastResponse).toBeUndefined();
  });

  test.each([
    ["completes", [item("msg_2"), completed("resp_late")], "end"],
    ["fails", [item("msg_2")], new StreamError("late", { reason: "connection_lost" })],
    ["just ends", [], "end"],
  ] as const)(
    "[core/P10] a response that %s after it was cancelled changes nothing that was recorded",
    async (_how, late, end) => {
      const source = new HeldSource([item("msg_1")], new Source(late, end));
      await using mapping = await startMapping(source, { upstreamRequestId: "req_1" });
      const events = mapping.stream[Symbol.asyncIterator]();
      await events.next();
      await mapping.stream.close();
      source.release();
      await source.whenRead;
      for (let turn = 0; turn < 10; turn += 1) await setImmediate();
      const bundle = mapping.bundle();
      expect(bundle.of("inference_cancelled")).toMatchObject([{ upstream_request_id: "req_1" }]);
      expect(bundle.of("inference_completed")).toEqual([]);
      expect(bundle.of("inference_failed")).toEqual([]);
      expect(mapping.terminals).toMatchObject([{ status: "cancelled" }]);
      expect(await mapping.stream.lastResponse).toBeUndefined();
      expect(await events.next()).toEqual({ done: true, value: undefined });
    },
  );

  test("[core/P4] the error of a source that just ends tells the upstream request id", async () => {
    await using mapping = await startMapping(new Source([], "end"), { upstreamRequestId: "req_1" });
    await expect(collect(mapping.stream)).rejects.toMatchObject({
      reason: "closed_early",
      upstreamRequestId: "req_1",
    });
  });

  test("[core/P8] a listener that throws breaks nothing, however the response ends", async () => {
    const broken = (): never => {
      throw new Error("listener");
    };
    const start = (...source: ConstructorParameters<typeof Source>) =>
      mapResponseEvents({
        source: new Source(...source),
        upstreamRequestId: undefined,
        attempt: { recordCompleted() {}, recordFailed() {}, recordCancelled() {} },
        describeError: String,
        onEvent: broken,
        onTerminal: broken,
      });
    expect(await collect(start([created, completed("resp_1")], "end"))).toHaveLength(2);
    await expect(collect(start([created], new Error("cut")))).rejects.toThrow("cut");
    const dropped = start([created], "hang");
    await dropped.close();
    expect(await dropped.lastResponse).toBeUndefined();
  });

  test("[core/P7] is iterated once", async () => {
    await using mapping = await startMapping(new Source([completed("resp_1")], "end"));
    await collect(mapping.stream);
    expect(() => mapping.stream[Symbol.asyncIterator]()).toThrow(TypeError);
  });
});
