import { getEventListeners } from "node:events";
import { describe, expect, test } from "vitest";
import type { AttemptEnded } from "@codex-ts/api";
import {
  close,
  created,
  gate,
  hang,
  messageExchange,
  rawEvent,
  startResponsesServer,
  textDelta,
} from "@codex-ts/responses-server";
import { outcomeOf } from "../support/client.ts";
import { AttemptRecorder } from "../../src/attempt-recorder.ts";
import { readHandshake } from "../../src/websocket/handshake.ts";
import { MessageExchange } from "../../src/websocket/message-exchange.ts";
import { completedEvent, delta, deltas } from "../support/decode.ts";
import { startMuteWebSocketServer } from "../support/raw-websocket.ts";
import { frame, webSocketClientAt } from "../support/websocket.ts";

function recording() {
  const ended: AttemptEnded[] = [];
  return { ended, observer: { onAttemptEnded: (attempt: AttemptEnded) => ended.push(attempt) } };
}

test("the close code is a fact of the attempt", async () => {
  await using server = await startResponsesServer({
    script: [{ events: [created(), close(1011)] }],
  });
  const { ended, observer } = recording();
  await using connection = await webSocketClientAt(server.url, {}, { observer }).connect();
  await outcomeOf(await connection.stream(frame()));
  expect(ended.at(-1)).toMatchObject({ endpoint: "responses", outcome: "failed", closeCode: 1011 });
});

/** Fills the queue of a stream and completes it. */
function* moreThanTheQueueHolds() {
  for (let index = 0; index < 1700; index += 1) yield textDelta("x");
  yield rawEvent(completedEvent);
}

describe("a response nobody has read", () => {
  test("does not keep the connection from the next request once it is complete", async () => {
    await using server = await startResponsesServer({
      script: [{ events: moreThanTheQueueHolds() }, messageExchange("two")],
    });
    await using connection = await webSocketClientAt(server.url).connect();
    const unread = await connection.stream(frame());
    // The rest of the first answer comes with what is read of it.
    const reading = unread[Symbol.asyncIterator]();
    const second = connection.stream(frame());
    for (let index = 0; index < 200; index += 1) await reading.next();
    expect(deltas(await outcomeOf(await second))).toEqual(["two"]);
    let left = 0;
    while ((await reading.next()).done !== true) left += 1;
    expect(left).toBe(1700 + 1 - 200);
  });

  test("is no idle server, however long it waits and whatever else arrives", async () => {
    const exchange = new MessageExchange({
      handshake: readHandshake({}, "", (text) => text),
      recorder: new AttemptRecorder({ observers: [], now: Date.now, facts: noFacts, secrets: [] }),
      errors: { policy: "0.169", maxRetryAfterMs: 0, now: Date.now, secrets: [] },
      idleTimeoutMs: 15,
      turnState: undefined,
      signal: undefined,
      pause() {},
      resume() {},
      drop() {},
      done() {},
    });
    // Fills the queue; the rest was in the socket's buffer when reading stopped.
    for (let index = 0; index < 1700; index += 1) exchange.onText(JSON.stringify(delta("x")), 60);
    await new Promise((resolve) => setTimeout(resolve, 60));
    exchange.onText(JSON.stringify(completedEvent), 60);
    const outcome = await outcomeOf(exchange.stream);
    expect(outcome.error).toBeUndefined();
    expect(deltas(outcome)).toHaveLength(1700);
  });
});

const noFacts = {
  transport: "websocket",
  endpoint: "responses",
  attemptNumber: 0,
  method: "response.create",
  url: "",
  requestHeaders: [],
  requestBytes: 0,
} as const;

describe("closing", () => {
  test("does not wait long for a server that does not answer", async () => {
    await using server = await startMuteWebSocketServer();
    const connection = await webSocketClientAt(server.url).connect();
    await connection.close();
    expect(await connection.whenClosed).toEqual({ code: 1006, reason: "" });
    expect(connection.isOpen).toBe(false);
  });

  test("goes through while a full queue holds up the reading", async () => {
    await using server = await startResponsesServer({
      script: [{ events: [textDelta("x".repeat(9 * 1024 * 1024)), gate("filled"), hang()] }],
    });
    const connection = await webSocketClientAt(server.url).connect();
    await connection.stream(frame());
    await server.waitForGate("filled");
    await connection.close();
    expect(await connection.whenClosed).toMatchObject({ code: 1000 });
  });
});

test.each(Array.from({ length: 8 }, (_, turns) => turns))(
  "an abort %d microtasks after a request was made drops the connection and leaves no listener",
  async (turns) => {
    await using server = await startResponsesServer({ script: [{ events: [created(), hang()] }] });
    const { ended, observer } = recording();
    const connection = await webSocketClientAt(server.url, {}, { observer }).connect();
    const controller = new AbortController();
    const reason = new Error("stop");
    const collecting = connection
      .stream(frame(), { signal: controller.signal })
      .then((stream) => outcomeOf(stream))
      .catch((error: unknown) => error);
    for (let turn = 0; turn < turns; turn += 1) await Promise.resolve();
    controller.abort(reason);
    expect(await collecting).toBe(reason);
    expect(ended.at(-1)).toMatchObject({ endpoint: "responses", outcome: "cancelled" });
    expect(getEventListeners(controller.signal, "abort")).toEqual([]);
    await connection.close();
  },
);
