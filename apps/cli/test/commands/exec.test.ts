import { execFileSync } from "node:child_process";
import { mkdir, readFile, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import {
  completed,
  created,
  errorExchange,
  failedExchange,
  functionCallExchange,
  message,
  messageExchange,
} from "@codex-ts/responses-server";
import type { ReceivedRequest } from "@codex-ts/responses-server";
import { temporaryDirectory } from "@codex-ts/test-support";
import { describe, expect, test } from "vitest";
import { mockHome } from "../support/home.ts";
import { type CliResult, runInProcess } from "../support/run-cli.ts";

interface Line {
  readonly type: string;
  readonly message?: string;
  readonly error?: { readonly message: string };
  readonly item?: { readonly type: string; readonly text?: string; readonly message?: string };
}

function jsonLines({ stdout }: CliResult): Line[] {
  return stdout
    .split("\n")
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Line);
}

function kindsOf(result: CliResult): string[] {
  return jsonLines(result).map(({ type }) => type);
}

/** Text of the last user message of a request. */
function promptOf(request: ReceivedRequest | undefined): unknown {
  const body = request?.body as { input: { content: { text: string }[] }[] } | undefined;
  return body?.input.at(-1)?.content[0]?.text;
}

const CATALOG_MODEL = {
  slug: "gpt-mock",
  display_name: "gpt-mock",
  description: "scripted model",
  supported_reasoning_levels: [],
  shell_type: "unified_exec",
  visibility: "list",
  supported_in_api: true,
  priority: 1,
  availability_nux: null,
  upgrade: null,
  base_instructions: "Follow the script.",
  supports_reasoning_summaries: false,
  support_verbosity: false,
  default_verbosity: null,
  apply_patch_tool_type: null,
  truncation_policy: { mode: "bytes", limit: 10_000 },
  supports_parallel_tool_calls: true,
  context_window: 272_000,
  experimental_supported_tools: [],
};

const EXEC = ["exec", "--json", "--skip-git-repo-check"];

describe("codex-ts exec", () => {
  test("[cli/exec] runs a turn: final message on stdout, progress with both ids on stderr", async () => {
    await using home = await mockHome([
      messageExchange(["Hello ", "there."], { responseId: "resp_1", requestId: "req_1" }),
    ]);
    const result = await runInProcess(["exec", "--skip-git-repo-check", "hi"], home.run);
    expect(result).toMatchObject({ exitCode: 0, stdout: "Hello there.\n" });
    expect(result.stderr).toContain("response_id resp_1");
    expect(result.stderr).toContain("upstream_request_id req_1");
    expect(promptOf(home.server.requests[0])).toBe("hi");
    expect(home.server.unexpectedRequests).toEqual([]);
  });

  test("takes the model of -m, of -c and of the file in this order", async () => {
    await using home = await mockHome([
      messageExchange("a"),
      messageExchange("b"),
      messageExchange("c"),
    ]);
    await runInProcess([...EXEC, "-m", "flag", "-c", "model=override", "hi"], home.run);
    await runInProcess([...EXEC, "-c", "model=override", "hi"], home.run);
    await runInProcess([...EXEC, "hi"], home.run);
    const models = home.server.requests.map(({ body }) => (body as { model: string }).model);
    expect(models).toEqual(["flag", "override", "gpt-mock"]);
  });

  test("[cli/exec-compatibility] sends the requests of today's Codex, or of 0.140 when told so", async () => {
    await using home = await mockHome([messageExchange("a"), messageExchange("b")], {
      top: 'model = "gpt-mock"',
    });
    await runInProcess([...EXEC, "hi"], home.run);
    await runInProcess([...EXEC, "-c", "compatibility=0.140", "hi"], home.run);
    const members = home.server.requests.map(({ body }) => Object.keys(body as object).slice(0, 3));
    expect(members).toEqual([
      ["model", "stream", "input"],
      ["model", "instructions", "input"],
    ]);
    const encodings = home.server.requests.map((request) => request.header("accept-encoding"));
    expect(encodings).toEqual(["zstd,gzip", undefined]);
  });

  test("[cli/exec-catalog] sends what the model catalogue says about the model", async () => {
    await using home = await mockHome([messageExchange("a")], {
      top: 'model = "gpt-mock"\nmodel_catalog_json = "catalog.json"',
    });
    await writeFile(join(home.path, "catalog.json"), JSON.stringify({ models: [CATALOG_MODEL] }));
    const result = await runInProcess([...EXEC, "hi"], home.run);
    expect(result).toMatchObject({ exitCode: 0, stderr: "" });
    expect(home.server.requests[0]?.body).toMatchObject({
      input: [{ role: "developer", content: [{ text: "Follow the script." }] }, {}, {}, {}],
    });
  });

  test("[cli/exec-agents-file] tells the model what AGENTS.md of the user and the project say", async () => {
    await using home = await mockHome([messageExchange("a")], {
      top: 'model = "gpt-mock"\nproject_doc_max_bytes = 10\nproject_root_markers = ["root"]\nproject_doc_fallback_filenames = ["RULES.md"]',
    });
    const files = {
      "AGENTS.md": "Mine.\n",
      "work/root": "",
      "work/AGENTS.md": "Rules.\n",
      "work/sub/RULES.md": "More rules.\n",
    };
    await mkdir(join(home.path, "work", "sub"), { recursive: true });
    for (const [name, text] of Object.entries(files)) await writeFile(join(home.path, name), text);
    const result = await runInProcess([...EXEC, "-C", "work/sub", "hi"], home.run);
    expect(result.exitCode).toBe(0);
    expect(result.stderr).toMatch(/^warning: [^\n]*RULES\.md: only 3 of 12 bytes[^\n]*\n$/);
    const body = home.server.requests[0]?.body as
      | { input: { content: { text: string }[] }[] }
      | undefined;
    expect(body?.input.at(-2)?.content[0]?.text).toBe(
      `# AGENTS.md instructions for ${join(home.path, "work", "sub")}\n\n<INSTRUCTIONS>\nMine.\n\n--- project-doc ---\n\nRules.\n\n\nMor\n</INSTRUCTIONS>`,
    );
  });

  test("[cli/exec-network] goes through the proxy of the environment, and says when certificates are not usable", async () => {
    await using home = await mockHome([messageExchange("Through.")]);
    const file = join(home.path, "config.toml");
    const config = await readFile(file, "utf8");
    await writeFile(file, config.replace(home.server.url, "http://models.invalid/v1"));
    const env = {
      ...home.run.env,
      HTTP_PROXY: new URL(home.server.url).origin,
      CODEX_CA_CERTIFICATE: join(home.path, "none.pem"),
    };
    const result = await runInProcess([...EXEC, "hi"], { ...home.run, env });
    expect(kindsOf(result).at(-1)).toBe("turn.completed");
    expect(home.server.requests[0]?.headers).toContainEqual(["host", "models.invalid"]);
    expect(result.stderr.match(/^warning: .*CODEX_CA_CERTIFICATE.*none\.pem/gm)).toHaveLength(1);
  });

  test("takes a prompt that begins with a dash after --", async () => {
    await using home = await mockHome([messageExchange("a")]);
    expect((await runInProcess([...EXEC, "--", "--hi"], home.run)).exitCode).toBe(0);
    expect(promptOf(home.server.requests[0])).toBe("--hi");
  });

  test("adds what is piped in to the prompt", async () => {
    await using home = await mockHome([messageExchange("a")]);
    await runInProcess([...EXEC, "look"], { ...home.run, stdin: "piped\n" });
    expect(promptOf(home.server.requests[0])).toBe("look\n\n<stdin>\npiped\n</stdin>");
  });

  test("[cli/exec-refusal] without the bypass a command is refused by naming the flag, and the turn goes on", async () => {
    await using home = await mockHome([
      functionCallExchange({ name: "exec_command", args: { cmd: "touch made" }, callId: "call_1" }),
      messageExchange("I could not."),
    ]);
    const env = { ...home.run.env, PATH: "/no/such/folder" };
    const result = await runInProcess([...EXEC, "hi"], { ...home.run, env });
    expect(result.exitCode).toBe(0);
    expect(home.server.requests[1]?.bodyText).toContain(
      "--dangerously-bypass-approvals-and-sandbox",
    );
    expect(result.stdout).toMatch(
      /"type":"error","message":"[^"]*sandbox mode `read-only` cannot be enforced here/,
    );
    expect(await readdir(home.path)).not.toContain("made");
  });

  test.each([
    ["the flag", ["--dangerously-bypass-approvals-and-sandbox"]],
    ["the sandbox mode", ["-c", "sandbox_mode=danger-full-access"]],
  ])("[cli/exec-bypass] with %s a command runs in the directory of -C", async (_what, flags) => {
    await using home = await mockHome([
      functionCallExchange({ name: "exec_command", args: { cmd: "touch made" }, callId: "call_1" }),
      messageExchange("Made."),
    ]);
    await mkdir(join(home.path, "work"));
    const result = await runInProcess([...EXEC, ...flags, "-C", "work", "hi"], home.run);
    expect(result.exitCode).toBe(0);
    expect(await readdir(join(home.path, "work"))).toEqual(["made"]);
  });
});

describe("where exec runs", () => {
  test("[cli/exec-git] outside a git work tree it ends before any request", async () => {
    await using home = await mockHome([messageExchange("a"), messageExchange("b")]);
    const result = await runInProcess(["exec", "hi"], home.run);
    expect(result).toMatchObject({ exitCode: 1, stdout: "" });
    expect(result.stderr).toMatch(/^error: [^\n]*--skip-git-repo-check[^\n]*\n$/);
    expect(home.server.requests).toHaveLength(0);
    const bypass = "--dangerously-bypass-approvals-and-sandbox";
    expect((await runInProcess(["exec", bypass, "hi"], home.run)).exitCode).toBe(0);
    const sandboxOff = ["exec", "-c", "sandbox_mode=danger-full-access", "hi"];
    expect((await runInProcess(sandboxOff, home.run)).exitCode).toBe(1);
    expect(home.server.requests).toHaveLength(1);
  });

  test("[cli/exec-git-cd] the directory of -C counts, not the one it was started in", async () => {
    await using home = await mockHome([messageExchange("a")]);
    await mkdir(join(home.path, "repository", ".git"), { recursive: true });
    await writeFile(join(home.path, "repository", ".git", "HEAD"), "ref: refs/heads/main\n");
    const inRepository = await runInProcess(["exec", "-C", "repository", "hi"], home.run);
    expect(inRepository.exitCode).toBe(0);
    const outside = await runInProcess(["exec", "-C", home.path, "hi"], {
      ...home.run,
      cwd: join(home.path, "repository"),
    });
    expect(outside.exitCode).toBe(1);
  });

  test("an empty --trace is a usage error", async () => {
    await using home = await mockHome([]);
    const result = await runInProcess([...EXEC, "--trace", "", "hi"], home.run);
    expect(result).toMatchObject({ exitCode: 2, stdout: "" });
    expect(result.stderr).toMatch(/^error: --trace [^\n]+\n$/);
  });

  test("a directory that is not there is named", async () => {
    await using home = await mockHome([]);
    const result = await runInProcess([...EXEC, "-C", "absent", "hi"], home.run);
    expect(result).toMatchObject({ exitCode: 1, stdout: "" });
    expect(result.stderr).toMatch(/^error: -C absent: [^\n]+\n$/);
  });
});

describe("what can be wrong with the configuration", () => {
  test("[cli/no-model] without a model the error names -m", async () => {
    await using home = await mockHome([], { top: "" });
    const result = await runInProcess([...EXEC, "hi"], home.run);
    expect(result).toMatchObject({ exitCode: 1, stdout: "" });
    expect(result.stderr).toMatch(/^error: no model configured: pass -m MODEL[^\n]*\n$/);
  });

  test("[cli/missing-key] a missing key is one line that names the variable; nothing is sent", async () => {
    await using home = await mockHome([]);
    const result = await runInProcess([...EXEC, "hi"], {
      ...home.run,
      env: { CODEX_HOME: home.path },
    });
    expect(result.exitCode).toBe(1);
    expect(result.stderr).toBe(
      "error: Missing environment variable: `MOCK_KEY`. Set it and run again.\n",
    );
    const text = "Missing environment variable: `MOCK_KEY`.";
    expect(jsonLines(result).slice(1)).toEqual([
      { type: "turn.started" },
      { type: "error", message: text },
      { type: "turn.failed", error: { message: text } },
    ]);
    expect(home.server.requests).toHaveLength(0);
  });

  test("[cli/unknown-keys] unknown keys of all tables are named in one warning and the turn goes on", async () => {
    await using home = await mockHome([messageExchange("a")], {
      top: 'model = "gpt-mock"\nmodell = "typo"',
      provider: "zzz = 1",
    });
    const result = await runInProcess([...EXEC, "hi"], home.run);
    expect(result.exitCode).toBe(0);
    expect(result.stderr).toMatch(/^warning: [^\n]*modell[^\n]*model_providers\.mock\.zzz\n$/);
  });

  test.each([
    ["model_provider=nope", /config\.toml: .*`nope` not found/],
    ["model_providers.openai={name='x'}", /reserved built-in provider/],
    ["model_providers.mock.wire_api=chat", /model_providers\.mock\.wire_api/],
    ["model_catalog_json=absent.json", /model_catalog_json .*absent\.json: it does not exist/],
    ["model_instructions_file=absent.md", /model_instructions_file .*: it does not exist/],
    ["model=3", /^error: -c: model: expected string/],
    ["project_doc_max_bytes=-1", /^error: -c: project_doc_max_bytes: /],
    ["turn_max_requests=0", /^error: -c: turn_max_requests: /],
    ["stream_max_duration_ms=1.5", /^error: -c: stream_max_duration_ms: /],
    ["forced_login_method=key", /config\.toml: forced_login_method: /],
  ])("-c %s: one line and exit code 1", async (override, line) => {
    await using home = await mockHome([]);
    const result = await runInProcess([...EXEC, "-c", override, "hi"], home.run);
    expect(result).toMatchObject({ exitCode: 1, stdout: "" });
    expect(result.stderr).toMatch(/^error: [^\n]+\n$/);
    expect(result.stderr).toMatch(line);
  });

  test.skipIf(process.platform === "win32")(
    "a pipe of the name config.toml is an error, nobody waits for it",
    async () => {
      await using home = await temporaryDirectory();
      execFileSync("mkfifo", [join(home.path, "config.toml")]);
      const result = await runInProcess([...EXEC, "hi"], { cwd: home.path });
      expect(result).toMatchObject({ exitCode: 1, stdout: "" });
      expect(result.stderr).toMatch(/^error: \S*config\.toml: [^\n]*no plain file\n$/);
    },
  );

  test("a CODEX_HOME that is not there is an error, not an empty configuration", async () => {
    await using home = await mockHome([]);
    const env = { CODEX_HOME: join(home.path, "absent") };
    const result = await runInProcess([...EXEC, "hi"], { ...home.run, env });
    expect(result.exitCode).toBe(1);
    expect(result.stderr).toMatch(/^error: CODEX_HOME is [^\n]+\n$/);
  });
});

describe("when the turn fails", () => {
  test("a server cannot fill the screen with its error or its ids", async () => {
    const long = "x".repeat(100_000);
    await using home = await mockHome([
      errorExchange(400, { message: long, requestId: "r".repeat(5000) }),
    ]);
    const result = await runInProcess(["exec", "--skip-git-repo-check", "hi"], home.run);
    expect(result.exitCode).toBe(1);
    expect(result.stderr).toMatch(/^error: [^\n]{1000,4100}… \(\d{4,6} characters\)$/m);
    expect(result.stderr).toMatch(/upstream_request_id r{200}… \(5000 characters\) /);
  });

  const cut = { requestId: null, events: [created("resp_1"), message("part")] };

  test("[cli/exec-retry] retries are told with their cause, the last failure as error and turn.failed", async () => {
    await using home = await mockHome([cut, cut], { provider: "" });
    const flags = ["-c", "model_providers.mock.stream_max_retries=1"];
    const result = await runInProcess([...EXEC, ...flags, "hi"], home.run);
    const failure =
      "stream disconnected before completion: stream closed before response.completed";
    expect(result.exitCode).toBe(1);
    expect(result.stderr).toBe(`error: ${failure}\n`);
    expect(jsonLines(result).slice(2)).toEqual([
      { type: "item.completed", item: { id: "item_0", type: "agent_message", text: "part" } },
      { type: "error", message: `Reconnecting... 1/1 (${failure})` },
      { type: "item.completed", item: { id: "item_1", type: "agent_message", text: "part" } },
      { type: "error", message: failure },
      { type: "turn.failed", error: { message: failure } },
    ]);
  });

  test.each([
    ["a refused request", errorExchange(400, { message: "Bad input." })],
    ["a refused key", errorExchange(401, { message: "Bad key." })],
    ["a server error", errorExchange(500)],
    ["a failed response", failedExchange({ code: "insufficient_quota", message: "No quota." })],
  ])("[cli/exec-failed] %s ends in error, turn.failed and exit code 1", async (_what, exchange) => {
    await using home = await mockHome([exchange]);
    const result = await runInProcess([...EXEC, "hi"], home.run);
    expect(result.exitCode).toBe(1);
    expect(result.stderr).toMatch(/^error: [^\n]+\n$/);
    expect(kindsOf(result)).toEqual(["thread.started", "turn.started", "error", "turn.failed"]);
    const [error, failed] = jsonLines(result).slice(-2);
    expect(failed?.error?.message).toBe(error?.message);
  });

  test("a server that is not there is a failed turn", async () => {
    await using home = await mockHome([]);
    await home.server.close();
    const result = await runInProcess([...EXEC, "hi"], home.run);
    expect(result.exitCode).toBe(1);
    expect(result.stderr).toMatch(/^error: [^\n]+\n$/);
    expect(kindsOf(result).at(-1)).toBe("turn.failed");
  });

  test("no error shows a stack unless --verbose asks for it", async () => {
    await using home = await mockHome([], { top: "" });
    const quiet = await runInProcess([...EXEC, "hi"], home.run);
    const verbose = await runInProcess(["--verbose", ...EXEC, "hi"], home.run);
    expect(quiet.stderr).not.toContain("    at ");
    expect(verbose.stderr).toContain("    at ");
  });
});

describe("tracing", () => {
  test("[cli/trace-root] a bundle is written into the folder of --trace, which wins over the variable", async () => {
    await using home = await mockHome([messageExchange("a"), messageExchange("b")]);
    const env = { ...home.run.env, CODEX_ROLLOUT_TRACE_ROOT: join(home.path, "variable") };
    await runInProcess([...EXEC, "--trace", "flag", "hi"], { ...home.run, env });
    const [bundle = "", ...others] = await readdir(join(home.path, "flag"));
    expect(others).toEqual([]);
    const manifest: unknown = JSON.parse(
      await readFile(join(home.path, "flag", bundle, "manifest.json"), "utf8"),
    );
    expect(manifest).toMatchObject({ schema_version: 3 });
    expect(await readdir(home.path)).not.toContain("variable");
    await runInProcess([...EXEC, "hi"], { ...home.run, env });
    expect(await readdir(join(home.path, "variable"))).toHaveLength(1);
  });

  test.each(["1", "2"])("[cli/trace-root] --trace-schema %s chooses the schema", async (schema) => {
    await using home = await mockHome([messageExchange("a")]);
    const args = [...EXEC, "--trace", "traces", "--trace-schema", schema, "hi"];
    expect((await runInProcess(args, home.run)).exitCode).toBe(0);
    const [bundle = ""] = await readdir(join(home.path, "traces"));
    const manifest = await readFile(join(home.path, "traces", bundle, "manifest.json"), "utf8");
    expect(JSON.parse(manifest)).toMatchObject({ schema_version: Number(schema) });
  });

  test.each([
    [["--trace", "traces", "--trace-schema", "4"], "--trace-schema 4: expected 1, 2 or 3"],
    [["--trace-schema", "3"], "--trace-schema: nothing is recorded without --trace DIR"],
  ])("[cli/trace-root] %j is a usage error", async (flags, problem) => {
    await using home = await mockHome([]);
    const result = await runInProcess([...EXEC, ...flags, "hi"], home.run);
    expect(result).toMatchObject({ exitCode: 2, stderr: `error: ${problem}\n` });
  });

  test("[cli/trace-limits] a recording holds no more than the configuration allows", async () => {
    await using home = await mockHome([messageExchange("a")]);
    const limit = ["-c", "rollout_trace.max_payload_bytes=200"];
    const args = [...EXEC, "--trace", "traces", ...limit, "hi"];
    expect((await runInProcess(args, home.run)).exitCode).toBe(0);
    const [bundle = ""] = await readdir(join(home.path, "traces"));
    const shown = await runInProcess(["trace", "show", join("traces", bundle)], home.run);
    expect(shown.exitCode).toBe(0);
    const log = await readFile(join(home.path, "traces", bundle, "trace.jsonl"), "utf8");
    expect(log).toContain('"capture":{"status":"truncated"');
  });

  test("nothing is recorded unless asked for", async () => {
    await using home = await mockHome([messageExchange("a")]);
    await runInProcess([...EXEC, "hi"], home.run);
    expect((await readdir(home.path)).toSorted()).toEqual([
      "config.toml",
      "installation_id",
      "sessions",
      "thread-writer-locks",
    ]);
  });

  test("[cli/trace-unwritable] a folder that cannot be made gives one warning and the turn goes on", async () => {
    await using home = await mockHome([{ events: [created(), message("fine"), completed()] }]);
    await using directory = await temporaryDirectory();
    const file = join(directory.path, "file");
    await writeFile(file, "");
    const args = ["exec", "--skip-git-repo-check", "--trace", join(file, "traces"), "hi"];
    const result = await runInProcess(args, home.run);
    expect(result).toMatchObject({ exitCode: 0, stdout: "fine\n" });
    expect(result.stderr.match(/warning/g)).toHaveLength(1);
    expect(result.stderr).toMatch(/^warning: nothing is recorded in [^\n]*traces:[^\n]* --trace$/m);
  });

  test.skipIf(process.platform !== "linux")(
    "a folder below /proc, where making folders recursively never ends, is one of these",
    async () => {
      await using home = await mockHome([messageExchange("fine")]);
      const args = ["exec", "--skip-git-repo-check", "--trace", "/proc/absent/traces", "hi"];
      const result = await runInProcess(args, home.run);
      expect(result).toMatchObject({ exitCode: 0, stdout: "fine\n" });
      expect(result.stderr.match(/warning/g)).toHaveLength(1);
    },
  );

  test("a folder in which no bundle can be made gives one warning and the turn goes on", async () => {
    await using home = await mockHome([messageExchange("fine")]);
    await using directory = await temporaryDirectory();
    await mkdir(join(directory.path, "read-only"), { mode: 0o500 });
    const readOnly = join(directory.path, "read-only");
    // An administrator may write into a read-only directory, but not there.
    const root = process.platform === "linux" ? "/proc" : readOnly;
    const args = ["exec", "--skip-git-repo-check", "--trace", root, "hi"];
    const result = await runInProcess(args, home.run);
    expect(result).toMatchObject({ exitCode: 0, stdout: "fine\n" });
    expect(result.stderr.match(/warning/g)).toHaveLength(1);
  });
});
