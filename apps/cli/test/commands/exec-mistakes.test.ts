import { readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { createServer as createHttpServer } from "node:http";
import { createServer } from "node:net";
import type { AddressInfo, Server } from "node:net";
import { join } from "node:path";
import {
  errorExchange,
  failedExchange,
  messageExchange,
  startResponsesServer,
} from "@codex-ts/responses-server";
import { temporaryDirectory } from "@codex-ts/test-support";
import { beforeAll, describe, expect, test } from "vitest";
import { type CliResult, runInProcess } from "../support/run-cli.ts";

const EXEC = ["exec", "--skip-git-repo-check"];
/** Where nothing has to be waited for, nothing is: the repetitions of a request would take longer. In milliseconds. */
const AT_ONCE_MS = 1000;
/** The request is repeated as Codex repeats it, for three seconds. */
const REPEATED_MS = 5000;
const TIMEOUT_MS = 20_000;

// A command is loaded when it is first run: here beforehand, so that no run waits for its compiler.
beforeAll(() => import("../../src/commands/exec.ts"), 60_000);

function certificate(name: string): string {
  const file = new URL(`../../../../packages/api/test/fixtures/tls/${name}`, import.meta.url);
  return readFileSync(file, "utf8");
}

/** A port nobody listens on. */
async function closedPort(): Promise<number> {
  const server = createServer();
  const port = await listen(server);
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return (server.address() as AddressInfo).port;
}

function provider(baseUrl: string, more = ""): string {
  return `model_provider = "mine"\n[model_providers.mine]\nname = "mine"\nbase_url = "${baseUrl}"\n${more}`;
}

interface Mistake {
  readonly config: string;
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/**
 * Runs one mistake with the defaults of a user: every retry is on. What is limited is the time in which this thread had
 * nothing to do but wait, for a timer or a peer: unlike time on the clock, it does not grow when other processes take
 * the processor.
 */
async function run(
  { config, args = [], env = {} }: Mistake,
  waitLimitMs = AT_ONCE_MS,
): Promise<CliResult> {
  await using home = await temporaryDirectory();
  await writeFile(join(home.path, "config.toml"), `model = "gpt-mock"\n${config}`);
  const begun = performance.eventLoopUtilization();
  const result = await runInProcess([...EXEC, ...args, "hi"], { cwd: home.path, env });
  expect(performance.eventLoopUtilization(begun).idle).toBeLessThan(waitLimitMs);
  expect(result).toMatchObject({ exitCode: 1, stdout: "" });
  expect(result.stderr).not.toMatch(/^\s+at /m);
  expect(result.stderr.match(/^error: /gm)).toHaveLength(1);
  return result;
}

const WEBSITE = {
  method: "POST",
  path: "/responses",
  status: 404,
  headers: { "content-type": "text/html; charset=utf-8" },
  body: `<!DOCTYPE html><html><head><title>Example\nDomain</title></head><body>${"x".repeat(3000)}</body></html>`,
  repeat: Infinity,
} as const;

describe("the likeliest mistakes", { timeout: TIMEOUT_MS }, () => {
  test.each<[string, Mistake, RegExp]>([
    ["no login", { config: "" }, /nobody is logged in[^\n]*: codex-ts login, or set CODEX_API_KEY/],
    [
      "only OPENAI_API_KEY",
      { config: "", env: { OPENAI_API_KEY: "sk-mine" } },
      /nobody is logged in[^\n]*OPENAI_API_KEY is not read[^\n]*login --with-api-key/,
    ],
    [
      "base_ulr",
      { config: provider("x").replace("base_url", "base_ulr") },
      /config\.toml: unknown configuration key model_providers\.mine\.base_ulr: did you mean base_url\?/,
    ],
    [
      "model_provder",
      { config: provider("http://127.0.0.1:9").replace("model_provider ", "model_provder ") },
      /config\.toml: unknown configuration key model_provder: did you mean model_provider\?/,
    ],
    [
      "model_provders",
      { config: provider("http://127.0.0.1:9").replace("[model_providers", "[model_provders") },
      /unknown configuration key model_provders: did you mean model_providers\?/,
    ],
    [
      "an empty key variable",
      { config: provider("http://127.0.0.1:9", 'env_key = "MINE_KEY"'), env: { MINE_KEY: " " } },
      /Missing environment variable: `MINE_KEY`\. Set it and run again\./,
    ],
    [
      "text without quotes",
      { config: "model_reasoning_effort = high" },
      /config\.toml:2:26: no valid TOML: invalid value; put text in quotes[^\n]*\n2 \| model_reasoning_effort = high\n {2}\| {26}\^\n$/,
    ],
    [
      "a profile of an older Codex",
      { config: 'profile = "lab"\n[profiles.lab]\nmodel = "m"' },
      /config\.toml: the key profile is no longer supported: [^\n]*lab\.config\.toml[^\n]*pass -p lab\n$/,
    ],
  ])(
    "[cli/mistakes] %s: the cause and what to do, nothing is sent",
    async (_what, mistake, line) => {
      const { stderr } = await run(mistake);
      expect(stderr).toMatch(line);
    },
  );

  test("[cli/mistake-refused] a port nobody listens on ends in seconds, with the address", async () => {
    const url = `http://127.0.0.1:${await closedPort()}/v1`;
    const { stderr } = await run({ config: provider(url) }, REPEATED_MS);
    expect(stderr).toMatch(/^attempt 1 failed, the next one in \d+ ms \(.*ECONNREFUSED.*\)$/m);
    expect(stderr).toMatch(
      /^error: stream disconnected before completion: connect ECONNREFUSED 127\.0\.0\.1:\d+; check base_url of model provider mine \(http:\/\/127\.0\.0\.1:\d+\/v1\)$/m,
    );
  });

  test.each([
    ["over HTTP", ""],
    ["over WebSocket", "supports_websockets = true"],
  ])(
    "[cli/mistake-certificate] %s a certificate nobody knows names CODEX_CA_CERTIFICATE",
    async (_how, more) => {
      await using server = await startResponsesServer({
        script: [],
        tls: { cert: certificate("server.pem"), key: certificate("server-key.pem") },
      });
      const { stderr } = await run({ config: provider(server.url, more) });
      expect(stderr).toMatch(
        /^error: [^\n]*certificate of the server is not trusted[^\n]*CODEX_CA_CERTIFICATE\n$/m,
      );
    },
  );

  test.each([
    ["over HTTP", ""],
    ["over WebSocket", "supports_websockets = true"],
  ])("[cli/mistake-no-tls] %s https to a port of http is named as such", async (_how, more) => {
    await using server = await startResponsesServer({ script: [] });
    const url = server.url.replace("http:", "https:");
    const { stderr } = await run({ config: provider(url, more) });
    expect(stderr).toMatch(
      /^error: [^\n]*does not speak TLS[^\n]*http:\/\/[^\n]*check base_url of model provider mine/m,
    );
    expect(stderr).not.toContain("EPROTO");
  });

  test.each([
    ["HTTPS_PROXY", "https://models.invalid/v1"],
    ["HTTP_PROXY", "http://models.invalid/v1"],
  ])(
    "[cli/mistake-proxy] a proxy in %s that nobody listens at is named, without its password",
    async (name, url) => {
      const proxy = `127.0.0.1:${await closedPort()}`;
      const env = { [name]: `http://user:secret@${proxy}` };
      const { stderr } = await run({ config: provider(url), env }, REPEATED_MS);
      expect(stderr).toMatch(/^error: [^\n]*the proxy cannot be used: connect ECONNREFUSED/m);
      expect(stderr).toContain(`check http://${proxy} in HTTPS_PROXY, HTTP_PROXY or ALL_PROXY`);
      expect(stderr).not.toContain("secret");
    },
  );

  test("[cli/mistake-proxy] a proxy that opens no tunnel is named with its status", async () => {
    const refusal = "HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n";
    const proxy = createHttpServer().on("connect", (_request, socket) => socket.end(refusal));
    const port = await listen(proxy);
    try {
      const config = provider("https://models.invalid/v1");
      const env = { HTTPS_PROXY: `http://127.0.0.1:${port}` };
      const { stderr } = await run({ config, env }, REPEATED_MS);
      expect(stderr).toMatch(
        /^error: [^\n]*the proxy refused CONNECT with status 403; check http:\/\/127\.0\.0\.1:\d+ in HTTPS_PROXY/m,
      );
    } finally {
      proxy.close();
    }
  });

  test("[cli/mistake-website] a website in place of an API is named as such, without its markup", async () => {
    await using server = await startResponsesServer({ script: [WEBSITE] });
    const { stderr } = await run({ config: provider(server.url) });
    expect(server.requests).toHaveLength(1);
    expect(stderr).toMatch(
      /^error: unexpected status 404 Not Found: a web page, "Example Domain", url: [^\n]*; base_url of model provider mine \(http:[^\n]*\) leads to a website/m,
    );
    expect(stderr).not.toContain("xxx");
  });

  test("[cli/mistake-key] a refused key names its variable", async () => {
    await using server = await startResponsesServer({
      script: [errorExchange(401, { message: "bad key", requestId: "req_1" })],
    });
    const more = 'env_key = "MINE_KEY"\nstream_max_retries = 0';
    const config = provider(server.url, more);
    const { stderr } = await run({ config, env: { MINE_KEY: "sk-mine-0000" } });
    expect(stderr).toMatch(/^error: unexpected status 401[^\n]*req_1; check the key in MINE_KEY$/m);
  });

  test("[cli/mistake-context] a conversation that is too long is told what exists only", async () => {
    await using server = await startResponsesServer({
      script: [failedExchange({ code: "context_length_exceeded", message: "9 of 8 tokens" })],
    });
    const { stderr } = await run({ config: provider(server.url) });
    expect(stderr).toMatch(/^error: [^\n]*start a new thread[^\n]*server message: 9 of 8 tokens/m);
    expect(stderr).not.toMatch(/compact/);
  });
});

describe("words of exec that Codex has commands for", () => {
  test.each([[["--", "resume"]], [["--", "review"]], [["resume it"]]])(
    "[cli/exec-command-words] exec %j is a prompt",
    async (words) => {
      await using server = await startResponsesServer({ script: [messageExchange("done")] });
      await using home = await temporaryDirectory();
      await writeFile(join(home.path, "config.toml"), `model = "m"\n${provider(server.url)}`);
      const result = await runInProcess([...EXEC, ...words], { cwd: home.path });
      expect(result).toMatchObject({ exitCode: 0, stdout: "done\n" });
      expect(server.requests[0]?.bodyText).toContain(words.at(-1));
    },
  );
});

describe("a refused WebSocket handshake", () => {
  test.each([400, 429])("[cli/exec-handshake] %i is shown with its id", async (status) => {
    await using server = await startResponsesServer({
      script: [messageExchange("over HTTP")],
      handshakes: [{ status, requestId: `req_${status}`, repeat: Infinity }],
    });
    await using home = await temporaryDirectory();
    const config = provider(server.url, "supports_websockets = true\nstream_max_retries = 0");
    await writeFile(join(home.path, "config.toml"), `model = "m"\n${config}`);
    const { stderr } = await runInProcess([...EXEC, "hi"], { cwd: home.path });
    const id = `request id: req_${status}`;
    expect(stderr).toMatch(
      new RegExp(`^no WebSocket connection \\(http ${status}: .*${id}\\)$`, "m"),
    );
    // What ends the turn, or sends it over HTTP, tells both as well.
    expect(stderr).toMatch(new RegExp(`^(error|warning): .*\\b${status}\\b.*${id}`, "m"));
  });
});
