import { describe, expect, test } from "vitest";
import {
  bytes,
  close,
  created,
  delay,
  disconnect,
  hang,
  rawEvent,
  startResponsesServer,
} from "@codex-ts/responses-server";
import type { Exchange, Step } from "@codex-ts/responses-server";
import { toCodexError } from "@codex-ts/api";
import type { ErrorPolicy } from "@codex-ts/api";
import { bearer, clientAt, outcomeOf, request } from "../support/client.ts";
import { decodeChunks, sse } from "../support/decode.ts";
import { frame, webSocketClientAt } from "../support/websocket.ts";

const POLICIES: readonly ErrorPolicy[] = ["0.169", "0.140"];

const errorEvent = { type: "error", error: { code: "shard_offline", message: "Shard 7 is off." } };

/** Ways to say why, and the words they hold. */
const SAID: readonly (readonly [name: string, event: object, words: string])[] = [
  ["an error event", errorEvent, "Shard 7 is off. (shard_offline)"],
  [
    "an error event without an object",
    { type: "error", code: "e1", message: "GPU lost.", param: null },
    "GPU lost. (e1)",
  ],
  [
    "a bare error",
    { error: { message: "No model is loaded.", type: "gateway" } },
    "No model is loaded. (gateway)",
  ],
  ["a bare text", { error: "upstream timed out" }, "upstream timed out"],
  ["a list of problems", { error: { detail: [{ msg: "input too long" }] } }, "input too long"],
  ["a code alone", { type: "error", error: { code: 503 } }, "503"],
  [
    "a failed response that may be tried again",
    { type: "response.failed", response: { error: { code: "server_error", message: "Crashed." } } },
    "Crashed. (server_error)",
  ],
  [
    "a failed response of another shape",
    { type: "response.failed", response: { error: "Crashed." } },
    "Crashed.",
  ],
];

/** Ways a stream ends afterwards. */
const ENDS: readonly (readonly [name: string, step: Step, reason: string])[] = [
  ["a clean end", bytes(""), "closed_early"],
  ["a reset", disconnect(), "connection_lost"],
  ["silence", hang(), "idle_timeout"],
];

describe.each(POLICIES)(
  "[api/F13] the server's words are in the error, under %s",
  (errorPolicy) => {
    describe.each(SAID)("said by %s", (_name, event, words) => {
      test.each(ENDS)("and then %s", async (_end, step, reason) => {
        await using server = await startResponsesServer({
          script: [
            {
              requestId: "req_1",
              events: [created("resp_1"), rawEvent(event as never), delay(20), step],
            },
          ],
        });
        const client = clientAt(server.url, { streamIdleTimeoutMs: 300 }, { errorPolicy });
        const { error } = await outcomeOf(await client.stream(request()));
        if (error === undefined) throw new Error("the stream should have failed");
        const [message] = words.split(" (");
        expect(toCodexError(error, { errorPolicy }).message).toContain(message);
        expect(error).toMatchObject({
          serverMessage: message,
          upstreamRequestId: "req_1",
          responseId: "resp_1",
        });
        // A failed response is an error of its own at a clean end.
        const isOfItsOwn = "response" in event && reason === "closed_early";
        const brokeAs = error.code === "stream" ? error.reason : error.code;
        expect(isOfItsOwn ? reason : brokeAs).toBe(reason);
        expect(error.message).toContain(isOfItsOwn ? message : `; the server said: ${words}`);
        expect(toCodexError(error, { errorPolicy }).retryable).toBe(true);
      });
    });

    test("a response that completes after all is none the worse", async () => {
      const done = { type: "response.completed", response: { id: "r" } };
      const stream = Buffer.from(sse(errorEvent) + sse(done));
      expect((await decodeChunks([stream], { policy: errorPolicy })).error).toBeUndefined();
    });

    test("they are one bounded line without control characters and credentials", async () => {
      const message = `key sk-secret-key-1 \u001b[31mred\u001b[0m\u0007 \u202eturned\nnext ${"x".repeat(5000)}`;
      await using server = await startResponsesServer({
        script: [{ events: [rawEvent({ type: "error", error: { message } })] }],
      });
      const client = clientAt(server.url, {}, { errorPolicy, auth: bearer("sk-secret-key-1") });
      const { error } = await outcomeOf(await client.stream(request()));
      expect(error?.serverMessage).toMatch(/^key \[redacted\] red turned next x+\.\.\.$/);
      expect(error?.serverMessage?.length).toBeLessThanOrEqual(1003);
      expect(error?.message).not.toMatch(/\p{Cc}|\u202e|sk-secret/u);
    });
  },
);

/** Answers that are no response, and what the error says besides content type and URL. */
const OTHER_ANSWERS: readonly (readonly [name: string, exchange: Exchange, says: string])[] = [
  [
    "a JSON error",
    { body: { error: { message: "The model is loading.", code: "loading" } } },
    "The model is loading.",
  ],
  ["a JSON answer", { body: { id: "resp_1", status: "completed" } }, '{"id":"resp_1"'],
  [
    "a page",
    {
      headers: { "content-type": "text/html; charset=utf-8" },
      body: "<!doctype html><title>Sign in</title><script>x</script><body><h1>Café</h1></body>",
    },
    "Sign in",
  ],
  ["a text", { headers: { "content-type": "text/plain" }, body: "not here\n" }, "not here"],
  [
    "a chat completion in events",
    {
      events: [
        bytes('data: {"object":"chat.completion.chunk","choices":[]}\n\n'),
        bytes("data: [DONE]\n\n"),
      ],
    },
    '{"object":"chat.completion.chunk"',
  ],
  [
    "events of another service",
    { events: ["message_start", "message_stop"].map((type) => rawEvent({ type })) },
    '{"type":"message_start"}',
  ],
  ["events that are no JSON", { events: [bytes("data: hello\n\ndata: world\n\n")] }, "hello"],
];

describe("[api/F14] an answer that is no response is named as what it is", () => {
  test.each(OTHER_ANSWERS)("%s", async (_name, exchange, says) => {
    await using server = await startResponsesServer({
      script: [{ requestId: "req_1", ...exchange } as Exchange],
    });
    const { error } = await outcomeOf(await clientAt(server.url).stream(request()));
    expect(error).toMatchObject({
      code: "stream",
      reason: "not_understood",
      upstreamRequestId: "req_1",
    });
    const text = error && toCodexError(error).message;
    expect(text).toContain(`URL ${server.url}/responses`);
    expect(text).toMatch(/content type (text|application)\/[a-z-]+/);
    expect(text).toContain(says);
    expect(text).not.toMatch(/disconnect|closed before/);
  });

  test("a response that was understood and then broke is named as that", async () => {
    const steps = [bytes("data: not json\n\n"), created(), bytes("data: not json\n\n")];
    await using server = await startResponsesServer({ script: [{ events: steps }] });
    const { error } = await outcomeOf(await clientAt(server.url).stream(request()));
    expect(error).toMatchObject({
      reason: "closed_early",
      message: "stream closed before response.completed",
    });
  });
});

describe("[api/I20] over WebSocket", () => {
  test.each<[string, readonly Step[], string, readonly string[]]>([
    [
      "words before a close",
      [rawEvent(errorEvent), close(1011, "shard lost")],
      "connection_closed",
      ["(close code 1011: shard lost)", "the server said: Shard 7 is off. (shard_offline)"],
    ],
    [
      "words before a drop",
      [rawEvent(errorEvent), disconnect()],
      "closed_early",
      ["Shard 7 is off."],
    ],
    ["words before silence", [rawEvent(errorEvent), hang()], "idle_timeout", ["Shard 7 is off."]],
    [
      "words before bytes",
      [rawEvent(errorEvent), bytes(new Uint8Array([1]))],
      "binary_message",
      ["Shard 7 is off."],
    ],
    [
      "nothing that could be understood",
      [bytes("upstream unavailable"), close(1000)],
      "connection_closed",
      ["the one event that arrived is not one of its events", "URL ws://", "upstream unavailable"],
    ],
    [
      "nothing that could be understood, then the end",
      [bytes("{}"), bytes("[]"), disconnect()],
      "not_understood",
      ["none of the 2 events that arrived", "URL ws://"],
    ],
  ])("%s", async (_name, events, reason, parts) => {
    await using server = await startResponsesServer({ script: [{ requestId: "never", events }] });
    const client = webSocketClientAt(server.url, { streamIdleTimeoutMs: 300 });
    await using connection = await client.connect();
    const { error } = await outcomeOf(await connection.stream(frame()));
    expect(error).toMatchObject({ code: "stream", reason });
    for (const part of parts) expect(error?.message).toContain(part);
    // That of the handshake is not the stream's.
    expect(error?.upstreamRequestId).toBeUndefined();
  });
});
