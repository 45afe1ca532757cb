import { execFile } from "node:child_process";
import { randomUUID } from "node:crypto";
import { writeFileSync } from "node:fs";
import {
  lstat,
  mkdir,
  readFile,
  readdir,
  stat,
  symlink,
  utimes,
  writeFile,
} from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, expect, test, vi } from "vitest";
import { temporaryDirectory, waitFor } from "@codex-ts/test-support";
import { acquireProcessLock } from "../../src/auth/process-lock.ts";
import { newLockOwner } from "../../src/auth/lock-owner.ts";
import { type LockClock, silenceWatch } from "../../src/auth/lock-silence.ts";
import { startChild } from "../support/child-process.ts";

afterEach(() => {
  vi.useRealTimers();
});

/** A waiter of this clock has watched long enough after a few looks. */
function hastyClock(stepMs = 2_000): LockClock {
  let monotonicMs = 0;
  return { wallMs: () => Date.now(), monotonicMs: () => (monotonicMs += stepMs) };
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
  const lock = await acquireProcessLock(path, undefined, hastyClock(5_000));
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
    const lock = await acquireProcessLock(path, undefined, hastyClock(15_000));
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
  monotonicMs += 2_999;
  expect(look(heartbeat)).toBe(false);
  // The owner beats on, by the new time.
  expect(look(wallMs)).toBe(false);
  // Old by the clock once more; silent only after nothing came for three heartbeats.
  wallMs += 30_001;
  monotonicMs += 2_999;
  expect(look(wallMs - 30_001)).toBe(false);
  monotonicMs += 1;
  expect(look(wallMs - 30_001)).toBe(true);
});

test("[provider/lock-clock] a lock from the future is silent after three seconds of watching", () => {
  let monotonicMs = 0;
  const isSilent = silenceWatch({ wallMs: () => 0, monotonicMs: () => monotonicMs });
  expect(isSilent({ mtimeMs: 86_400_000 })).toBe(false);
  monotonicMs = 2_999;
  expect(isSilent({ mtimeMs: 86_400_000 })).toBe(false);
  monotonicMs = 3_000;
  expect(isSilent({ mtimeMs: 86_400_000 })).toBe(true);
});

/** A real clock that tells how often the lock was looked at. */
function countingClock(onLook: (look: number) => void = () => {}) {
  let looks = 0;
  const wallMs = () => {
    looks += 1;
    onLook(looks);
    return Date.now();
  };
  return { looks: () => looks, clock: { wallMs, monotonicMs: () => looks * 6_000 } };
}

test("[provider/lock-dead] nothing is known about processes of another host", async () => {
  await using home = await temporaryDirectory();
  const path = join(home.path, "lock");
  const owner = { nonce: "theirs", pid: 2_147_483_647, host: "elsewhere" };
  await writeFile(path, JSON.stringify(owner));
  const { looks, clock } = countingClock();
  const abort = new AbortController();
  const waiting = acquireProcessLock(path, abort.signal, clock);
  await waitFor(() => looks() >= 3);
  abort.abort(new Error("waited long enough"));
  await expect(waiting).rejects.toThrow("waited long enough");
  expect(JSON.parse(await readFile(path, "utf8"))).toEqual(owner);
});

test("[provider/lock] a slow breaker does not remove the fresh lock of a fast one", async () => {
  await using home = await temporaryDirectory();
  const path = join(home.path, "lock");
  const long = Date.now() / 1000 - 60;
  await writeFile(path, "{}");
  await utimes(path, long, long);
  const fresh = JSON.stringify({ nonce: "fresh", pid: process.pid, host: "elsewhere" });
  const { looks, clock } = countingClock((look) => {
    // Judged abandoned at this look; somebody else is faster and holds it already.
    if (look === 2) writeFileSync(path, fresh);
  });
  const abort = new AbortController();
  const waiting = acquireProcessLock(path, abort.signal, clock);
  await waitFor(() => looks() >= 5);
  abort.abort(new Error("waited long enough"));
  await expect(waiting).rejects.toThrow("waited long enough");
  expect(await readFile(path, "utf8")).toBe(fresh);
});

test.each([-31, 31])(
  "[provider/lock-dead] a breaker that was killed (%d seconds off) stops nobody",
  async (secondsOff) => {
    await using home = await temporaryDirectory();
    const path = join(home.path, "lock");
    for (const [name, off] of [
      [path, -60],
      [`${path}.break`, secondsOff],
    ] as const) {
      await writeFile(name, "");
      await utimes(name, Date.now() / 1000 + off, Date.now() / 1000 + off);
    }
    const lock = await acquireProcessLock(path, undefined, hastyClock(5_000));
    expect(await lock.isHeld()).toBe(true);
    await lock.release();
    expect(await readdir(home.path)).toEqual([]);
  },
);

test.each<[string, (path: string) => Promise<unknown>]>([
  ["a pipe", (path) => promisify(execFile)("mkfifo", [path])],
  ["a directory", (path) => mkdir(path)],
  ["not a file", (path) => symlink(`${path}.gone`, path)],
])(
  "[provider/lock-foreign] %s in the place of a lock or a breaker is named",
  async (kind, make) => {
    for (const name of ["lock", "lock.break"]) {
      await using home = await temporaryDirectory();
      const path = join(home.path, "lock");
      if (name !== "lock") await writeFile(path, JSON.stringify(await deadOwner()));
      await make(join(home.path, name));
      await expect(acquireProcessLock(path)).rejects.toMatchObject({
        code: "store_unavailable",
        message: expect.stringContaining(
          `/${name} is ${kind}, where the lock of the login should be; remove it and try again`,
        ),
      });
      expect((await lstat(join(home.path, name))).isFile()).toBe(false);
    }
  },
);

test.each<[string, (path: string) => Promise<unknown>]>([
  ["an abandoned lock with a breaker that wrote nothing", (path) => writeFile(`${path}.break`, "")],
  [
    "an abandoned lock with a breaker of another host",
    (path) => writeFile(`${path}.break`, JSON.stringify({ nonce: "n", pid: 1, host: "elsewhere" })),
  ],
  [
    "an abandoned lock with a breaker that is dead",
    async (path) => writeFile(`${path}.break`, JSON.stringify(await deadOwner())),
  ],
  ["a lock of another host from the future", (path) => utimes(path, 4e9, 4e9)],
])("[provider/lock-soon] %s is over within five seconds", async (_, make) => {
  await using home = await temporaryDirectory();
  const path = join(home.path, "lock");
  await writeFile(path, JSON.stringify({ nonce: "n", pid: 1, host: "elsewhere" }));
  await utimes(path, 0, 0);
  await make(path);
  let monotonicMs = 0;
  const clock = { wallMs: () => Date.now(), monotonicMs: () => (monotonicMs += 100) };
  const lock = await acquireProcessLock(path, undefined, clock);
  expect(monotonicMs).toBeLessThanOrEqual(5_000);
  expect(await lock.isHeld()).toBe(true);
  await lock.release();
  expect(await readdir(home.path)).toEqual([]);
});

/** An owner of this host whose process has ended. */
async function deadOwner(): Promise<object> {
  const { stdout } = await promisify(execFile)("/bin/sh", ["-c", "echo $$"]);
  return { ...newLockOwner(), pid: Number(stdout) };
}

test("[provider/lock-heartbeat] an owner touches its lock every second", async () => {
  await using home = await temporaryDirectory();
  const path = join(home.path, "lock");
  vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
  const lock = await acquireProcessLock(path);
  await utimes(path, 0, 0);
  vi.advanceTimersByTime(1_000);
  await waitFor(async () => Date.now() - (await stat(path)).mtimeMs < 60_000);
  await lock.release();
  expect(vi.getTimerCount()).toBe(0);
});
