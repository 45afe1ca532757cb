import {
  closeSync,
  constants,
  existsSync,
  openSync,
  readSync,
  readdirSync,
  writeSync,
} from "node:fs";
import { chmod, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { temporaryDirectory } from "@codex-ts/test-support";
import { describe, expect, onTestFinished, test } from "vitest";
import { dropSpareFifos, takeFifo } from "../../../src/tools/exec/fifos.ts";
import type { Fifo } from "../../../src/tools/exec/fifos.ts";

/** A `mkfifo` that notes how it was called, and a directory for the FIFOs. */
async function workshop() {
  dropSpareFifos();
  const directory = await temporaryDirectory();
  onTestFinished(async () => {
    dropSpareFifos();
    await directory[Symbol.asyncDispose]();
  });
  const programs = join(directory.path, "bin");
  const fifos = join(directory.path, "fifos");
  const calls = join(directory.path, "calls");
  for (const folder of [programs, fifos]) await mkdir(folder);
  const path = process.env["PATH"] ?? "";
  const script = `#!/bin/sh\necho "$@" >> '${calls}'\nPATH='${path}' exec mkfifo "$@"\n`;
  await writeFile(join(programs, "mkfifo"), script);
  await chmod(join(programs, "mkfifo"), 0o755);
  return {
    env: { PATH: `${programs}:${path}`, TMPDIR: fifos },
    fifos,
    calls: async () => (await readFile(calls, "utf8")).trimEnd().split("\n"),
  };
}

/** What comes out of a FIFO into which a text is written. */
function passThrough({ first, path, dropName }: Fifo, text: string): string {
  const writer = openSync(path, constants.O_WRONLY);
  dropName();
  writeSync(writer, text);
  closeSync(writer);
  const buffer = Buffer.alloc(100);
  const bytes = readSync(first, buffer);
  closeSync(first);
  return buffer.toString("utf8", 0, bytes);
}

describe.skipIf(!existsSync("/proc/self/fd"))("FIFOs for commands", () => {
  test("one program makes those of many commands, each command has its own, and no name stays", async () => {
    const { env, fifos, calls } = await workshop();
    const taken: Fifo[] = [];
    for (let count = 0; count < 20; count += 1) taken.push(await takeFifo(env));
    expect(readdirSync(fifos)).toEqual([]);
    // 1, 2, 4, 8 and 8.
    expect(await calls()).toHaveLength(5);
    expect(taken.map((fifo, at) => passThrough(fifo, `text ${at}`))).toEqual(
      taken.map((_, at) => `text ${at}`),
    );
  });

  test("one command has one made, and what was made beforehand is let go of", async () => {
    const { env, calls } = await workshop();
    const before = readdirSync("/proc/self/fd").length;
    const one = await takeFifo(env);
    expect((await calls())[0]?.split(" ")).toHaveLength(3);
    const two = await takeFifo(env);
    expect(readdirSync("/proc/self/fd")).toHaveLength(before + 3);
    dropSpareFifos();
    expect(readdirSync("/proc/self/fd")).toHaveLength(before + 2);
    for (const { first } of [one, two]) closeSync(first);
  });

  test("without the program, or a directory, there is none", async () => {
    const { env, fifos } = await workshop();
    await expect(takeFifo({ ...env, PATH: fifos })).rejects.toThrow("mkfifo");
    await expect(takeFifo({ ...env, TMPDIR: join(fifos, "none") })).rejects.toThrow("mkfifo");
  });
});
