import { PassThrough, Readable } from "node:stream";
import { describe, expect, test } from "vitest";
import { Interruption } from "../src/cli-process.ts";
import { readPrompt } from "../src/prompt.ts";
import type { CliProcess, TextInput } from "../src/cli-process.ts";

function read(argument: string | undefined, ...chunks: (string | Uint8Array)[]): Promise<string> {
  const stdin: TextInput = {
    async *[Symbol.asyncIterator]() {
      yield* chunks;
    },
  };
  return readPrompt(argument, processWith(stdin));
}

function processWith(stdin: TextInput, interrupted = new AbortController().signal): CliProcess {
  return {
    env: {},
    cwd: "/",
    homeDirectory: "/",
    commandName: "codex-ts",
    stdin,
    stdout: { write: () => undefined },
    stderr: { write: () => undefined },
    messageStreams: () => ({ input: Readable.from([]), output: new PassThrough() }),
    openUrl: () => undefined,
    interrupted,
  };
}

const terminal: TextInput = {
  isTTY: true,
  [Symbol.asyncIterator]: () => ({ next: () => new Promise(() => undefined) }),
};

describe("the prompt", () => {
  test("[cli/prompt-argument] is the argument when nothing is piped", async () => {
    expect(await readPrompt("do it", processWith(terminal))).toBe("do it");
    expect(await read("do it")).toBe("do it");
    expect(await read("do it", " \n")).toBe("do it");
  });

  test('[cli/prompt-stdin] is standard input for "-" and without an argument', async () => {
    expect(await read("-", "from ", "stdin\n")).toBe("from stdin\n");
    expect(await read(undefined, "from stdin\n")).toBe("from stdin\n");
  });

  test.each([
    ["x", "p\n\n<stdin>\nx\n</stdin>"],
    ["x\n", "p\n\n<stdin>\nx\n</stdin>"],
    ["x\n\n", "p\n\n<stdin>\nx\n\n</stdin>"],
    ["a\r\n", "p\n\n<stdin>\na\r\n</stdin>"],
  ])("[cli/prompt-both] piped text %j is added to the argument", async (piped, prompt) => {
    expect(await read("p", piped)).toBe(prompt);
  });

  test("[cli/foreign-files] standard input that does not end is refused", async () => {
    const stdin: TextInput = {
      async *[Symbol.asyncIterator]() {
        const piece = new Uint8Array(8 * 1024 * 1024).fill(97);
        for (;;) yield piece;
      },
    };
    await expect(readPrompt("-", processWith(stdin))).rejects.toThrow(
      "standard input is longer than 67108864 bytes",
    );
  });

  test("an empty or blank standard input is refused", async () => {
    await expect(read("-", "")).rejects.toThrow(/^no prompt/);
    await expect(read(undefined, "  \n")).rejects.toThrow(/^no prompt/);
  });

  test("a terminal without an argument is asked for one instead of waited for", async () => {
    await expect(readPrompt(undefined, processWith(terminal))).rejects.toMatchObject({
      exitCode: 2,
    });
  });

  test("waiting for standard input ends when the process is told to stop", async () => {
    const controller = new AbortController();
    let isDestroyed = false;
    const silent: TextInput = { ...terminal, isTTY: false, destroy: () => (isDestroyed = true) };
    const prompt = readPrompt("p", processWith(silent, controller.signal));
    controller.abort(new Interruption("SIGINT", 130));
    await expect(prompt).rejects.toMatchObject({ exitCode: 130 });
    expect(isDestroyed).toBe(true);
  });
});

describe("text from standard input", () => {
  test("[cli/prompt-encoding] is UTF-8 or marked UTF-16, without its mark", async () => {
    expect(await read("-", Buffer.from("\ufeffbom"))).toBe("bom");
    expect(await read("-", Buffer.from("\ufeffu16", "utf16le"))).toBe("u16");
    expect(await read("-", Buffer.from("\ufeffu16", "utf16le").swap16())).toBe("u16");
    expect(await read("-", Buffer.from("häß€"))).toBe("häß€");
  });

  test("is refused rather than garbled", async () => {
    await expect(read("-", Uint8Array.of(0x41, 0xff))).rejects.toThrow(
      /not UTF-8 .*save it as UTF-8/,
    );
    await expect(read("-", Uint8Array.of(0xff, 0xfe, 0x41))).rejects.toThrow(/UTF-16LE/);
  });
});
