import { describe, expect, test } from "vitest";
import { EventStreamBody } from "../../src/stream/event-stream-body.ts";
import { completedSse, delta, sse } from "../support/decode.ts";
import { holdTimers } from "../support/held-timers.ts";

const IDLE_TIMEOUT_MS = 100;

/** A body without a socket, and what it asked of one, in order. */
function bodyWithout() {
  const asked: string[] = [];
  const body = new EventStreamBody({
    source: {
      pause: () => asked.push("pause"),
      resume: () => asked.push("resume"),
      abort: () => asked.push("abort"),
      release: () => asked.push("release"),
    },
    headers: undefined,
    upstreamRequestId: undefined,
    reporter: undefined,
    policy: "0.169",
    idleTimeoutMs: IDLE_TIMEOUT_MS,
    maxEventBytes: 1024,
    turnState: undefined,
    signal: undefined,
  });
  const receive = (text: string): void => body.onData(Buffer.from(text));
  return { asked, body, receive };
}

test("a server that never says a word is idle", async () => {
  using time = holdTimers();
  const { asked } = bodyWithout();
  await time.advance(IDLE_TIMEOUT_MS - 1);
  expect(asked).toEqual([]);
  await time.advance(1);
  expect(asked).toEqual(["abort"]);
});

describe("a full queue", () => {
  // More than it takes, in the middle of a chunk.
  const filling = sse(delta("x")).repeat(2000);

  test("pauses the reading, is no idle server, and taken from reads on", async () => {
    using time = holdTimers();
    const { asked, body, receive } = bodyWithout();
    receive(filling);
    await time.advance(10 * IDLE_TIMEOUT_MS);
    expect(asked).toEqual(["pause"]);
    const taken: unknown[] = [];
    for await (const event of body.stream) {
      taken.push(event);
      if (taken.length === 2000) receive(completedSse);
    }
    // The text of the pieces, which no item had, and the end.
    expect(taken).toHaveLength(2002);
    expect(asked).toEqual(["pause", "resume", "release"]);
    expect(time.pending).toBe(0);
  });

  test.each([
    ["from then on", ""],
    ["from the next event on", sse(delta("still there"))],
  ])("that is taken from measures the server's silence again, %s", async (_since, more) => {
    using time = holdTimers();
    const { asked, body, receive } = bodyWithout();
    receive(filling);
    await time.advance(10 * IDLE_TIMEOUT_MS);
    const reading = body.stream[Symbol.asyncIterator]();
    for (let index = 0; index < 500; index += 1) await reading.next();
    if (more !== "") await time.advance(IDLE_TIMEOUT_MS - 1);
    receive(more);
    await time.advance(IDLE_TIMEOUT_MS - 1);
    expect(asked).toEqual(["pause", "resume"]);
    await time.advance(1);
    expect(asked).toEqual(["pause", "resume", "abort"]);
  });
});
