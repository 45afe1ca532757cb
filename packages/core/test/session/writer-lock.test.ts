import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { messageExchange } from "@codex-ts/responses-server";
import { acquireWriterLock } from "../../src/session/writer-lock.ts";
import { fileOf, linesOf, startSessionScene } from "../support/session-scene.ts";
import { temporaryDirectory } from "@codex-ts/test-support";

const ID = "01a22ad2-cddc-7562-9144-35efa19faf9f";
const IN_USE = { code: "session_in_use", message: `thread ${ID} already has an active writer` };

describe("[core/F10] a session has one writer", () => {
  test("a second one is refused until the first has closed", async () => {
    await using scene = await startSessionScene(
      ["One.", "Two."].map((text) => messageExchange(text)),
    );
    const first = await scene.create();
    await scene.once(first, "go");
    const second = await scene.resume(first.threadId);
    await expect(scene.resume(first.threadId)).rejects.toMatchObject({ code: "session_in_use" });
    await scene.once(second, "more");
    const third = await scene.resume(first.threadId);
    await third.close();
    expect(linesOf(fileOf(first)).length).toBeGreaterThan(20);
    expect(readdirSync(join(scene.codexHome, "thread-writer-locks"))).toEqual([]);
  });

  test("whoever only reads needs no leave", async () => {
    await using scene = await startSessionScene(
      ["One.", "Two."].map((text) => messageExchange(text)),
    );
    const first = await scene.create();
    await scene.once(first, "go");
    const writer = await scene.resume(first.threadId);
    await scene.once(await scene.resume(first.threadId, { ephemeral: true }), "more");
    const fork = await scene.fork(first.threadId);
    expect([writer.threadId === fork.threadId, scene.server.requests.length]).toEqual([false, 2]);
  });

  test("the lock of a dead process, of an earlier process of this id, or what is none is broken", async () => {
    await using directory = await temporaryDirectory();
    const locks = join(directory.path, "thread-writer-locks");
    mkdirSync(locks);
    const dead = spawn("true", { stdio: "ignore" });
    await new Promise((resolve) => dead.on("close", resolve));
    const owner = { nonce: "n", pid: dead.pid, started: "1", host: hostname() };
    for (const content of [
      JSON.stringify(owner),
      JSON.stringify({ ...owner, pid: process.pid }),
      "no lock",
    ]) {
      writeFileSync(join(locks, `${ID}.codex-ts`), content);
      acquireWriterLock(directory.path, ID).release();
    }
    writeFileSync(join(locks, `${ID}.codex-ts`), JSON.stringify({ ...owner, host: "elsewhere" }));
    expect(() => acquireWriterLock(directory.path, ID)).toThrow(expect.objectContaining(IN_USE));
  });

  test.runIf(process.platform === "linux")("the lock of a Codex that writes is seen", async () => {
    await using directory = await temporaryDirectory();
    const locks = join(directory.path, "thread-writer-locks");
    mkdirSync(locks);
    const file = join(locks, `${ID}.lock`);
    const script = 'exec flock "$1" sh -c "echo held; read line"';
    const holder = spawn("/bin/sh", ["-c", script, "sh", file], {
      stdio: ["pipe", "pipe", "ignore"],
    });
    const ended = new Promise((resolve) => holder.on("close", resolve));
    await new Promise((resolve) => holder.stdout.once("data", resolve));
    expect(() => acquireWriterLock(directory.path, ID)).toThrow(expect.objectContaining(IN_USE));
    holder.stdin.end("\n");
    await ended;
    acquireWriterLock(directory.path, ID).release();
  });
});

test.skipIf(!existsSync("/proc/self"))(
  "a home that cannot be made is an error at once, where Node would not return",
  () => {
    expect(() => acquireWriterLock("/proc/nothing", ID)).toThrow("ENOENT");
  },
);
