import { BoundedQueue } from "@codex-ts/api/internal";
import { describe, expect, test } from "vitest";

/** A queue of at most 3 values or 10 bytes, and its calls in order. */
function makeQueue() {
  const calls: string[] = [];
  const queue = new BoundedQueue<{ readonly n: number }>({
    maxCount: 3,
    maxBytes: 10,
    onFull: () => calls.push("full"),
    onRoom: () => calls.push("room"),
  });
  return { calls, queue };
}

const end = { value: undefined, done: true };

function valueOf(n: number) {
  return { value: { n }, done: false };
}

test("values come in order, whether they or their reader come first", async () => {
  const { queue } = makeQueue();
  queue.push({ n: 1 }, 1);
  expect(await queue.take()).toEqual(valueOf(1));
  const waiting = queue.take();
  queue.push({ n: 2 }, 1);
  expect(await waiting).toEqual(valueOf(2));
  expect(queue.isFull).toBe(false);
});

test("long use keeps the order of thousands of values", async () => {
  const { queue } = makeQueue();
  const taken: number[] = [];
  for (let n = 0; n < 5000; n += 1) {
    queue.push({ n }, 1);
    if (n % 3 === 0) continue;
    const result = await queue.take();
    if (result.done !== true) taken.push(result.value.n);
  }
  expect(taken).toEqual(Array.from({ length: taken.length }, (_, n) => n));
});

describe("limits", () => {
  test("of the count are reported once, and the first place that is free", async () => {
    const { calls, queue } = makeQueue();
    for (let n = 0; n < 5; n += 1) queue.push({ n }, 0);
    expect(calls).toEqual(["full"]);
    await queue.take();
    await queue.take();
    expect(queue.isFull).toBe(true);
    await queue.take();
    expect(calls).toEqual(["full", "room"]);
    expect(queue.isFull).toBe(false);
    expect(await queue.take()).toEqual(valueOf(3));
  });

  test("of the weight count what is queued, not what was taken", async () => {
    const { calls, queue } = makeQueue();
    queue.push({ n: 1 }, 9);
    await queue.take();
    queue.push({ n: 2 }, 9);
    expect(calls).toEqual([]);
    queue.push({ n: 3 }, 1);
    expect(calls).toEqual(["full"]);
  });

  test("reached before the end make no room after it", async () => {
    const { calls, queue } = makeQueue();
    for (let n = 0; n < 3; n += 1) queue.push({ n }, 0);
    queue.end();
    await queue.take();
    expect(calls).toEqual(["full"]);
  });
});

describe("the end", () => {
  test("comes after what is queued, and again for those who ask again", async () => {
    const { queue } = makeQueue();
    queue.push({ n: 1 }, 1);
    expect(queue.end()).toBe(true);
    queue.push({ n: 2 }, 1);
    expect(await queue.take()).toEqual(valueOf(1));
    expect(await queue.take()).toEqual(end);
    expect(await queue.take()).toEqual(end);
  });

  test("with a failure rejects once, whatever its reason is", async () => {
    const { queue } = makeQueue();
    queue.end({ reason: undefined });
    await expect(queue.take()).rejects.toBeUndefined();
    expect(await queue.take()).toEqual(end);
  });

  test.each([["end"], ["close"]] as const)("reaches a waiting reader by %s", async (way) => {
    const { queue } = makeQueue();
    const waiting = queue.take();
    queue[way]({ reason: "over" });
    await expect(waiting).rejects.toBe("over");
  });

  test("happens once", async () => {
    const { queue } = makeQueue();
    queue.end();
    expect(queue.end({ reason: "late" })).toBe(false);
    expect(await queue.take()).toEqual(end);
  });

  test("by closing drops what is queued, even a failure that waits to be seen", async () => {
    const { queue } = makeQueue();
    queue.push({ n: 1 }, 1);
    queue.end({ reason: "unseen" });
    expect(queue.close()).toBe(false);
    expect(await queue.take()).toEqual(end);
  });
});

test("two readers at a time are a mistake of the caller", async () => {
  const { queue } = makeQueue();
  const first = queue.take();
  await expect(queue.take()).rejects.toThrow(TypeError);
  queue.push({ n: 1 }, 1);
  expect(await first).toEqual(valueOf(1));
});
