import { randomUUID } from "node:crypto";
import { readFile, readdir, symlink, utimes, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryDirectory, waitFor } from "@codex-ts/test-support";
import { acquireProcessLock } from "../../src/auth/process-lock.ts";
import { type LockClock, silenceWatch } from "../../src/auth/lock-silence.ts";
import { startChild } from "../support/child-process.ts";

/** A waiter of this clock has watched for two heartbeats after a few looks. */
function hastyClock(): LockClock {
  let monotonicMs = 0;
  return { wallMs: () => Date.now(), monotonicMs: () => (monotonicMs += 2_000) };
}

const HOLD_LOCK = new URL("../support/children/hold-lock.ts", import.meta.url);

test("[provider/lock] only one owner at a time, in one process too", async () => {
  await using home = await temporaryDirectory();
  const path = join(home.path, "lock");
  let inside = 0;
  let most = 0;
  const work = async () => {
    const lock = await acquireProcessLock(path);
    inside += 1;
    most = Math.max(most, inside);
    await Promise.resolve();
    inside -= 1;
    await lock.release();
  };
  await Promise.all([work(), work(), work(), work()]);
  expect(most).toBe(1);
  expect(await readdir(home.path)).toEqual([]);
});

test("[provider/lock-dead] the lock of a killed process is broken, that of a living one is not", async () => {
  await using home = await temporaryDirectory();
  const path = join(home.path, "lock");
  await using child = startChild(HOLD_LOCK, [path]);
  expect(await child.nextLine()).toBe("ready");

  const abort = new AbortController();
  const waiting = acquireProcessLock(path, abort.signal);
  abort.abort(new Error("waited long enough"));
  await expect(waiting).rejects.toThrow("waited long enough");

  await child.kill();
  const lock = await acquireProcessLock(path);
  expect(await lock.isHeld()).toBe(true);
  await lock.release();
});

test("[provider/lock-heartbeat] a lock without a heartbeat for 30 seconds is broken, also of another host", async () => {
  await using home = await temporaryDirectory();
  const path = join(home.path, "lock");
  await writeFile(path, JSON.stringify({ nonce: "n", pid: 1, host: "elsewhere" }));
  const abort = new AbortController();
  const waiting = acquireProcessLock(path, abort.signal, hastyClock());
  const seconds = Date.now() / 1000;
  await utimes(path, seconds - 20, seconds - 20);
  expect(JSON.parse(await readFile(path, "utf8"))).toMatchObject({ nonce: "n" });
  await utimes(path, seconds - 31, seconds - 31);
  const lock = await waiting;
  expect(await lock.isHeld()).toBe(true);
  await lock.release();
});

test("drafts of killed processes are cleared away, fresh ones of living processes are not", async () => {
  await using home = await temporaryDirectory();
  const path = join(home.path, "lock");
  const [old, fresh] = [`lock.${randomUUID()}`, `lock.break.${randomUUID()}`];
  for (const name of [old, fresh, "lock.txt"]) await writeFile(join(home.path, name), "");
  const long = Date.now() / 1000 - 60;
  await utimes(join(home.path, old), long, long);
  await utimes(join(home.path, "lock.txt"), long, long);
  await (await acquireProcessLock(path)).release();
  expect((await readdir(home.path)).toSorted()).toEqual([fresh, "lock.txt"].toSorted());
});

test("an owner that lost its lock notices and does not remove the new one", async () => {
  await using home = await temporaryDirectory();
  const path = join(home.path, "lock");
  const lost = await acquireProcessLock(path);
  const long = Date.now() / 1000 - 60;
  await utimes(path, long, long);
  const lock = await acquireProcessLock(path, undefined, hastyClock());
  expect([await lost.isHeld(), await lock.isHeld()]).toEqual([false, true]);
  await lost.release();
  expect(await lock.isHeld()).toBe(true);
  await lock.release();
});

test("a lock of this host whose process id is alive is waited for", async () => {
  await using home = await temporaryDirectory();
  const path = join(home.path, "lock");
  const first = await acquireProcessLock(path);
  expect(JSON.parse(await readFile(path, "utf8"))).toMatchObject({
    pid: process.pid,
    host: expect.stringContaining(hostname()),
  });
  let isTaken = false;
  const second = acquireProcessLock(path).then((lock) => {
    isTaken = true;
    return lock;
  });
  expect(isTaken).toBe(false);
  await first.release();
  await (await second).release();
  await waitFor(async () => (await readdir(home.path)).length === 0);
});

test.each<[string, (path: string) => Promise<void>]>([
  ["without an owner", (path) => writeFile(path, "null")],
  ["that is a link to nowhere", (path) => symlink(`${path}.gone`, path)],
  [
    "with a process id that is none",
    (path) => writeFile(path, JSON.stringify({ nonce: "n", pid: -1, host: hostname() })),
  ],
])(
  "[provider/lock-hostile] a lock %s is waited for like any other, then broken",
  async (_, make) => {
    await using home = await temporaryDirectory();
    const path = join(home.path, "lock");
    await make(path);
    const abort = new AbortController();
    const waiting = acquireProcessLock(path, abort.signal);
    abort.abort(new Error("waited long enough"));
    await expect(waiting).rejects.toThrow("waited long enough");
    const lock = await acquireProcessLock(path, undefined, hastyClock());
    expect(await lock.isHeld()).toBe(true);
    await lock.release();
  },
);

test("[provider/lock-clock] after a jump of the clock a living owner is heard before its lock is broken", () => {
  let [wallMs, monotonicMs] = [1_000_000_000, 0];
  const isSilent = silenceWatch({ wallMs: () => wallMs, monotonicMs: () => monotonicMs });
  const look = (mtimeMs: number) => isSilent({ mtimeMs });
  const heartbeat = wallMs;
  expect(look(heartbeat)).toBe(false);
  wallMs += 3_600_000;
  monotonicMs += 4_999;
  expect(look(heartbeat)).toBe(false);
  // The owner beats on, by the new time.
  expect(look(wallMs)).toBe(false);
  monotonicMs += 9_999;
  expect(look(wallMs)).toBe(false);
  // Nothing for two heartbeats, and old by the clock: silent.
  wallMs += 30_001;
  monotonicMs += 1;
  expect(look(wallMs - 30_001)).toBe(true);
});

test("[provider/lock-clock] a lock from the future is silent after 30 seconds of watching", () => {
  let monotonicMs = 0;
  const isSilent = silenceWatch({ wallMs: () => 0, monotonicMs: () => monotonicMs });
  expect(isSilent({ mtimeMs: 86_400_000 })).toBe(false);
  monotonicMs = 29_999;
  expect(isSilent({ mtimeMs: 86_400_000 })).toBe(false);
  monotonicMs = 30_000;
  expect(isSilent({ mtimeMs: 86_400_000 })).toBe(true);
});
