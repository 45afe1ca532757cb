import { readFileSync, readdirSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import type { IncomingMessage } from "node:http";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { constants, zstdDecompressSync } from "node:zlib";
import { expect, test } from "vitest";
import { temporaryDirectory, tokensOf } from "@codex-ts/test-support";
import { runInProcess, startCli } from "./support/run-cli.ts";

const MARKS = {
  bearer: "qv7Bearer3kXw9ZmT2",
  header: "qv7Header8pLs4NcR6",
  variable: "qv7Variab1hGt5VbY0",
  basic: "qv7BasicP6dQf2JxK3",
  cookie: "qv7Cookie9wZr7MnC4",
  query: "qv7QueryV0sDg8BhL5",
  userInfo: "qv7UserIn4yFp1TzH7",
  proxy: "qv7ProxyW5aXj6RvG8",
  command: "qv7Comman2eUk3SqW9",
  login: "qv7LoginA7iOb9DfE1",
} as const;

/** What a server makes of what it was sent. */
const answers: readonly (readonly [name: string, answer: (said: string) => [number, string]])[] = [
  ["a refusal in JSON", (said) => [400, JSON.stringify({ error: { message: said } })]],
  [
    "a refusal in JSON with escapes",
    (said) => [
      401,
      `{"error":{"message":"${Array.from(said)
        .map((c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`)
        .join("")}"}}`,
    ],
  ],
  ["a page", (said) => [404, `<html><p>${said.replaceAll(/\W/g, (c) => `&#${c.charCodeAt(0)};`)}`]],
  ["an event of a failure", (said) => [200, failed({ code: "x", message: said })]],
  ["an event with Base64", (said) => [200, failed({ code: "x", message: btoa(said) })]],
];

function failed(error: object): string {
  return `data: ${JSON.stringify({ type: "response.failed", response: { id: "r", error } })}\n\n`;
}

/** A server, or a proxy, that says all that it was sent, and what that decodes to. */
async function startEcho(answer: (said: string) => [number, string]) {
  const heard: string[] = [];
  const server = createServer((request, response) => {
    request.resume().on("end", () => {
      const said = everythingOf(request);
      heard.push(said);
      const [status, body] = answer(said);
      const line = said.replaceAll(/[^ -~]/g, " ").slice(0, 4000);
      response.writeHead(status, {
        "content-type": status === 200 ? "text/event-stream" : "application/json",
        "x-request-id": line,
        "openai-model": line,
        "x-codex-limit-name": line,
      });
      response.end(body);
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    heard,
    [Symbol.asyncDispose]: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function everythingOf(request: IncomingMessage): string {
  const values = [request.url ?? "", ...request.rawHeaders];
  const decoded = values.flatMap((value) => {
    const basic = /^Basic (.*)/.exec(value)?.[1];
    return [
      value,
      ...(basic ? [atob(basic)] : []),
      decodeURIComponent(value.replaceAll("%", "%25")),
    ];
  });
  return decoded.filter((value) => !value.includes("installation")).join("; ");
}

interface Home {
  readonly path: string;
  readonly env: Readonly<Record<string, string>>;
}

/** Ways to be configured; each holds several credentials. */
const homes: readonly (readonly [
  name: string,
  marks: readonly (keyof typeof MARKS)[],
  make: (path: string, port: number) => Promise<Home>,
])[] = [
  [
    "headers, query, user info and proxy",
    ["bearer", "header", "variable", "cookie", "query", "proxy"],
    async (path, port) => {
      await configure(
        path,
        `base_url = "http://me:${MARKS.userInfo}@127.0.0.1:${port}/v1"
env_key = "KEY"
http_headers = { "X-Signed" = "a=1, sig=${MARKS.header}", Cookie = "a=b; sid=${MARKS.cookie}" }
env_http_headers = { "X-Gateway" = "GATE" }
query_params = { tenant = "${MARKS.query}" }`,
      );
      const proxy = `http://me:${MARKS.proxy}@127.0.0.1:${port}`;
      return { path, env: { KEY: MARKS.bearer, GATE: MARKS.variable, HTTP_PROXY: proxy } };
    },
  ],
  [
    "Basic",
    ["basic"],
    async (path, port) => {
      await configure(
        path,
        `base_url = "http://127.0.0.1:${port}/v1"
http_headers = { Authorization = "Basic ${btoa(`me:${MARKS.basic}`)}" }`,
      );
      return { path, env: {} };
    },
  ],
  [
    "a token command",
    ["command"],
    async (path, port) => {
      await configure(
        path,
        `base_url = "http://127.0.0.1:${port}/v1"
auth = { command = "/bin/echo", args = ["${MARKS.command}"] }`,
      );
      return { path, env: {} };
    },
  ],
  [
    "a login",
    ["login"],
    async (path, port) => {
      await configure(
        path,
        `base_url = "http://127.0.0.1:${port}/v1"
requires_openai_auth = true`,
      );
      const tokens = { ...tokensOf("x"), access_token: MARKS.login, account_id: "acct-1" };
      const login = { auth_mode: "chatgpt", tokens, last_refresh: new Date().toISOString() };
      await writeFile(join(path, "auth.json"), JSON.stringify(login), { mode: 0o600 });
      return { path, env: {} };
    },
  ],
];

async function configure(path: string, provider: string): Promise<void> {
  await mkdir(path, { recursive: true });
  await writeFile(
    join(path, "config.toml"),
    `model = "gpt-mock"
model_provider = "mock"
[model_providers.mock]
name = "mock"
request_max_retries = 0
stream_max_retries = 0
${provider}
`,
  );
}

const ARGUMENTS = ["exec", "--json", "--skip-git-repo-check", "--trace", "traces", "hello"];

/** All files but the two that hold the credentials on purpose. */
function filesIn(folder: string): string {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !["auth.json", "config.toml"].includes(entry.name))
    .map((entry) => {
      const bytes = readFileSync(join(entry.parentPath, entry.name));
      const isShard = bytes.readUInt32LE(0) === 0xfd2fb528;
      const options = { finishFlush: constants.ZSTD_e_flush };
      return `${entry.name}\n${(isShard ? zstdDecompressSync(bytes, options) : bytes).toString("latin1")}`;
    })
    .join("\n");
}

function marksIn(text: string): string[] {
  return Object.values(MARKS).filter((mark) =>
    [mark, btoa(mark).slice(2, -4), btoa(`.${mark}`).slice(3, -4), btoa(`..${mark}`).slice(4, -4)]
      .map((form) => form.toLowerCase())
      .some((form) => text.toLowerCase().includes(form)),
  );
}

test.each(
  homes.flatMap(([from, marks, makeHome]) =>
    // What a server makes of them does not depend on where they come from.
    (from === homes[0]?.[0] ? answers : answers.slice(2, 4)).map(([as, answer]) => ({
      from,
      as,
      marks,
      makeHome,
      answer,
    })),
  ),
)(
  "[cli/S1] no output, bundle or file holds a credential that a server repeats: $from, as $as",
  async ({ as, marks, makeHome, answer }) => {
    await using directory = await temporaryDirectory();
    await using server = await startEcho(answer);
    const { path, env } = await makeHome(directory.path, server.port);
    const options = { cwd: path, env: { HOME: path, CODEX_HOME: path, ...env } };
    // One of them as the process that people run.
    const isReal = as === "a refusal in JSON with escapes";
    const { stdout, stderr, exitCode } = isReal
      ? await startInput(options)
      : await runInProcess(ARGUMENTS, options);
    expect(exitCode).toBe(1);
    for (const mark of marks) expect(server.heard.join("\n")).toContain(MARKS[mark]);
    const reduced = await runInProcess(
      ["debug", "trace-reduce", join("traces", readdirSync(join(path, "traces"))[0] ?? "")],
      options,
    );
    const files = filesIn(path);
    expect(files).toContain("[redacted]");
    expect(marksIn([stdout, stderr, reduced.stdout, reduced.stderr, files].join("\n"))).toEqual([]);
  },
);

async function startInput(options: Parameters<typeof startCli>[1]) {
  const { child, ended } = startCli(ARGUMENTS, options);
  child.stdin.end();
  return ended;
}
