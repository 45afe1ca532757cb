import type { Socket } from "node:net";
import { constants, createZstdCompress, deflateSync, gzipSync, zstdCompressSync } from "node:zlib";
import { ModelsClient } from "@codex-ts/api";
import { describe, expect, test } from "vitest";
import { apiErrorOf, bearer, clientAt, outcomeOf, providerAt, request } from "../support/client.ts";
import { splitAtRandom, sse } from "../support/decode.ts";
import { startRawServer } from "../support/raw-server.ts";

const TEXT = [
  sse({ type: "response.created", response: { id: "resp_1" } }),
  sse({ type: "response.output_text.delta", delta: "ünï ✓" }),
  sse({ type: "response.completed", response: { id: "resp_1" } }),
].join("");
// The item that the deltas never finished is taken from the final response.
const KINDS = ["rateLimits", "created", "outputTextDelta", "outputItemDone", "completed"];

const ENCODINGS: readonly (readonly [string, (text: string | Buffer) => Buffer])[] = [
  ["gzip", (text) => gzipSync(text)],
  ["x-gzip", (text) => gzipSync(text)],
  ["deflate", (text) => deflateSync(text)],
  ["zstd", (text) => zstdCompressSync(text)],
  ["ZSTD ", (text) => zstdCompressSync(text)],
];

/** Answers every request with one head and whatever `body` writes. */
function serve(
  encoding: string,
  body: (socket: Socket) => void | Promise<void>,
  status = "200 OK",
): ReturnType<typeof startRawServer> {
  return startRawServer((socket) => {
    socket.once("data", () => {
      socket.write(`HTTP/1.1 ${status}\r\ncontent-encoding: ${encoding}\r\n\r\n`);
      void body(socket);
    });
  });
}

async function kindsFrom(url: string): Promise<{ kinds: string[]; message: string | undefined }> {
  const { events, error } = await outcomeOf(await clientAt(url).stream(request()));
  const message = error === undefined ? undefined : (error as Error).message;
  return { kinds: events.map(({ type }) => type), message };
}

describe("[api/X1] a compressed answer", () => {
  test.each(ENCODINGS)("%s is understood, however its bytes are cut", async (name, compress) => {
    const bytes = compress(TEXT);
    const cuts = [[bytes], [...bytes].map((byte) => Buffer.of(byte)), splitAtRandom(bytes, 3)];
    for (const pieces of cuts) {
      await using server = await serve(name, async (socket) => {
        for (const piece of pieces) await new Promise((sent) => socket.write(piece, sent));
        socket.end();
      });
      expect(await kindsFrom(server.url)).toEqual({ kinds: KINDS, message: undefined });
    }
  });

  test.each(ENCODINGS)(
    "%s of several parts, in one piece or in several",
    async (name, compress) => {
      if (name === "deflate") return;
      const parts = TEXT.split(/(?<=\n\n)/).map(compress);
      expect(parts).toHaveLength(3);
      for (const pieces of [[Buffer.concat(parts)], parts]) {
        await using server = await serve(name, async (socket) => {
          for (const piece of pieces) await new Promise((sent) => socket.write(piece, sent));
          socket.end();
        });
        expect(await kindsFrom(server.url)).toEqual({ kinds: KINDS, message: undefined });
      }
    },
  );

  test("events arrive while the stream goes on", async () => {
    const compressor = createZstdCompress();
    const answered = Promise.withResolvers<Socket>();
    await using server = await serve("zstd", (socket) => {
      compressor.on("data", (chunk: Buffer) => socket.write(chunk));
      compressor.write(sse({ type: "response.created", response: { id: "resp_1" } }));
      compressor.flush(() => answered.resolve(socket));
    });
    const stream = await clientAt(server.url).stream(request());
    const events = stream[Symbol.asyncIterator]();
    expect((await events.next()).value).toMatchObject({ type: "rateLimits" });
    expect((await events.next()).value).toMatchObject({ type: "created" });
    const socket = await answered.promise;
    compressor.end(sse({ type: "response.completed", response: { id: "resp_1" } }));
    expect((await events.next()).value).toMatchObject({ type: "completed" });
    socket.end();
    expect((await events.next()).done).toBe(true);
  });

  test("whole answers and refusals are understood as well", async () => {
    const models = JSON.stringify({ models: [] });
    await using server = await serve("gzip", (socket) => void socket.end(gzipSync(models)));
    const client = new ModelsClient({ provider: providerAt(server.url), auth: bearer("t") });
    expect((await client.list("1.0.0")).models).toEqual([]);

    const page = JSON.stringify({ error: { message: "no such model" } });
    const refusal = "404 Not Found";
    await using other = await serve("zstd", (it) => void it.end(zstdCompressSync(page)), refusal);
    const error = await apiErrorOf(clientAt(other.url).stream(request()));
    expect(error).toMatchObject({ code: "http_status", status: 404, bodyText: page });
  });

  test("no bytes at all are an empty answer", async () => {
    await using server = await serve("gzip", (socket) => void socket.end());
    const { message } = await kindsFrom(server.url);
    expect(message).toBe("stream closed before response.completed");
  });
});

describe("[api/X2] a compressed answer that is no good", () => {
  test.each(ENCODINGS)("%s that ends early keeps what came before", async (name, compress) => {
    const [first = "", ...rest] = TEXT.split(/(?<=\n\n)/);
    const isOneFrame = name === "deflate";
    const torn = compress(rest.join("")).subarray(0, 24);
    await using server = await serve(name, async (socket) => {
      if (!isOneFrame) await new Promise((sent) => socket.write(compress(first), sent));
      socket.end(torn);
    });
    const { kinds, message } = await kindsFrom(server.url);
    expect(kinds.slice(0, 2)).toEqual(isOneFrame ? kinds.slice(0, 2) : ["rateLimits", "created"]);
    expect(kinds).not.toContain("completed");
    expect(message).toBe(
      `Transport error: network error: the ${name.trim().toLowerCase()} data of the response ends early`,
    );
  });

  test.each(ENCODINGS)("%s that is something else", async (name) => {
    await using server = await serve(name, (socket) => void socket.end(TEXT));
    const { kinds, message } = await kindsFrom(server.url);
    expect(kinds).toEqual(["rateLimits"]);
    expect(message).toContain(`the ${name.trim().toLowerCase()} data of the response is damaged`);
  });

  test("a window larger than HTTP allows is refused", async () => {
    const params = { [constants.ZSTD_c_windowLog]: 27, [constants.ZSTD_c_contentSizeFlag]: 0 };
    const bytes = zstdCompressSync(Buffer.alloc(9 * 1024 * 1024, "ab"), { params });
    await using server = await serve("zstd", (socket) => void socket.end(bytes));
    expect((await kindsFrom(server.url)).message).toContain(
      "needs more memory than a response may use",
    );
  });

  test.each(ENCODINGS)("%s that swells is stopped at the largest event", async (name, compress) => {
    const bomb = compress(Buffer.from(`data: ${"a".repeat(8 * 1024 * 1024)}`));
    await using server = await serve(name, (socket) => void socket.end(bomb));
    const stream = await clientAt(server.url, {}, { maxEventBytes: 100_000 }).stream(request());
    const { error } = await outcomeOf(stream);
    expect(error).toMatchObject({ reason: "event_too_large" });
  });

  test("a consumer that does not read holds a swelling answer back", async () => {
    const event = sse({ type: "response.output_text.delta", delta: "x".repeat(1000) });
    const bomb = zstdCompressSync(event.repeat(40_000));
    await using server = await serve("zstd", (socket) => void socket.end(bomb));
    const before = process.memoryUsage.rss();
    const stream = await clientAt(server.url).stream(request());
    await new Promise((passed) => setTimeout(passed, 300));
    expect(process.memoryUsage.rss() - before).toBeLessThan(100 * 1024 * 1024);
    let deltas = 0;
    for await (const { type } of stream) {
      if (type === "outputTextDelta") deltas += 1;
      if (deltas === 20_000) break;
    }
    expect(deltas).toBe(20_000);
  });

  test("an encoding nobody knows leaves the bytes as they are", async () => {
    await using server = await serve("utf-8", (socket) => void socket.end(TEXT));
    expect(await kindsFrom(server.url)).toEqual({ kinds: KINDS, message: undefined });
  });
});
