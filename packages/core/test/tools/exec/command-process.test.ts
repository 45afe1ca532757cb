import { expect, test } from "vitest";
import { CommandProcess } from "../../../src/tools/exec/command-process.ts";

/** Keeps this process from reading anything, as on a busy machine. */
function stall(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

async function run(
  script: string,
  onOutput: () => void = () => {},
): Promise<() => Promise<string>> {
  const ended = Promise.withResolvers<string>();
  await CommandProcess.start({
    command: ["/bin/sh", "-c", script],
    cwd: "/",
    env: { PATH: process.env["PATH"] ?? "" },
    marker: "test",
    tty: false,
    marksDroppedOutput: false,
    onStart() {},
    onOutput,
    onExit: (_exitCode, output) => ended.resolve(output.text),
  });
  return () => ended.promise;
}

test("what a command printed is read before its end is told, however busy this process is", async () => {
  const late = await run("sleep 0.5; echo late");
  // One command's end is noticed with the other's, and with it the end of `late`, whose output has not been read yet.
  const early = await run("echo early", () => {
    stall(800);
    setImmediate(() => stall(200));
  });
  stall(250);
  expect([await early(), await late()]).toEqual(["early\n", "late\n"]);
});
