import { ExecPolicy } from "../../../src/exec-policy/exec-policy.ts";
import { compatibilityProfile } from "@codex-ts/core";
import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { seededRandom, temporaryDirectory, waitFor } from "@codex-ts/test-support";
import type { TemporaryDirectory } from "@codex-ts/test-support";
import { ThreadEventStream } from "../../../src/events/thread-event-stream.ts";
import type { ThreadEvent, ThreadMsg } from "../../../src/events/thread-event.ts";
import { PlanItem } from "../../../src/events/plan-item.ts";
import { toTurnEvents } from "../../../src/events/to-turn-events.ts";
import type { TurnEvent, TurnItem } from "../../../src/events/turn-event.ts";
import { execCommandTool } from "../../../src/tools/exec/exec-command.ts";
import type { ExecSettings } from "../../../src/tools/exec/exec-command.ts";
import type { ToolCall } from "../../../src/tools/tool.ts";
import { CommandSessions } from "../../../src/tools/exec/command-sessions.ts";
import { writeStdinTool } from "../../../src/tools/exec/write-stdin.ts";
import { hurry } from "../../support/hurry.ts";

let directory: TemporaryDirectory;
let sessions: CommandSessions;
let emitted: ThreadEvent[];

/** What a client of the library is shown. */
const shown = (): TurnEvent[] => emitted.flatMap((event) => toTurnEvents(event, new PlanItem()));
const shownItems = (): TurnItem[] =>
  shown().flatMap((event) => ("item" in event && event.type !== "rawItem" ? [event.item] : []));
const shownOutput = (): string =>
  shown()
    .map((event) => (event.type === "commandOutputDelta" ? event.chunk : ""))
    .join("");
/** Starts and ends, which the trace records. */
const steps = (): ThreadMsg[] =>
  emitted
    .map(({ msg }) => msg)
    .filter(({ type }) => type === "exec_command_begin" || type === "exec_command_end");

beforeEach(async () => {
  directory = await temporaryDirectory();
  sessions = new CommandSessions(seededRandom(7));
  emitted = [];
});

afterEach(async () => {
  await sessions.close();
  await directory[Symbol.asyncDispose]();
});

interface Run {
  readonly signal?: AbortSignal;
  readonly settings?: Partial<ExecSettings>;
  readonly tool?: "exec_command" | "write_stdin";
  readonly callId?: string;
  readonly sandboxMode?: ToolCall["sandboxMode"];
}

async function run(args: object | string, options: Run = {}): Promise<string> {
  const settings: ExecSettings = {
    threadId: "01a1fa2c-14fd-7b60-8176-1542090ff366",
    commands: compatibilityProfile("0.140").commands,
    execPolicy: new ExecPolicy(),
    patchRules: "0.140",
    failedQuestion: "is_a_no",
    sandbox: { protectedFolders: [".git", ".codex"], workspaceWrite: {} },
    shell: "/bin/bash",
    env: { PATH: process.env["PATH"], FROM_PARENT: "yes" },
    sessions,
    now: Date.now,
    random: seededRandom(1),
    ...options.settings,
  };
  const tool =
    options.tool === "write_stdin" ? writeStdinTool(settings) : execCommandTool(settings);
  const events = new ThreadEventStream();
  events.subscribe((event) => emitted.push(event));
  let items = 0;
  const { output } = await tool.run({
    callId: options.callId ?? "call_1",
    turnId: "turn_1",
    threadId: settings.threadId,
    cwd: directory.path,
    sandboxMode: options.sandboxMode ?? "danger-full-access",
    approvalPolicy: "never",
    input: typeof args === "string" ? args : JSON.stringify({ login: false, ...args }),
    outputBudget: { mode: "bytes", limit: 10_000 },
    signal: options.signal ?? new AbortController().signal,
    now: settings.now,
    report: { nextItemId: () => `item_${items++}`, emit: events.emitterOf("turn_1") },
  });
  if (typeof output !== "string") throw new Error("a command answers with text");
  return output;
}

/** Runs a command that goes on when its time is over, which it is as soon as `isReady`, and not before. */
async function runUntilItYields(
  cmd: string,
  isReady: () => boolean | Promise<boolean>,
): Promise<string> {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  try {
    let isOver = false;
    const output = run({ cmd, yield_time_ms: 1 }).finally(() => (isOver = true));
    await waitFor(async () => vi.getTimerCount() > 0 && (await isReady()));
    // Less than a quarter of a second is asked for, and not granted.
    await vi.advanceTimersByTimeAsync(249);
    expect(isOver).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    return await output;
  } finally {
    vi.useRealTimers();
  }
}

const sessionIdOf = (output: string): number =>
  Number(/^Process running with session ID (\d+)$/m.exec(output)?.[1]);

/** A command nobody else runs, that is over in a minute should it ever be left behind. */
const uniqueSleep = (): string =>
  // Of one length, so that none is the beginning of another.
  `sleep 60.${String(Math.floor(Math.random() * 1e9)).padStart(9, "0")}`;

/** Pipes this process waits on. */
const openPipes = (): number =>
  process.getActiveResourcesInfo().filter((resource) => resource.includes("Pipe")).length;

/** True while a process with this text in its command line exists. */
async function isAlive(marker: string): Promise<boolean> {
  const { execFile } = await import("node:child_process");
  const { promisify } = await import("node:util");
  const { stdout } = await promisify(execFile)("ps", ["-eo", "args"]);
  return stdout.split("\n").some((line) => line.includes(marker) && !line.startsWith("ps "));
}

describe("exec_command", () => {
  test("[core/X1] reports exit code, time, tokens and merged output in the machine-read form", async () => {
    const output = await run({ cmd: "echo out; echo err >&2; exit 3" });
    const [chunk, wall, code, tokens, label, ...text] = output.split("\n");
    expect(chunk).toMatch(/^Chunk ID: [0-9a-f]{6}$/);
    expect(wall).toMatch(/^Wall time: \d+\.\d{4} seconds$/);
    expect([code, tokens, label]).toEqual([
      "Process exited with code 3",
      "Original token count: 2",
      "Output:",
    ]);
    expect(text).toEqual(["out", "err", ""]);
  });

  test("[core/X1-order] keeps what a command says on both outputs in the order it says it", async () => {
    const lines = Array.from({ length: 200 }, (_, index) => `line ${index}`);
    const output = await run({
      cmd: "for i in $(seq 0 199); do if [ $((i % 2)) = 0 ]; then echo line $i; else echo line $i >&2; fi; done",
      max_output_tokens: 10_000,
    });
    expect(output.split("Output:\n")[1]).toBe(`${lines.join("\n")}\n`);
    expect(shownOutput()).toBe(`${lines.join("\n")}\n`);
  });

  test("[core/X1-dev] lets a command open its outputs by name", async () => {
    const output = await run({ cmd: "echo a > /dev/stdout; echo b | tee /dev/stderr" });
    expect(output.endsWith("Output:\na\nb\nb\n")).toBe(true);
  });

  test("[core/X1-no-pipe] does without a pipe of its own where there is no room for one", async () => {
    const env = { PATH: process.env["PATH"], TMPDIR: "/no/such/folder" };
    const output = await run({ cmd: "echo out; echo err >&2; exit 3" }, { settings: { env } });
    expect(output).toContain("Process exited with code 3");
    expect(output.split("Output:\n")[1]?.split("\n").toSorted()).toEqual(["", "err", "out"]);
  });

  test("[core/X1-binary] counts the tokens of what the model reads, not of the bytes behind it", async () => {
    const output = await run({ cmd: String.raw`printf 'a\xff\x00b\033[31mred'` });
    expect(output).toContain("Original token count: 4");
    expect(output.endsWith("Output:\na\ufffd\u0000b\u001b[31mred")).toBe(true);
  });

  test("[core/X1-shell] says so when the shell cannot be started, and leaves nothing open", async () => {
    const before = openPipes();
    await expect(run({ cmd: "true", shell: "/no/such/shell" })).rejects.toThrow(
      "exec_command failed for `/no/such/shell -c true`: spawn /no/such/shell ENOENT",
    );
    expect(shownItems()).toEqual([]);
    await waitFor(() => openPipes() === before);
  });

  test("[core/X1-items] tells clients and the trace about start, output and end", async () => {
    await run({ cmd: "echo 'a b'; exit 3" });
    expect(shownItems()).toEqual([
      {
        id: "item_0",
        type: "command_execution",
        command: `/bin/bash -c "echo 'a b'; exit 3"`,
        aggregated_output: "",
        exit_code: null,
        status: "in_progress",
      },
      expect.objectContaining({ aggregated_output: "a b\n", exit_code: 3, status: "failed" }),
    ]);
    expect(shownOutput()).toBe("a b\n");
    expect(steps()).toEqual([
      expect.objectContaining({ type: "exec_command_begin", call_id: "call_1", turn_id: "turn_1" }),
      expect.objectContaining({ type: "exec_command_end", exit_code: 3, status: "failed" }),
    ]);
    expect(steps()[0]).toMatchObject({
      command: ["/bin/bash", "-c", "echo 'a b'; exit 3"],
      cwd: directory.path,
      source: "unified_exec_startup",
      process_id: expect.stringMatching(/^\d{4,5}$/),
    });
  });

  test("[core/X1-env] gives a fixed environment over the inherited one, and no standard input", async () => {
    const output = await run({
      cmd: 'cat; echo "$FROM_PARENT $PAGER $NO_COLOR $CODEX_CI $CODEX_THREAD_ID"',
    });
    expect(output).toContain("\nyes cat 1 1 01a1fa2c-14fd-7b60-8176-1542090ff366\n");
  });

  test("[core/X1-exits] gives 127 for a missing program and 128 plus the number of a signal", async () => {
    expect(await run({ cmd: "no-such-program-here" })).toContain("Process exited with code 127");
    expect(await run({ cmd: "kill -9 $$" })).toContain("Process exited with code 137");
  });

  test("[core/X1-workdir] refuses a missing working directory without starting anything", async () => {
    await expect(run({ cmd: "pwd", workdir: "/no/such/dir" })).rejects.toThrow(
      "exec_command failed for `/bin/bash -c pwd`: no such working directory: /no/such/dir",
    );
    expect(emitted).toEqual([]);
    expect(await run({ cmd: "pwd", workdir: "." })).toContain(directory.path);
  });

  test("[core/X1-unstarted] in 0.171 a command that cannot be started is shown, without the id of a process", async () => {
    const { commands } = compatibilityProfile("0.171");
    await expect(
      run({ cmd: "pwd", workdir: "/no/such/dir" }, { settings: { commands } }),
    ).rejects.toThrow("exec_command failed: no such working directory: /no/such/dir");
    expect(steps()).toMatchObject([
      { type: "exec_command_begin" },
      { type: "exec_command_end", exit_code: -1, status: "failed" },
    ]);
    for (const step of steps()) expect(step).not.toHaveProperty("process_id");
  });

  test("[core/X2] leaves a long command running and reports only what is new when it is polled", async () => {
    const first = await runUntilItYields(
      "echo early; while [ ! -e go ]; do sleep 0.01; done; echo late",
      () => shownOutput() === "early\n",
    );
    const id = sessionIdOf(first);
    expect(first).toContain("\nearly\n");
    expect(id).toBeGreaterThanOrEqual(1000);
    await writeFile(`${directory.path}/go`, "");
    const second = await run({ session_id: id }, { tool: "write_stdin", callId: "call_2" });
    expect(second).toContain("Process exited with code 0");
    expect(second.endsWith("Output:\nlate\n")).toBe(true);
    expect(emitted).toContainEqual(
      expect.objectContaining({
        type: "terminal_interaction",
        msg: { type: "terminal_interaction", call_id: "call_1", process_id: String(id), stdin: "" },
        facts: { toolCallId: "call_2" },
      }),
    );
    expect(shownItems().at(-1)).toMatchObject({ aggregated_output: "early\nlate\n", exit_code: 0 });
    for (const gone of [id, 0, -5]) {
      await expect(run({ session_id: gone }, { tool: "write_stdin" })).rejects.toThrow(
        `write_stdin failed: Unknown process id ${gone}`,
      );
    }
  });

  test("[core/X4] refuses text for a closed standard input, and interrupts on control-c", async () => {
    const id = sessionIdOf(await runUntilItYields("sleep 30", () => steps().length > 0));
    await expect(run({ session_id: id, chars: "y\n" }, { tool: "write_stdin" })).rejects.toThrow(
      /stdin is closed for this session/,
    );
    const output = await run(
      { session_id: id, chars: "\u0003", yield_time_ms: 10_000 },
      { tool: "write_stdin" },
    );
    expect(output).toContain("Process exited with code 130");
  });

  test("[core/X5] prefixes shortened output with its number of lines", async () => {
    const output = await run({ cmd: "seq 1 20000", max_output_tokens: 50 });
    expect(output).toContain("Output:\nTotal output lines: 20000\n\n1\n2\n");
    expect(output).toContain("…27174 tokens truncated…");
    expect(output).toContain("Original token count: 27224");
    // The trace keeps all of it, and what a person is shown.
    const end = steps().at(-1);
    if (end?.type !== "exec_command_end") throw new Error("the command did not end");
    expect(end.aggregated_output).toHaveLength(108_894);
    expect(end.formatted_output).toMatch(/^Total output lines: 20000\n\n1\n2\n/);
    expect(end.formatted_output.length).toBeLessThan(10_100);
  });

  test("[core/X6] keeps the first and last half mebibyte of a flood", async () => {
    const output = await run({ cmd: "head -c 3000000 /dev/zero | tr '\\0' x" });
    expect(output).toContain("Original token count: 262144");
    expect(shownOutput().length).toBeLessThan(1_200_000);
    expect(shownItems().at(-1)).toMatchObject({ aggregated_output: "x".repeat(1024 * 1024) });
  });

  test("[core/X6-marked] in 0.171 says how much of a flood is gone, and counts all of it", async () => {
    const { commands } = compatibilityProfile("0.171");
    const cmd =
      "head -c 524288 /dev/zero | tr '\\0' a; head -c 1951424 /dev/zero; head -c 524288 /dev/zero | tr '\\0' b";
    const output = await run({ cmd }, { settings: { commands } });
    expect(output).toContain("Original token count: 750000\n");
    expect(output).toMatch(
      /Output:\nWarning: truncated output \(original token count: 750000\)\n\.\.\. 1951424 bytes omitted \.\.\.\n\na+…\d+ chars truncated…b+$/,
    );
    const half = 512 * 1024;
    expect(shownItems().at(-1)).toMatchObject({
      aggregated_output: `${"a".repeat(half)}\n... 1951424 bytes omitted ...\n${"b".repeat(half)}`,
    });
  });

  test("[core/X7] tells the model what is wrong with its arguments", async () => {
    await expect(run('{"cmd":"ec')).rejects.toThrow(/^failed to parse function arguments: /);
    await expect(run("{}")).rejects.toThrow("missing field `cmd`");
    await expect(run({ cmd: 42 })).rejects.toThrow("invalid type of `cmd`, expected a string");
    await expect(run("[]")).rejects.toThrow("expected an object");
    await expect(run({ cmd: "x", sandbox_permissions: "require_escalated" })).rejects.toThrow(
      /^approval policy is Never; reject command/,
    );
  });

  test("[core/X9] an abort kills the command with its children and says so", async () => {
    const abort = new AbortController();
    const marker = uniqueSleep();
    const running = run({ cmd: `${marker} & ${marker}5; wait` }, { signal: abort.signal });
    await waitFor(() => isAlive(marker));
    abort.abort();
    expect(await running).toMatch(/^aborted by user after \d+\.\ds$/);
    await waitFor(async () => !(await isAlive(marker)));
  });

  test("[core/X9-poll] an abort ends the wait for more output, which the next call still gets", async () => {
    const id = sessionIdOf(
      await runUntilItYields(
        "echo early; while [ ! -e go ]; do sleep 0.01; done; echo late",
        () => shownOutput() === "early\n",
      ),
    );
    const abort = new AbortController();
    const poll = { session_id: id, yield_time_ms: 20_000 };
    const polled = run(poll, { tool: "write_stdin", signal: abort.signal });
    abort.abort();
    await expect(polled).rejects.toThrow(/abort/);
    await writeFile(`${directory.path}/go`, "");
    expect(await run(poll, { tool: "write_stdin" })).toMatch(/\nlate\n$/);
  });

  test("[core/X10] closing kills what runs in the background, grandchildren included", async () => {
    const marker = uniqueSleep();
    await runUntilItYields(`(${marker}; true) & ${marker}; true`, () => isAlive(marker));
    await sessions.close();
    await expect(waitFor(async () => !(await isAlive(marker)))).resolves.toBe(true);
  });

  test.skipIf(!existsSync("/proc/self/environ"))(
    "[core/X10-daemon] closing kills children that left the group, the output and their parent behind",
    async () => {
      const marker = uniqueSleep();
      const output = await run({
        cmd: `(setsid ${marker} </dev/null >/dev/null 2>&1 &); ${marker} >/dev/null 2>&1 & true`,
      });
      expect(output).toContain("Process exited with code 0");
      expect(await isAlive(marker)).toBe(true);
      await sessions.close();
      expect(await isAlive(marker)).toBe(false);
    },
  );

  test("[core/X10-nested] a command that is a client itself belongs to both owners", async () => {
    const nested = { ...process.env, CODEX_TS_OWNER: "outer" };
    expect(await run({ cmd: 'echo "$CODEX_TS_OWNER"' }, { settings: { env: nested } })).toMatch(
      /^outer [0-9a-f/-]+$/m,
    );
  });

  test("[core/X11] a command that left a child with its pipe open ends when it ends", async () => {
    const marker = uniqueSleep();
    const output = await hurry(() => run({ cmd: `${marker} & echo done` }));
    expect(output).toContain("Process exited with code 0");
    expect(output).toContain("\ndone\n");
    await sessions.close();
    await waitFor(async () => !(await isAlive(marker)));
  });

  test("[core/X12] refuses to run without full access and names the flag", async () => {
    for (const sandboxMode of ["read-only", "workspace-write"] as const) {
      const settings = { env: { PATH: "/no/such/folder" } };
      await expect(run({ cmd: "touch made" }, { sandboxMode, settings })).rejects.toThrow(
        /--dangerously-bypass-approvals-and-sandbox/,
      );
    }
    expect(shownItems().map((item) => item.type === "command_execution" && item.status)).toEqual(
      Array(4).fill("declined"),
    );
    expect(await run({ cmd: "ls" })).not.toContain("made");
  });
});
