import { readFile, readdir, stat, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import {
  secretMarksIn,
  startLoginServer,
  temporaryDirectory,
  tokensOf,
  waitFor,
} from "@codex-ts/test-support";
import type { LoginServer } from "@codex-ts/test-support";
import { describe, expect, test } from "vitest";
import { Interruption } from "../../src/cli-process.ts";
import { type CliResult, runInProcess, startCli } from "../support/run-cli.ts";

const KEY = "sk-proj-canary-0123456789";

/** Everything that must be in no output. */
function expectNoSecret({ stdout, stderr }: CliResult): void {
  expect(secretMarksIn(stdout + stderr)).toEqual([]);
}

async function readAuth(home: string): Promise<Record<string, unknown> | undefined> {
  const text = await readFile(join(home, "auth.json"), "utf8").catch(() => undefined);
  return text === undefined ? undefined : (JSON.parse(text) as Record<string, unknown>);
}

function browserFlow(server: LoginServer): string[] {
  return ["login", "--experimental_issuer", server.url, "--experimental_callback-port", "0"];
}

/** Where tokens are refreshed and withdrawn, and described. */
function servedBy(server: LoginServer): Record<string, string> {
  return {
    CODEX_REFRESH_TOKEN_URL_OVERRIDE: `${server.url}/oauth/token`,
    CODEX_AUTHAPI_BASE_URL: server.url,
  };
}

/** A browser that opens the page it is given and goes wherever it is sent. */
function browser(): { openUrl: (url: string) => void; readonly pages: Promise<string>[] } {
  const pages: Promise<string>[] = [];
  const openUrl = (url: string): void => {
    pages.push(fetch(url).then((answer) => answer.text()));
  };
  return { openUrl, pages };
}

test.each([KEY, "at-canary-1", ...Object.values(tokensOf("1"))])(
  "the secret %s would be noticed",
  (secret) => {
    expect(secretMarksIn(`error: ${secret} is refused`)).not.toEqual([]);
  },
);

describe("codex-ts login", () => {
  test("[cli/login-browser] logs in through the browser, whose page it opens and prints", async () => {
    await using home = await temporaryDirectory();
    await using server = await startLoginServer();
    const { openUrl, pages } = browser();
    const run = { cwd: home.path };
    const result = await runInProcess(browserFlow(server), run, { openUrl });
    expect(result).toMatchObject({ exitCode: 0, stdout: "" });
    expect(result.stderr).toContain(`\n  ${server.url}/oauth/authorize?response_type=code&`);
    expect(result.stderr).toContain("Successfully logged in as alice@example.com\n");
    expectNoSecret(result);
    expect(await pages[0]).toContain("Logged in");
    expect(await readAuth(home.path)).toMatchObject({
      auth_mode: "chatgpt",
      tokens: tokensOf("1"),
    });
    expect((await stat(join(home.path, "auth.json"))).mode & 0o777).toBe(0o600);
    expect(await runInProcess(["login", "status"], run)).toEqual({
      exitCode: 0,
      stdout: "",
      stderr: "Logged in using ChatGPT\n",
    });
  });

  test("[cli/login-cancel] Ctrl-C ends the wait: exit code 130, nothing stored, no port taken", async () => {
    await using home = await temporaryDirectory();
    await using server = await startLoginServer();
    const controller = new AbortController();
    let page = "";
    const running = runInProcess(
      browserFlow(server),
      { cwd: home.path },
      { openUrl: (url) => (page = url), interrupted: controller.signal },
    );
    await waitFor(() => page !== "", { what: "the page" });
    controller.abort(new Interruption("SIGINT", 130));
    const { exitCode, stderr } = await running;
    expect(exitCode).toBe(130);
    expect(stderr).not.toMatch(/^error: /m);
    expect(await readdir(home.path)).toEqual([]);
    const callback = new URL(page).searchParams.get("redirect_uri") ?? "";
    await expect(fetch(callback)).rejects.toThrow("fetch failed");
  });

  test("a server that refuses the code is one line without the code; nothing is stored", async () => {
    await using home = await temporaryDirectory();
    await using server = await startLoginServer();
    // Somebody else's verifier: the state is right, the proof is not.
    const openUrl = (url: string): void => {
      const target = new URL(url);
      target.searchParams.set("code_challenge", "other");
      void fetch(target);
    };
    const result = await runInProcess(browserFlow(server), { cwd: home.path }, { openUrl });
    expect(result.exitCode).toBe(1);
    expect(result.stderr).toMatch(/^error: token exchange failed: [^\n]*status 400[^\n]*\n$/m);
    expectNoSecret(result);
    expect(await readAuth(home.path)).toBeUndefined();
  });

  test("[cli/login-device] --device-auth prints the page and the code", async () => {
    await using home = await temporaryDirectory();
    await using server = await startLoginServer();
    const args = ["login", "--device-auth", "--experimental_issuer", server.url];
    const result = await runInProcess(args, { cwd: home.path });
    expect(result).toMatchObject({ exitCode: 0, stdout: "" });
    expect(result.stderr).toContain(`\n  ${server.url}/codex/device\n`);
    expect(result.stderr).toContain("\n  ABCD-1234\n");
    expectNoSecret(result);
    expect(await readAuth(home.path)).toMatchObject({ auth_mode: "chatgpt" });
  });

  test("[cli/login-api-key] --with-api-key stores what is piped in, and status shows it masked", async () => {
    await using home = await temporaryDirectory();
    const run = { cwd: home.path };
    const result = await runInProcess(["login", "--with-api-key"], { ...run, stdin: `${KEY}\n` });
    expect(result).toMatchObject({ exitCode: 0, stdout: "" });
    expectNoSecret(result);
    expect(await readAuth(home.path)).toEqual({ auth_mode: "apikey", OPENAI_API_KEY: KEY });
    expect(await runInProcess(["login", "status"], run)).toEqual({
      exitCode: 0,
      stdout: "",
      stderr: "Logged in using an API key - sk-proj-***56789\n",
    });
  });

  test.each(["--with-api-key", "--with-access-token"])(
    "%s without anything on standard input, or with a terminal there, is one line",
    async (flag) => {
      await using home = await temporaryDirectory();
      for (const stdin of [" \n", undefined]) {
        const run = { cwd: home.path, ...(stdin !== undefined && { stdin }) };
        const result = await runInProcess(["login", flag], run);
        expect(result).toMatchObject({ exitCode: 1, stdout: "" });
        expect(result.stderr).toMatch(/^error: [^\n]*(pipe it in|pass one on)[^\n]*\n$/);
      }
      expect(await readdir(home.path)).toEqual([]);
    },
  );

  test("[cli/login-access-token] --with-access-token stores a token its service knows, and no other", async () => {
    await using home = await temporaryDirectory();
    await using server = await startLoginServer({ personalAccessToken: "at-canary-1" });
    const run = { cwd: home.path, env: servedBy(server) };
    const args = ["login", "--with-access-token"];
    const refused = await runInProcess(args, { ...run, stdin: "at-canary-2" });
    expect(refused.exitCode).toBe(1);
    expect(refused.stderr).toMatch(/^error: [^\n]*status 401[^\n]*\n$/m);
    expectNoSecret(refused);
    expect(await readAuth(home.path)).toBeUndefined();
    const result = await runInProcess(args, { ...run, stdin: "at-canary-1\n" });
    expect(result.exitCode).toBe(0);
    expectNoSecret(result);
    const status = await runInProcess(["login", "status"], run);
    expect(status.stderr).toBe("Logged in using personal access token\n");
  });

  test("Ctrl-C while a service is asked ends it at once; nothing is stored", async () => {
    await using home = await temporaryDirectory();
    // Takes connections and says nothing.
    const silent = createServer();
    const connected = new Promise((resolve) => silent.once("connection", resolve));
    await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
    const { port } = silent.address() as AddressInfo;
    const controller = new AbortController();
    const env = { CODEX_AUTHAPI_BASE_URL: `http://127.0.0.1:${port}` };
    const running = runInProcess(
      ["login", "--with-access-token"],
      { cwd: home.path, env, stdin: "at-canary" },
      { interrupted: controller.signal },
    );
    await connected;
    controller.abort(new Interruption("SIGINT", 130));
    expect(await running).toMatchObject({ exitCode: 130, stdout: "" });
    expect(await readAuth(home.path)).toBeUndefined();
    await new Promise((resolve) => silent.close(resolve));
  });

  test.each([
    [["login", KEY], "as an argument"],
    [["login", "stats"], "did you mean login status?"],
    [["login", "--api-key", KEY], "as an argument"],
    [["login", `--api-key=${KEY}`], "as an argument"],
    [["login", "--with-api-key", KEY], "as an argument"],
    [["login", `--with-api-key=${KEY}`], "unknown option"],
    [["exec", `--key=${KEY}`, "hi"], "unknown option"],
    [["-c", `.=${KEY}`, "login", "status"], "expected a key of names"],
    [["login", "--with-api-key", "--device-auth"], "cannot be used with"],
  ])("[cli/login-usage] %# is a usage error that repeats no secret", async (args, text) => {
    await using home = await temporaryDirectory();
    const result = await runInProcess(args, { cwd: home.path, stdin: "" });
    expect(result).toMatchObject({ exitCode: 2, stdout: "" });
    expect(result.stderr).toMatch(/^error: [^\n]+\n$/);
    expect(result.stderr).toContain(text);
    expectNoSecret(result);
  });

  test("[cli/login-forced] a prescribed method or workspace refuses the other login", async () => {
    await using home = await temporaryDirectory();
    await using server = await startLoginServer();
    const file = join(home.path, "config.toml");
    const { openUrl } = browser();
    await writeFile(file, 'forced_login_method = "api"');
    const other = await runInProcess(browserFlow(server), { cwd: home.path }, { openUrl });
    expect(other).toMatchObject({ exitCode: 1, stdout: "" });
    expect(other.stderr).toMatch(/^error: [^\n]*log in with an API key\n$/);
    expect(server.asked).toEqual([]);
    await writeFile(file, 'forced_chatgpt_workspace_id = ["acct-9"]');
    const elsewhere = await runInProcess(browserFlow(server), { cwd: home.path }, { openUrl });
    expect(elsewhere.exitCode).toBe(1);
    expect(elsewhere.stderr).toContain("allowed_workspace_id=acct-9");
    expect(elsewhere.stderr).toMatch(/^error: [^\n]*acct-9[^\n]*\n$/m);
    expect(await readAuth(home.path)).toBeUndefined();
  });

  test("a value of the configuration that cannot be used is named with its file", async () => {
    await using home = await temporaryDirectory();
    await writeFile(join(home.path, "config.toml"), 'cli_auth_credentials_store = "cloud"');
    const result = await runInProcess(["login", "status"], { cwd: home.path });
    expect(result.exitCode).toBe(1);
    expect(result.stderr).toMatch(/^error: \S*config\.toml: cli_auth_credentials_store: [^\n]+\n$/);
  });
});

describe("codex-ts login status", () => {
  test("[cli/login-status] tells that nobody is logged in with exit code 1; variables do not count", async () => {
    await using home = await temporaryDirectory();
    const env = { CODEX_API_KEY: KEY, OPENAI_API_KEY: KEY, CODEX_ACCESS_TOKEN: "at-canary" };
    const result = await runInProcess(["login", "status"], { cwd: home.path, env });
    expect(result).toEqual({ exitCode: 1, stdout: "", stderr: "Not logged in\n" });
  });

  test("an auth.json that is damaged is named, its content is not", async () => {
    await using home = await temporaryDirectory();
    await writeFile(join(home.path, "auth.json"), `{"OPENAI_API_KEY": "${KEY}`);
    const result = await runInProcess(["login", "status"], { cwd: home.path });
    expect(result.exitCode).toBe(1);
    expect(result.stderr).toMatch(/^error: [^\n]*auth\.json[^\n]*log in again[^\n]*\n$/);
    expectNoSecret(result);
  });
});

describe("codex-ts logout", () => {
  test("[cli/logout] withdraws and removes the login; a second one finds none", async () => {
    await using home = await temporaryDirectory();
    await using server = await startLoginServer();
    const run = { cwd: home.path, env: servedBy(server) };
    await runInProcess(browserFlow(server), run, browser());
    const first = await runInProcess(["logout"], run);
    expect(first).toMatchObject({ exitCode: 0, stdout: "" });
    expect(first.stderr).toMatch(/^Successfully logged out\n/m);
    expectNoSecret(first);
    expect(server.revoked).toMatchObject([
      { token: "canary-refresh-1", token_type_hint: "refresh_token" },
    ]);
    expect(await readAuth(home.path)).toBeUndefined();
    const second = await runInProcess(["logout"], run);
    expect(second).toMatchObject({ exitCode: 0, stdout: "" });
    expect(second.stderr).toMatch(/^Not logged in\n/m);
  });
});

/** Processes are slow to start on a busy machine; how slow proves nothing. */
const TIMEOUT_MS = 60_000;

test("[cli/login-interrupt] SIGINT ends a login that waits", { timeout: TIMEOUT_MS }, async () => {
  await using home = await temporaryDirectory();
  await using server = await startLoginServer();
  const { child, ended } = startCli(browserFlow(server), { cwd: home.path });
  let seen = "";
  child.stderr.on("data", (text: string) => (seen += text));
  await waitFor(() => seen.includes("--device-auth"), { timeoutMs: TIMEOUT_MS, what: "the page" });
  child.kill("SIGINT");
  expect(await ended).toMatchObject({ exitCode: 130, stdout: "" });
  expect(await readAuth(home.path)).toBeUndefined();
});
