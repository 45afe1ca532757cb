import { describe, expect, test } from "vitest";
import { AttemptReporter } from "../../src/observe/attempt-reporter.ts";
import { SecretSet } from "../../src/secrets/secret-set.ts";
import { readHandshake } from "../../src/websocket/handshake.ts";
import { MessageExchange } from "../../src/websocket/message-exchange.ts";
import { outcomeOf } from "../support/client.ts";
import { completedEvent, delta, deltas } from "../support/decode.ts";
import { holdTimers } from "../support/held-timers.ts";

const facts = {
  transport: "websocket",
  endpoint: "responses",
  attemptNumber: 0,
  method: "response.create",
  url: "",
  requestHeaders: [],
  requestBytes: 0,
} as const;

const IDLE_TIMEOUT_MS = 100;
/** What a queue takes before it holds up the reading. */
const QUEUE_SIZE = 1600;

/** An exchange and what it asked of its connection, in order. */
function exchangeWithout() {
  const asked: string[] = [];
  const exchange = new MessageExchange({
    handshake: readHandshake(
      {},
      { requestId: undefined, extensions: "", secrets: new SecretSet() },
    ),
    url: "ws://127.0.0.1/v1/responses",
    reporter: new AttemptReporter({
      observers: [],
      now: Date.now,
      facts,
      secrets: new SecretSet(),
    }),
    errors: { policy: "0.169", maxRetryAfterMs: 0, now: Date.now, secrets: new SecretSet() },
    idleTimeoutMs: IDLE_TIMEOUT_MS,
    turnState: undefined,
    signal: undefined,
    pause: () => asked.push("pause"),
    resume: () => asked.push("resume"),
    drop: () => asked.push("drop"),
    done: () => asked.push("done"),
  });
  const receive = (event: unknown): void => exchange.onText(JSON.stringify(event), 60);
  const fill = (count = QUEUE_SIZE): void => {
    for (let index = 0; index < count; index += 1) receive(delta("x"));
  };
  return { asked, exchange, receive, fill };
}

test("a server that never says a word is idle", async () => {
  using time = holdTimers();
  const { asked } = exchangeWithout();
  await time.advance(IDLE_TIMEOUT_MS - 1);
  expect(asked).toEqual([]);
  await time.advance(1);
  expect(asked).toEqual(["drop", "done"]);
});

describe("a full queue", () => {
  test("pauses the reading once, and taking from it goes on reading once", async () => {
    const { asked, exchange, receive, fill } = exchangeWithout();
    fill(QUEUE_SIZE + 100);
    expect(asked).toEqual(["pause"]);
    const reading = exchange.stream[Symbol.asyncIterator]();
    for (let index = 0; index < 200; index += 1) await reading.next();
    expect(asked).toEqual(["pause", "resume"]);
    receive(completedEvent);
    expect(asked).toEqual(["pause", "resume", "done"]);
  });

  test("of a complete response gives the reading back to the next request", async () => {
    const { asked, exchange, receive, fill } = exchangeWithout();
    fill();
    receive(completedEvent);
    expect(asked).toEqual(["pause", "resume", "done"]);
    expect(deltas(await outcomeOf(exchange.stream))).toHaveLength(QUEUE_SIZE);
    expect(asked).toHaveLength(3);
  });

  test("is no idle server, however long it waits and whatever else arrives", async () => {
    using time = holdTimers();
    const { exchange, receive, fill } = exchangeWithout();
    // The rest was in the socket's buffer when reading stopped.
    fill(QUEUE_SIZE + 100);
    await time.advance(10 * IDLE_TIMEOUT_MS);
    receive(completedEvent);
    expect(time.pending).toBe(0);
    const outcome = await outcomeOf(exchange.stream);
    expect(outcome.error).toBeUndefined();
    expect(deltas(outcome)).toHaveLength(QUEUE_SIZE + 100);
  });

  test("that is taken from measures the server's silence again, from then on", async () => {
    using time = holdTimers();
    const { asked, exchange, receive, fill } = exchangeWithout();
    fill();
    await time.advance(10 * IDLE_TIMEOUT_MS);
    const reading = exchange.stream[Symbol.asyncIterator]();
    await reading.next();
    await time.advance(IDLE_TIMEOUT_MS - 1);
    receive(delta("still there"));
    await reading.next();
    await time.advance(IDLE_TIMEOUT_MS - 1);
    expect(asked).not.toContain("drop");
    await time.advance(1);
    expect(asked.slice(-2)).toEqual(["drop", "done"]);
  });
});
