import { execFileSync } from "node:child_process";
import { readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { ThreadTrace } from "@codex-ts/rollout-trace";
import { temporaryDirectory } from "@codex-ts/test-support";
import { beforeAll, describe, expect, test } from "vitest";
import { renderVerdicts } from "../../src/trace-view/request-diff.ts";
import type { CacheVerdict } from "@codex-ts/rollout-trace/requests";
import { runInProcess } from "../support/run-cli.ts";

// The program of the page is made when the package is first loaded from source.
beforeAll(() => import("@codex-ts/trace-viewer"), 120_000);

const message = (text: string) => ({
  type: "message",
  role: "user",
  content: [{ type: "input_text", text }],
});

/** Records a run of these inputs; the second request misses the cache when its instructions changed. */
async function record(
  root: string,
  inputs: readonly (readonly string[])[],
  instructions: readonly string[] = [],
): Promise<string> {
  const model = { model: "m", providerName: "p" };
  const policies = { approvalPolicy: "never", sandboxPolicy: "read-only" };
  const place = { agentPath: "/root", sessionSource: "exec", cwd: "/workspace" } as const;
  const thread = ThreadTrace.startRoot({
    root,
    metadata: { threadId: "thread-1", ...place, ...model, ...policies },
  });
  thread.recordTurnStarted({ turnId: "turn-1" });
  for (const [index, texts] of inputs.entries()) {
    const attempt = thread.inferenceContext({ turnId: "turn-1", ...model }).startAttempt();
    const request = {
      model: "m",
      instructions: instructions[index] ?? "Do it.",
      input: texts.map(message),
    };
    attempt.recordStarted(request);
    const tokenUsage = {
      input_tokens: 5000,
      cached_input_tokens: 0,
      output_tokens: 1,
      reasoning_output_tokens: 0,
      total_tokens: 5001,
    };
    attempt.recordCompleted({
      responseId: `resp_${index + 1}`,
      upstreamRequestId: `req_${index + 1}`,
      tokenUsage,
      outputItems: [],
    });
  }
  await thread.close();
  return thread.bundlePath ?? "";
}

describe("codex-ts trace view", () => {
  test("[cli/trace-view] writes a page the user alone can read, into the bundle or where -o says", async () => {
    await using directory = await temporaryDirectory();
    const bundle = await record(directory.path, [["a"], ["a", "b"]]);
    const run = { cwd: directory.path };
    const first = await runInProcess(["trace", "view", bundle], run);
    expect([first.exitCode, first.stdout]).toEqual([0, `${join(bundle, "trace.html")}\n`]);
    expect(first.stderr).toMatch(/^\d+ KiB; it holds everything the bundle holds/);
    expect((await stat(join(bundle, "trace.html"))).mode & 0o777).toBe(0o600);
    const second = await runInProcess(["trace", "view", bundle, "-o", "run.html"], run);
    expect(second.stdout).toBe(`${join(directory.path, "run.html")}\n`);
    expect(await readFile(join(directory.path, "run.html"), "utf8")).toMatch(/^<!doctype html>/);
  });

  test("[cli/trace-view] a pipe in the place of the page gets it and stays a pipe", async () => {
    await using directory = await temporaryDirectory();
    const bundle = await record(directory.path, [["a"]]);
    const pipe = join(directory.path, "pipe");
    execFileSync("mkfifo", [pipe]);
    const read = readFile(pipe, "utf8");
    const run = { cwd: directory.path };
    expect((await runInProcess(["trace", "view", bundle, "-o", pipe], run)).exitCode).toBe(0);
    expect((await stat(pipe)).isFIFO()).toBe(true);
    expect(await read).toMatch(/^<!doctype html>.*<\/html>\s*$/s);
  });

  test("[cli/trace-view] a problem is one line, and what was there stays", async () => {
    await using directory = await temporaryDirectory();
    const bundle = await record(directory.path, [["a"]]);
    const page = join(directory.path, "page.html");
    await writeFile(page, "kept");
    const run = { cwd: directory.path };
    const wrong = await runInProcess(
      ["trace", "view", bundle, "-o", page, "--prices", "none.json"],
      run,
    );
    expect([wrong.exitCode, wrong.stdout]).toEqual([1, ""]);
    expect(wrong.stderr).toContain("none.json: it does not exist");
    expect(await readFile(page, "utf8")).toBe("kept");
    const nowhere = await runInProcess(["trace", "view", bundle, "-o", "no/such/page.html"], run);
    expect(nowhere.stderr).toContain("cannot be written: it does not exist");
    const missing = await runInProcess(["trace", "view", "nothing"], run);
    expect([missing.exitCode, missing.stderr.includes("is no trace bundle")]).toEqual([1, true]);
  });
});

describe("codex-ts trace diff", () => {
  test("the agent of a request is named where there are several", () => {
    const verdict: CacheVerdict = {
      kind: "cold",
      isMiss: false,
      previous: undefined,
      inputTokens: 5,
      cachedTokens: 0,
      expectedTokens: undefined,
      place: undefined,
      reason: "the first request of its thread",
    };
    const agentsIn = (agents: readonly string[]): readonly string[] =>
      renderVerdicts([verdict, verdict], agents)
        .split("\n")
        .flatMap((line) => /request \d[^:]*/.exec(line)?.[0] ?? []);
    expect(agentsIn(["/root", "/root"])).toEqual(["request 1", "request 2"]);
    expect(agentsIn(["/root", "/root/a\nb"])).toEqual([
      "request 1 (/root)",
      expect.stringMatching(/^request 2 \(\/root\/a.*b\)$/) as string,
    ]);
  });

  test("[cli/trace-diff] one bundle: what the cache did at each request, misses marked; trace show marks them, too", async () => {
    await using directory = await temporaryDirectory();
    const bundle = await record(
      directory.path,
      [["a"], ["a", "b"], ["a", "b", "c"]],
      ["x", "x", "xy"],
    );
    const { exitCode, stdout } = await runInProcess(["trace", "diff", bundle], {
      cwd: directory.path,
    });
    expect(exitCode).toBe(0);
    const lines = stdout.split("\n");
    expect(lines[0]).toBe("  request 1: cached 0 of 5,000: cold: the first request of its thread");
    expect(lines[1]).toMatch(
      /^! request 2: cached 0 of 5,000 \(expected about 4,992\): expired_or_evicted: /,
    );
    expect(lines[2]).toMatch(
      /^! request 3: .*: instructions_changed: \/instructions differs at byte 1, /,
    );
    const shown = await runInProcess(["trace", "show", bundle], { cwd: directory.path });
    expect(shown.stdout).toMatch(/cached %/);
    expect(shown.stdout).toMatch(/\n3 .* 0 ! /);
    expect(shown.stdout).toMatch(/\nrequest 3: cached 0 of 5,000 .*instructions_changed/);
  });

  test("[cli/trace-diff] two requests, two runs: exit code 0 equal, 1 different, 2 unreadable", async () => {
    await using directory = await temporaryDirectory();
    const run = { cwd: directory.path };
    const first = await record(directory.path, [["same"], ["same", "two"]]);
    const again = await record(directory.path, [["same"], ["same", "two"]]);
    const other = await record(directory.path, [["same"], ["same", "tvo"]]);
    expect((await runInProcess(["trace", "diff", first, again], run)).exitCode).toBe(0);
    const { exitCode, stdout } = await runInProcess(["trace", "diff", first, other], run);
    expect(exitCode).toBe(1);
    expect(stdout).toContain("first difference: /input/1/content/0/text at byte 1");
    expect(stdout).toMatch(/first {3}two\n {4}second {2}tvo\n {13}\^/);
    const pair = await runInProcess(["trace", "diff", first, "--requests", "1,2", "--json"], run);
    expect(pair.exitCode).toBe(1);
    expect(JSON.parse(pair.stdout)).toMatchObject({
      isExtension: true,
      counts: { same: 1, added: 1 },
    });
    expect((await runInProcess(["trace", "diff", first, "nothing"], run)).exitCode).toBe(2);
    const outside = await runInProcess(["trace", "diff", first, "--requests", "1,9"], run);
    expect([outside.exitCode, outside.stderr]).toEqual([
      2,
      expect.stringContaining("there is no request 9"),
    ]);
  });

  test("[cli/trace-diff] --html writes a page the user alone can read, with the exit codes of the text", async () => {
    await using directory = await temporaryDirectory();
    const run = { cwd: directory.path };
    const first = await record(directory.path, [["same"], ["same", "two"]]);
    const other = await record(directory.path, [["same"], ["same", "tvo"]]);
    const page = await runInProcess(["trace", "diff", first, "--html"], run);
    expect([page.exitCode, page.stdout]).toEqual([0, `${join(first, "diff.html")}\n`]);
    expect(page.stderr).toMatch(/^\d+ KiB; it holds what the requests held/);
    expect((await stat(join(first, "diff.html"))).mode & 0o777).toBe(0o600);
    const runs = ["trace", "diff", first, other, "--html", "-o"];
    const differing = await runInProcess([...runs, "runs.html"], run);
    expect([differing.exitCode, differing.stdout]).toEqual([
      1,
      `${join(directory.path, "runs.html")}\n`,
    ]);
    expect(await readFile(join(directory.path, "runs.html"), "utf8")).toMatch(/^<!doctype html>/);
    const nowhere = await runInProcess([...runs, "no/such/page.html"], run);
    expect([nowhere.exitCode, nowhere.stderr]).toEqual([
      2,
      expect.stringContaining("cannot be written: it does not exist"),
    ]);
    for (const flags of [["--html", "--json"], ["-o", "page.html"], ["--open"]]) {
      const refused = await runInProcess(["trace", "diff", first, ...flags], run);
      expect([refused.exitCode, refused.stdout]).toEqual([2, ""]);
      expect(refused.stderr).toContain("--html");
    }
  });
});
