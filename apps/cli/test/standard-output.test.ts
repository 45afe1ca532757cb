import { execFileSync } from "node:child_process";
import { closeSync, constants, openSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { Socket } from "node:net";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { temporaryDirectory } from "@codex-ts/test-support";
import { describe, expect, test } from "vitest";
import { StandardOutput } from "../src/standard-output.ts";

const neverOpened = (): never => {
  throw new Error("the stream was opened");
};
const neverFails = (error: Error): never => {
  throw error;
};

describe.skipIf(process.platform === "win32")("a standard output", () => {
  test("writes without opening its stream", async () => {
    await using folder = await temporaryDirectory();
    const file = join(folder.path, "output");
    const descriptor = openSync(file, "w");
    const output = new StandardOutput({
      descriptor,
      open: neverOpened,
      onError: neverFails,
      platform: "linux",
    });
    output.write("größe\n");
    output.write("✓\n");
    closeSync(descriptor);
    expect(await readFile(file, "utf8")).toBe("größe\n✓\n");
  });

  test("leaves to its stream what would not wait, and all that follows", async () => {
    await using folder = await temporaryDirectory();
    const path = join(folder.path, "pipe");
    execFileSync("mkfifo", [path]);
    const reader = new Socket({
      fd: openSync(path, constants.O_RDONLY | constants.O_NONBLOCK),
      writable: false,
    });
    const descriptor = openSync(path, constants.O_WRONLY | constants.O_NONBLOCK);
    const socket = new Socket({ fd: descriptor, readable: false });
    const output = new StandardOutput({
      descriptor,
      open: () => socket as unknown as NodeJS.WriteStream,
      onError: neverFails,
      platform: "linux",
    });
    const long = "größe ✓ ".repeat(50_000);
    output.write(long);
    output.write("the end");
    socket.end();
    expect(await text(reader)).toBe(`${long}the end`);
  });

  test("tells of what cannot be written", () => {
    const problems: (string | undefined)[] = [];
    const descriptor = openSync("/dev/null", "r");
    const output = new StandardOutput({
      descriptor,
      open: neverOpened,
      onError: ({ code }) => problems.push(code),
      platform: "linux",
    });
    output.write("a");
    closeSync(descriptor);
    expect(problems).toEqual(["EBADF"]);
  });
});
