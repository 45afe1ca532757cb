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
import { waitFor } from "@codex-ts/test-support";
import { apiErrorOf, outcomeOf } from "../support/client.ts";
import { holdTimers } from "../support/held-timers.ts";
import { completedEvent, deltas } from "../support/decode.ts";
import { closeFrame, startMuteWebSocketServer, textFrame } from "../support/raw-websocket.ts";
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

test("how the server closed it is a fact of the connection, and of what is asked of it later", async () => {
  await using server = await startResponsesServer({ script: [] });
  await using connection = await webSocketClientAt(server.url).connect();
  expect(connection.closeCode).toBeUndefined();
  server.connections[0]?.close(4001, "go away");
  expect(await connection.whenClosed).toEqual({ code: 4001, reason: "go away", by: "server" });
  expect(connection.closeCode).toBe(4001);
  expect(await apiErrorOf(connection.stream(frame()))).toMatchObject({
    reason: "connection_closed",
    closeCode: 4001,
  });
});

test("a server that announces the end and keeps the connection open is taken at its word", async () => {
  await using server = await startMuteWebSocketServer(closeFrame(4002, "moved"), {
    allowHalfOpen: true,
  });
  await using connection = await webSocketClientAt(server.url).connect();
  // Its client would be told of an idle timeout, minutes later.
  expect(await connection.whenClosed).toEqual({ code: 4002, reason: "moved", by: "server" });
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
    // The text of the pieces, which no item had, and the end.
    expect(left).toBe(1700 + 2 - 200);
  });
});

describe("closing", () => {
  test("does not wait long for a server that does not answer", async () => {
    await using server = await startMuteWebSocketServer();
    const connection = await webSocketClientAt(server.url).connect();
    using time = holdTimers();
    const closing = connection.close();
    await time.advance(999);
    expect(connection.closeCode).toBeUndefined();
    await time.advance(1);
    await closing;
    expect(time.pending).toBe(0);
    expect(await connection.whenClosed).toEqual({ code: 1006, reason: "", by: "client" });
    expect(connection.isOpen).toBe(false);
  });

  test.each([
    ["holds up the reading", true],
    ["is about to hold up the reading", false],
  ])("goes through at once while a full queue %s", async (_when, isRead) => {
    await using server = await startResponsesServer({
      script: [{ events: [textDelta("x".repeat(8 * 1024 * 1024)), gate("sent"), hang()] }],
    });
    let seen = 0;
    const observer = { onStreamPolled: () => (seen += 1) };
    const connection = await webSocketClientAt(server.url, {}, { observer }).connect();
    await connection.stream(frame());
    await server.waitForGate("sent");
    if (isRead) await waitFor(() => seen === 1);
    // Without time there is no end to the wait for a server that does not answer.
    using time = holdTimers();
    await connection.close();
    expect(time.pending).toBe(0);
    expect(await connection.whenClosed).toMatchObject({ code: 1000 });
  });

  test("waits no longer for a server that goes on sending, and queues no more than that", async () => {
    await using server = await startMuteWebSocketServer();
    const connection = await webSocketClientAt(server.url).connect();
    const stream = await connection.stream(frame());
    const [socket] = server.sockets;
    const flood = textFrame(JSON.stringify(textDelta("x".repeat(1024 * 1024))));
    const send = (): void => {
      if (socket?.writable === true && socket.write(flood)) send();
    };
    socket?.on("drain", send);
    send();
    // Without time there is no end to the wait for a server that does not answer.
    using time = holdTimers();
    await connection.close();
    expect(time.pending).toBe(0);
    expect(await connection.whenClosed).toEqual({ code: 1006, reason: "", by: "client" });
    const { events, error } = await outcomeOf(stream);
    expect(error).toMatchObject({ reason: "closed_early" });
    // What is queued before reading stops, and as much again.
    expect(events.length).toBeLessThan(24);
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
