import { readFile, readdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { startResponsesServer } from "@codex-ts/responses-server";
import { temporaryDirectory } from "@codex-ts/test-support";
import { describe, expect, test } from "vitest";
import { runInProcess, startCli } from "../support/run-cli.ts";

describe("the demo", { timeout: 60_000 }, () => {
  test("[cli/demo] without arguments runs a real turn, shows both ids of each request, and leaves commands that work", async () => {
    await using directory = await temporaryDirectory();
    const env = { TMPDIR: directory.path };
    const { child, ended } = startCli([], { cwd: directory.path, env, from: "source" });
    child.stdin.end();
    const { exitCode, stdout, stderr } = await ended;
    expect(exitCode).toBe(0);
    expect(stderr).toContain("$ /bin/bash -lc 'cat shopping.txt'\n2 apples\n12 eggs\n");
    expect(stdout).toContain("has 3 entries: 2 apples, 12 eggs, 1 loaf of bread.");
    const rows = stdout.split("\n").map((line) => line.split(/ {2,}/));
    const [head, first, second] = ["request", "1", "2"].map((start) =>
      rows.find(([cell]) => cell === start),
    );
    expect(head?.join(" | ")).toBe(
      "request | model | status | response_id | upstream_request_id | tokens in/out | first token | total | tools called",
    );
    const ms = expect.stringMatching(/^\d+ ms$|^\d+\.\d s$/) as string;
    expect(first).toEqual([
      "1",
      "demo-model",
      "completed",
      "resp_demo_1",
      "req_demo_1",
      "412/37",
      ms,
      ms,
      "exec_command",
    ]);
    expect(second).toEqual([
      "2",
      "demo-model",
      "completed",
      "resp_demo_2",
      "req_demo_2",
      "498/25",
      ms,
      ms,
      "-",
    ]);

    const pathAfter = (name: string): string => rows.find(([cell]) => cell === name)?.[1] ?? "";
    const bundle = pathAfter("bundle");
    expect(dirname(dirname(bundle))).toBe(directory.path);
    expect(pathAfter("state")).toBe(join(bundle, "state.json"));
    const state: unknown = JSON.parse(await readFile(join(bundle, "state.json"), "utf8"));
    expect(state).toMatchObject({ status: "completed", recording_complete: true });
    expect(await readdir(directory.path)).toEqual([
      expect.stringMatching(/^codex-ts-demo-trace-/) as string,
    ]);

    const next = [...stdout.matchAll(/^ {2}npx -y pnpm@12 start (.+)$/gm)].map(([, args]) => args);
    expect(next).toHaveLength(3);
    for (const args of next) {
      const result = await runInProcess(args?.split(" ") ?? [], { cwd: "/", env });
      expect(result).toMatchObject({ exitCode: 0, stderr: "" });
    }
  });

  test("a command that fails fails the demo", async () => {
    await using directory = await temporaryDirectory();
    // bash takes a function from its environment for the program.
    const env = { TMPDIR: directory.path, "BASH_FUNC_cat%%": "() { return 3; }" };
    const { child, ended } = startCli(["demo"], { cwd: directory.path, env });
    child.stdin.end();
    const result = await ended;
    expect(result.exitCode).toBe(1);
    expect(result.stderr).toMatch(
      /^error: the demo turn failed: its command failed with exit code 3$/m,
    );
  });

  test("[cli/port-in-use] a port that is in use is one line that says what to do", async () => {
    await using server = await startResponsesServer({ script: [] });
    const args = ["demo", "--port", String(server.port)];
    const result = await runInProcess(args, { cwd: "/" });
    expect(result).toMatchObject({ exitCode: 1, stdout: "" });
    expect(result.stderr).toMatch(/^error: port \d+[^\n]* in use: [^\n]+\n$/);
  });

  test.each(["", "x", "-1", "65536", "1.5"])("a port %j is a usage error", async (port) => {
    const result = await runInProcess(["demo", `--port=${port}`], { cwd: "/" });
    expect(result).toMatchObject({ exitCode: 2, stdout: "" });
    expect(result.stderr).toMatch(/^error: --port [^\n]+\n$/);
  });
});
