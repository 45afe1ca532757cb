import { existsSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { functionCallExchange, messageExchange } from "@codex-ts/responses-server";
import type { ReceivedRequest } from "@codex-ts/responses-server";
import { beforeAll, describe, expect, test, vi } from "vitest";
import { type MockHome, mockHome } from "../support/home.ts";
import { runInProcess } from "../support/run-cli.ts";

const EXEC = ["exec", "--json", "--skip-git-repo-check"];

// Several runs each, on a machine that may be busy. A command is loaded when it is first run: here beforehand.
vi.setConfig({ testTimeout: 60_000 });
beforeAll(() => import("../../src/commands/exec.ts"), 60_000);

/** One red dot. */
const DOT = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
  "base64",
);

interface Body {
  readonly model: string;
  readonly input: readonly { readonly content?: readonly { readonly type: string }[] }[];
  readonly text?: { readonly format?: { readonly schema: unknown } };
  readonly access_programs?: unknown;
  readonly client_metadata: Readonly<Record<string, string>>;
}

function bodyOf(request: ReceivedRequest | undefined): Body {
  return request?.body as unknown as Body;
}

function metadataOf(request: ReceivedRequest | undefined): Record<string, unknown> {
  const text = bodyOf(request).client_metadata["x-codex-turn-metadata"] ?? "{}";
  return JSON.parse(text) as Record<string, unknown>;
}

/** Kinds of the parts of the last message. */
function partsOf(request: ReceivedRequest | undefined): string[] {
  return (
    bodyOf(request)
      .input.at(-1)
      ?.content?.map(({ type }) => type) ?? []
  );
}

async function homeWithImages(answers = 1): Promise<MockHome> {
  const home = await mockHome(Array.from({ length: answers }, () => messageExchange("Seen.")));
  for (const name of ["a.png", "b.png"]) await writeFile(join(home.path, name), DOT);
  await writeFile(join(home.path, "note.json"), "{}");
  await writeFile(join(home.path, "half.png"), DOT.subarray(0, DOT.length / 2));
  return home;
}

const IMAGE = ["input_text", "input_image", "input_text"];

describe("[cli/exec-image] images of a prompt", () => {
  test.each<[readonly string[], string | undefined]>([
    [["look", "-i", "a.png", "-i", "b.png"], undefined],
    [["look", "-i", "a.png", "b.png"], undefined],
    [["--image", "a.png,b.png", "--", "look"], undefined],
    [["-i", "a.png", "b.png"], "look"],
    [["-i", "a.png", "b.png", "--json", "look"], undefined],
  ])("%j", async (args, stdin) => {
    await using home = await homeWithImages();
    const input = stdin === undefined ? {} : { stdin };
    const result = await runInProcess(["exec", "--skip-git-repo-check", ...args], {
      ...home.run,
      ...input,
    });
    expect(result.exitCode).toBe(0);
    expect(partsOf(home.server.requests[0])).toEqual([...IMAGE, ...IMAGE, "input_text"]);
    expect(home.server.requests[0]?.bodyText).toContain('"text":"look"');
  });

  test("reach a resumed session, where the SDK puts them", async () => {
    await using home = await homeWithImages(2);
    const first = await runInProcess([...EXEC, "go"], home.run);
    const [line = ""] = first.stdout.split("\n");
    const { thread_id } = JSON.parse(line) as { thread_id: string };
    const run = { ...home.run, stdin: "and this?" };
    await runInProcess([...EXEC, "resume", thread_id, "--image", "a.png"], run);
    expect(partsOf(home.server.requests[1])).toEqual([...IMAGE, "input_text"]);
  });

  test.each([
    ["a prompt behind -i", ["-i", "a.png", "what is this?"], "-i what is this?", /-i takes every/],
    ["a name nobody has", ["look", "-i", "c.png"], "-i c.png", /it does not exist$/m],
    ["a directory", ["look", "-i", "."], "-i .", /it is no file$/m],
    ["a text", ["look", "-i", "note.json"], "-i note.json", /it is no PNG, JPEG, GIF or WebP$/m],
    ["half an image", ["look", "-i", "a.png", "half.png"], "-i half.png", /it is damaged or too/],
  ])("%s is an error that says so, and nothing is sent", async (_name, args, file, reason) => {
    await using home = await homeWithImages();
    const result = await runInProcess([...EXEC, ...args], { ...home.run, stdin: "" });
    expect(result).toMatchObject({ exitCode: 1, stdout: "" });
    expect(result.stderr).toContain(`error: ${file}: `);
    expect(result.stderr).toMatch(reason);
    expect(home.server.requests).toEqual([]);
  });
});

describe("[cli/exec-output-schema] a schema for the last message", () => {
  test("is sent", async () => {
    await using home = await mockHome([messageExchange("{}")]);
    const schema = { type: "object", properties: {}, required: [], additionalProperties: false };
    await writeFile(join(home.path, "schema.json"), JSON.stringify(schema));
    await runInProcess([...EXEC, "--output-schema", "schema.json", "go"], home.run);
    expect(bodyOf(home.server.requests[0]).text?.format?.schema).toEqual(schema);
  });

  test.each([
    ["missing.json", /it does not exist/],
    ["wrong.json", /no valid JSON/],
  ])("%s is an error, and nothing is sent", async (file, reason) => {
    await using home = await mockHome([]);
    await writeFile(join(home.path, "wrong.json"), "{nope");
    const result = await runInProcess([...EXEC, "--output-schema", file, "go"], home.run);
    expect(result).toMatchObject({ exitCode: 1, stdout: "" });
    expect(result.stderr).toMatch(reason);
    expect(home.server.requests).toEqual([]);
  });
});

describe("[cli/exec-last-message] -o", () => {
  test("writes the last message alone; one that cannot be written ends the run before it costs", async () => {
    await using home = await mockHome([messageExchange("The end.")]);
    const gone = await runInProcess([...EXEC, "-o", "no/out.txt", "go"], home.run);
    expect(gone).toMatchObject({ exitCode: 1, stdout: "" });
    expect(gone.stderr).toMatch(/^error: -o .*no\/out\.txt: there is no such directory/);
    expect(home.server.requests).toEqual([]);
    await runInProcess([...EXEC, "-o", "out.txt", "go"], home.run);
    expect(await readFile(join(home.path, "out.txt"), "utf8")).toBe("The end.");
  });
});

describe("[cli/exec-flags] further flags of Codex", () => {
  test("who asks, features, the experimental name of --json", async () => {
    await using home = await mockHome([messageExchange("a"), messageExchange("b")]);
    const flags = ["--enable", "goals", "--disable", "remote_compaction_v2"];
    const run = await runInProcess(
      ["exec", "--experimental-json", ...EXEC.slice(2), "--thread-source", "cron", ...flags, "go"],
      { ...home.run, env: { ...home.run.env, CODEX_INTERNAL_ORIGINATOR_OVERRIDE: "my_sdk" } },
    );
    expect(run).toMatchObject({ exitCode: 0, stderr: "" });
    const [request] = home.server.requests;
    expect(metadataOf(request)).toMatchObject({ thread_source: "cron" });
    expect(request?.header("originator")).toBe("my_sdk");
    const wrong = await runInProcess([...EXEC, "--enable", "multi_agnet", "go"], home.run);
    expect(wrong).toMatchObject({
      exitCode: 1,
      stderr: 'error: unknown feature "multi_agnet": did you mean multi_agent or multi_agent_v2?\n',
    });
  });

  test("a table switches a feature on by its member enabled", async () => {
    await using home = await mockHome([messageExchange("a"), messageExchange("b")]);
    for (const enabled of [false, true]) {
      await runInProcess(
        [...EXEC, "-c", `features.code_mode={enabled=${enabled}}`, "go"],
        home.run,
      );
    }
    const isOffered = home.server.requests.map(({ bodyText }) =>
      bodyText.includes('"name":"exec"'),
    );
    expect(isOffered).toEqual([false, true]);
  });

  test("an access program is sent to the provider OpenAI only", async () => {
    await using home = await mockHome([messageExchange("a"), messageExchange("b")]);
    const program = ["--cyber-access-program", "daybreak_blue"];
    await runInProcess([...EXEC, ...program, "go"], home.run);
    const openai = [
      'model_provider="openai"',
      `openai_base_url="${home.server.url}"`,
      "http_only=true",
    ].flatMap((text) => ["-c", text]);
    const env = { ...home.run.env, CODEX_API_KEY: "sk-mine" };
    await runInProcess([...EXEC, ...openai, ...program, "go"], { ...home.run, env });
    const [other, first] = home.server.requests;
    expect(bodyOf(other).access_programs).toBeUndefined();
    expect(bodyOf(first).access_programs).toEqual({ cyber: "daybreak_blue" });
    expect(first?.header("authorization")).toBe("Bearer sk-mine");
  });

  test("directories that commands may write", async () => {
    await using home = await mockHome([messageExchange("a")]);
    await mkdir(join(home.path, "more"));
    const flags = ["-s", "workspace-write", "--add-dir", "more"];
    await runInProcess([...EXEC, ...flags, "go"], home.run);
    expect(home.server.requests[0]?.bodyText).toContain(join(home.path, "more"));
    const gone = await runInProcess([...EXEC, "--add-dir", "gone", "go"], home.run);
    expect(gone).toMatchObject({
      exitCode: 1,
      stderr: "error: --add-dir gone: there is no such directory\n",
    });
  });

  test("--ignore-user-config leaves config.toml unread, and a broken one, too", async () => {
    await using home = await mockHome([messageExchange("a")]);
    const { url } = home.server;
    await writeFile(join(home.path, "config.toml"), "broken [");
    await writeFile(join(home.path, "mine.config.toml"), 'model = "of-the-profile"');
    const settings = ["model_providers.m.name=m", `model_providers.m.base_url=${url}`];
    const flags = [...settings, "model_provider=m"].flatMap((text) => ["-c", text]);
    const result = await runInProcess(
      [...EXEC, "--ignore-user-config", "-p", "mine", ...flags, "go"],
      home.run,
    );
    expect(result.exitCode).toBe(0);
    expect(bodyOf(home.server.requests[0]).model).toBe("of-the-profile");
  });

  test("--ignore-rules leaves the rules of the user unread", async () => {
    const call = { name: "exec_command", args: { cmd: "touch made" }, callId: "call_1" };
    const turn = [functionCallExchange(call), messageExchange("a")];
    await using home = await mockHome([...turn, ...turn]);
    await mkdir(join(home.path, "rules"));
    const rules = 'prefix_rule(pattern=["touch"], decision="forbidden")\n';
    await writeFile(join(home.path, "rules", "default.rules"), rules);
    const exec = [...EXEC, "-s", "danger-full-access"];
    await runInProcess([...exec, "go"], home.run);
    expect(existsSync(join(home.path, "made"))).toBe(false);
    await runInProcess([...exec, "--ignore-rules", "go"], home.run);
    expect(existsSync(join(home.path, "made"))).toBe(true);
  });

  test("--oss asks the server of this machine, for a model of its own", async () => {
    await using home = await mockHome([messageExchange("a"), messageExchange("b")]);
    const env = { ...home.run.env, CODEX_OSS_BASE_URL: home.server.url };
    const unnamed = await runInProcess([...EXEC, "--oss", "go"], { ...home.run, env });
    expect(unnamed).toMatchObject({ exitCode: 1, stdout: "" });
    expect(unnamed.stderr).toMatch(/--oss: .*--local-provider: lmstudio or ollama/);
    const local = ["--oss", "--local-provider", "ollama"];
    await runInProcess([...EXEC, ...local, "go"], { ...home.run, env });
    await runInProcess([...EXEC, "--oss", "-c", "oss_provider=lmstudio", "-m", "mine", "go"], {
      ...home.run,
      env,
    });
    expect(home.server.requests.map((request) => bodyOf(request).model)).toEqual([
      "gpt-oss:20b",
      "mine",
    ]);
  });

  test("--color always colors what is no terminal", async () => {
    await using home = await mockHome([messageExchange("a"), messageExchange("b")]);
    const plain = await runInProcess(["exec", "--skip-git-repo-check", "go"], home.run);
    const colored = await runInProcess(
      ["exec", "--skip-git-repo-check", "--color", "always", "go"],
      home.run,
    );
    expect([plain, colored].map(({ stderr }) => stderr.includes("\u001b["))).toEqual([false, true]);
    expect(colored.stdout).toBe("b\n");
  });
});

describe("[cli/exec-usage] mistakes of the command line come before everything else", () => {
  test.each([
    ["--json twice", ["--json", "--experimental-json", "go"], /are one option/],
    ["a sandbox", ["-s", "none", "go"], /--sandbox none: expected read-only/],
    ["a color", ["--color", "pink", "go"], /--color pink: expected auto/],
    ["an access program", ["--cyber-access-program", "x", "go"], /expected standard/],
    ["a local provider", ["--oss", "--local-provider", "x", "go"], /expected lmstudio, ollama/],
    ["a profile", ["-p", "../x", "go"], /-p: expected the name of a profile/],
    ["a value", ["-c", "x", "go"], /-c x: expected key=value/],
    ["a schema of a trace", ["--trace", "t", "--trace-schema", "4", "go"], /expected 1, 2 or 3/],
    ["an option", ["--bogus", "go"], /unknown option '--bogus'/],
  ])("%s", async (_name, args, text) => {
    // No git work tree, no configuration, a directory that is not there.
    const result = await runInProcess(["exec", ...args, "-C", "gone"], { cwd: "/" });
    expect(result).toMatchObject({ exitCode: 2, stdout: "" });
    expect(result.stderr).toMatch(text);
  });
});

describe("[cli/notify] notify", () => {
  test("runs a program with one JSON argument when a turn has completed, not when it failed, and waits for nothing", async () => {
    await using home = await mockHome([
      { status: 400, body: { error: { message: "no" } } },
      messageExchange("The end."),
    ]);
    // The program ends after the command has.
    const script =
      'for i in $(seq 600); do [ -e ended ] && break; sleep 0.05; done; printf "%s\\n" "$1" >> told.tmp; cp told.tmp told.new; mv told.new told';
    const notify = `notify=${JSON.stringify(["/bin/sh", "-c", script, "sh"])}`;
    const failed = await runInProcess([...EXEC, "-c", notify, "no"], home.run);
    expect(failed.exitCode).toBe(1);
    const result = await runInProcess([...EXEC, "-c", notify, "go"], home.run);
    expect(result).toMatchObject({ exitCode: 0, stderr: "" });
    const told = join(home.path, "told");
    expect(existsSync(told)).toBe(false);
    await writeFile(join(home.path, "ended"), "");
    await expect.poll(() => existsSync(told), { timeout: 20_000 }).toBe(true);
    const [line = ""] = result.stdout.split("\n");
    expect(JSON.parse(await readFile(told, "utf8"))).toEqual({
      type: "agent-turn-complete",
      "thread-id": (JSON.parse(line) as { thread_id: string }).thread_id,
      "turn-id": metadataOf(home.server.requests[1])["turn_id"],
      cwd: home.path,
      client: "codex_ts",
      "input-messages": ["go"],
      "last-assistant-message": "The end.",
    });
  });

  test("a program that is not there is a warning", async () => {
    await using home = await mockHome([messageExchange("The end.")]);
    const result = await runInProcess([...EXEC, "-c", 'notify=["/no/such"]', "go"], home.run);
    expect(result.exitCode).toBe(0);
    expect(result.stderr).toMatch(/^warning: notify: \/no\/such could not be started/);
  });
});
