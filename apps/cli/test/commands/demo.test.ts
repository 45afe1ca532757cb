import { once } from "node:events";
import { readFile, readdir, symlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import { startResponsesServer } from "@codex-ts/responses-server";
import { temporaryDirectory } from "@codex-ts/test-support";
import { describe, expect, test } from "vitest";
import { commandProblem, compareIds } from "../../src/commands/demo.ts";
import { DEMO_FILE_TEXT } from "../../src/demo/demo-script.ts";
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
    expect(pathAfter("ids")).toBe("both ids of 2 requests are the same in the trace");
    expect(pathAfter("state")).toBe(join(bundle, "state.json"));
    const state: unknown = JSON.parse(await readFile(join(bundle, "state.json"), "utf8"));
    expect(state).toMatchObject({ status: "completed", recording_status: "complete" });
    expect(await readdir(directory.path)).toEqual([
      expect.stringMatching(/^codex-ts-demo-trace-/) as string,
    ]);

    const next = [...stdout.matchAll(/^ {2}npx -y pnpm@12 start (.+)$/gm)].map(([, args]) => args);
    expect(next).toHaveLength(4);
    // What Codex is told to record in.
    expect(stdout).toContain("\n  CODEX_ROLLOUT_TRACE_ROOT=traces codex exec ");
    await symlink(dirname(bundle), join(directory.path, "traces"));
    for (const args of next) {
      const result = await runInProcess(args?.split(" ") ?? [], { cwd: directory.path, env });
      expect(result.exitCode).toBe(0);
      expect(result.stderr).toMatch(/^(?:trace schema 3\n)?$/);
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
      /^error: the demo turn failed: its command failed with exit code 3; see [^\n]+ trace show \S+$/m,
    );
  });

  test("Ctrl-C leaves nothing behind", async () => {
    await using directory = await temporaryDirectory();
    const { child, ended } = startCli(["demo"], {
      cwd: directory.path,
      env: { TMPDIR: directory.path },
    });
    await once(child.stderr, "data");
    child.kill("SIGINT");
    expect((await ended).exitCode).toBe(130);
    expect(await readdir(directory.path)).toEqual([]);
  });

  test("a TMPDIR that is not there is one line that says what to do", async () => {
    await using directory = await temporaryDirectory();
    const env = { TMPDIR: join(directory.path, "absent") };
    const { ended } = startCli(["demo"], { cwd: directory.path, env });
    const result = await ended;
    expect(result).toMatchObject({ exitCode: 1, stdout: "" });
    expect(result.stderr).toMatch(/^error: [^\n]*it does not exist; set TMPDIR[^\n]*\n$/);
  });

  test.each<[string, readonly object[], string | undefined]>([
    ["did its work", [{}], undefined],
    ["was not started", [], "could not be started"],
    ["failed", [{ status: "failed", exit_code: 3 }], "failed with exit code 3"],
    ["was refused", [{ status: "declined", exit_code: null }], "declined"],
    ["printed something else", [{ aggregated_output: "none\n" }], "did not print the file"],
    ["ran twice", [{}, {}], "2 commands"],
  ])("a command that %s is told from the others", (_what, changes, problem) => {
    const items = changes.map((change, index) => ({
      type: "command_execution" as const,
      id: `item_${index}`,
      command: "cat shopping.txt",
      aggregated_output: DEMO_FILE_TEXT,
      exit_code: 0,
      status: "completed" as const,
      ...change,
    }));
    expect(commandProblem(items) ?? "nothing is wrong").toContain(problem ?? "nothing is wrong");
  });

  test("ids that differ between run and trace fail the demo", () => {
    const run = { ordinal: 1, inferenceCallId: "c", responseId: "resp", upstreamRequestId: "req" };
    const call = { response_id: "resp", upstream_request_id: "req" };
    expect(compareIds([run], { c: call })).toContain("1 requests");
    for (const calls of [{}, { c: { response_id: "req", upstream_request_id: "resp" } }]) {
      expect(() => compareIds([run], calls)).toThrow("other ids for request 1");
    }
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
