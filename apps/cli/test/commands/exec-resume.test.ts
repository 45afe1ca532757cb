import { existsSync, readFileSync, readdirSync, statSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { ReceivedRequest } from "@codex-ts/responses-server";
import { messageExchange } from "@codex-ts/responses-server";
import { describe, expect, test } from "vitest";
import { type MockHome, mockHome } from "../support/home.ts";
import { type CliResult, runInProcess } from "../support/run-cli.ts";

const EXEC = ["exec", "--skip-git-repo-check", "--json"];
const ANSWERS = ["One.", "Two.", "Three.", "Four."].map((text) => messageExchange(text));

function threadOf({ stdout, stderr }: CliResult): string {
  const [first = ""] = stdout.split("\n");
  expect(stderr).toBe("");
  return (JSON.parse(first) as { thread_id: string }).thread_id;
}

/** What the user and the model said, as a request has it. */
function saidIn(request: ReceivedRequest | undefined): string[] {
  const { input = [] } = (request?.body ?? {}) as {
    input?: readonly { role?: string; content?: readonly { text: string }[] }[];
  };
  return input
    .filter(({ role }) => role === "user" || role === "assistant")
    .map(({ content = [] }) => content.map(({ text }) => text).join(""))
    .filter((text) => !text.startsWith("<"));
}

function sessionFiles({ path }: MockHome): string[] {
  const sessions = join(path, "sessions");
  if (!existsSync(sessions)) return [];
  return readdirSync(sessions, { recursive: true })
    .map((name) => join(sessions, String(name)))
    .filter((file) => file.endsWith(".jsonl"));
}

describe("[cli/exec-resume] exec resume", () => {
  test("goes on with the session of an id, or with the last one of the directory", async () => {
    await using home = await mockHome(ANSWERS);
    const first = threadOf(await runInProcess([...EXEC, "go"], home.run));
    const resumed = await runInProcess([...EXEC, "resume", first, "more"], home.run);
    const last = await runInProcess(
      ["exec", "resume", "--last", ...EXEC.slice(1), "and more"],
      home.run,
    );
    expect([threadOf(resumed), threadOf(last)]).toEqual([first, first]);
    expect(resumed.exitCode).toBe(0);
    expect(saidIn(home.server.requests[2])).toEqual(["go", "One.", "more", "Two.", "and more"]);
    expect(last.stdout).toContain('"input_tokens":30');
    const files = sessionFiles(home);
    expect(files).toHaveLength(1);
    expect(statSync(files[0] ?? "").mode & 0o777).toBe(0o600);
  });

  test("reads the prompt from standard input", async () => {
    await using home = await mockHome(ANSWERS);
    const first = threadOf(await runInProcess([...EXEC, "go"], home.run));
    const run = { ...home.run, stdin: "piped" };
    threadOf(await runInProcess([...EXEC, "resume", first], run));
    threadOf(await runInProcess([...EXEC, "resume", "--last", "-"], run));
    expect(saidIn(home.server.requests[2])).toEqual(["go", "One.", "piped", "Two.", "piped"]);
  });

  test("--last stays in the directory unless --all is there", async () => {
    await using home = await mockHome(ANSWERS);
    const first = threadOf(await runInProcess([...EXEC, "go"], home.run));
    const other = join(home.path, "other");
    await mkdir(other);
    const there = { ...home.run, cwd: other };
    const none = await runInProcess([...EXEC, "resume", "--last", "more"], there);
    expect(none).toEqual({
      exitCode: 1,
      stdout: "",
      stderr: `error: no session began in ${other}: --all takes the last one of any directory\n`,
    });
    expect(
      threadOf(await runInProcess([...EXEC, "resume", "--last", "--all", "more"], there)),
    ).toBe(first);
  });

  test("[cli/exec-resume-unknown] says what it does not find, before any event", async () => {
    await using home = await mockHome(ANSWERS);
    const id = "00000000-0000-7000-8000-000000000000";
    const unknown = {
      exitCode: 1,
      stdout: "",
      stderr: `error: no rollout found for thread id ${id}\n`,
    };
    expect(await runInProcess([...EXEC, "resume", id, "x"], home.run)).toEqual(unknown);
    expect(await runInProcess([...EXEC, "fork", id, "x"], home.run)).toEqual(unknown);
    const none = await runInProcess([...EXEC, "resume", "--last", "--all", "x"], home.run);
    expect(none).toMatchObject({ exitCode: 1, stdout: "" });
    expect(none.stderr).toMatch(/^error: there is no session to resume in /);
    expect(home.server.requests).toHaveLength(0);
  });

  test.each([
    [["resume"], "exec resume needs the id of a session, or --last"],
    [
      ["resume", "--last", "id", "prompt"],
      "exec resume takes the id of a session or --last, not both",
    ],
    [["fork"], "exec fork needs the id of a session"],
    [["resume", "id", "prompt", "more"], "too many arguments"],
    [["resume", "--bogus"], "unknown option '--bogus'"],
  ])("[cli/exec-resume-usage] %j is a mistake", async (words, message) => {
    const { exitCode, stdout, stderr } = await runInProcess([...EXEC, ...words], { cwd: "/" });
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: "" });
    expect(stderr).toContain(message);
  });
});

test("[cli/exec-fork] exec fork begins another session with the history of one", async () => {
  await using home = await mockHome(ANSWERS);
  const first = threadOf(await runInProcess([...EXEC, "go"], home.run));
  const [file = ""] = sessionFiles(home);
  const before = readFileSync(file, "utf8");
  const fork = threadOf(await runInProcess([...EXEC, "fork", first, "another way"], home.run));
  expect(fork).not.toBe(first);
  expect(readFileSync(file, "utf8")).toBe(before);
  expect(saidIn(home.server.requests[1])).toEqual(["go", "One.", "another way"]);
  threadOf(await runInProcess([...EXEC, "resume", fork, "further"], home.run));
  expect(saidIn(home.server.requests[2])).toEqual(["go", "One.", "another way", "Two.", "further"]);
});

test("[cli/exec-ephemeral] --ephemeral keeps nothing, and adds nothing to a session that is resumed", async () => {
  await using home = await mockHome(ANSWERS);
  threadOf(await runInProcess([...EXEC, "--ephemeral", "go"], home.run));
  expect(sessionFiles(home)).toEqual([]);
  const kept = threadOf(await runInProcess([...EXEC, "go"], home.run));
  const [file = ""] = sessionFiles(home);
  const before = readFileSync(file, "utf8");
  threadOf(await runInProcess([...EXEC, "resume", "--ephemeral", kept, "more"], home.run));
  expect(readFileSync(file, "utf8")).toBe(before);
});
