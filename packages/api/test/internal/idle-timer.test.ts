import { expect, test } from "vitest";
import { setImmediate } from "node:timers/promises";
import { IdleTimer } from "../../src/internal/idle-timer.ts";
import { holdTimers } from "../support/held-timers.ts";

function counting(timeoutMs: number) {
  const counted = { expired: 0, timer: new IdleTimer(timeoutMs, () => (counted.expired += 1)) };
  return counted;
}

/** Until then all happens at one time. */
const settled = (): Promise<void> => Promise.resolve();

test("fires once after the time without a touch, and not before", async () => {
  using time = holdTimers();
  const idle = counting(100);
  idle.timer.touch();
  await time.advance(99);
  idle.timer.touch();
  await time.advance(99);
  expect(idle.expired).toBe(0);
  await time.advance(1);
  expect(idle.expired).toBe(1);
  await time.advance(1000);
  expect(idle.expired).toBe(1);
});

test("what waits in the socket when the time is over has its turn before the verdict", async () => {
  using time = holdTimers();
  const idle = counting(100);
  idle.timer.touch();
  await settled();
  const passing = time.advance(100);
  idle.timer.touch();
  await passing;
  await setImmediate();
  expect(idle.expired).toBe(0);
  await time.advance(100);
  expect(idle.expired).toBe(1);
});

test("a touch between the end of the time and the verdict starts no second timer", async () => {
  using time = holdTimers();
  const idle = counting(100);
  idle.timer.touch();
  await settled();
  const passing = time.advance(100);
  idle.timer.touch();
  expect(time.pending).toBe(0);
  await passing;
  expect(time.pending).toBe(1);
});

test("stopped in time it does not fire, also between the end of the time and the verdict", async () => {
  using time = holdTimers();
  const idle = counting(100);
  idle.timer.touch();
  idle.timer.stop();
  await time.advance(200);
  idle.timer.touch();
  await settled();
  const passing = time.advance(100);
  idle.timer.stop();
  await passing;
  await setImmediate();
  expect(idle.expired).toBe(0);
  expect(time.pending).toBe(0);
});

test("a time longer than Node's timers can wait for is waited for in parts", async () => {
  const warnings: Error[] = [];
  const onWarning = (warning: Error): void => void warnings.push(warning);
  process.on("warning", onWarning);
  const idle = counting(2_147_483_647 + 1000);
  idle.timer.touch();
  await setImmediate();
  idle.timer.stop();
  process.off("warning", onWarning);
  // Node says so when it fires at once instead.
  expect(warnings).toEqual([]);
});
