import { mkdir, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { hang, startResponsesServer } from "@codex-ts/responses-server";
import type { Exchange, Script } from "@codex-ts/responses-server";
import { secretMarksIn, tokensOf, waitFor } from "@codex-ts/test-support";
import { describe, expect, test } from "vitest";
import { Interruption } from "../../src/cli-process.ts";
import { CHECKS } from "../../src/doctor/check.ts";
import { type MockHome, mockHome } from "../support/home.ts";
import { type CliResult, runInProcess } from "../support/run-cli.ts";

// Loaded here, so that no test pays for it.
await import("../../src/commands/doctor.ts");

const KEY = "sk-canary-of-the-key";
/** A model the server lists; commands run free, since bwrap is not on every machine. */
const TOP = 'model = "scripted-model"\nsandbox_mode = "danger-full-access"';

interface Report {
  readonly schemaVersion: number;
  readonly overallStatus: string;
  readonly checks: Readonly<
    Record<
      string,
      {
        readonly status: string;
        readonly category: string;
        readonly summary: string;
        readonly remediation: string | null;
      }
    >
  >;
}

/** Changes to a home that works. */
interface Surroundings {
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

async function doctor(
  home: MockHome,
  { args = [], env = {} }: Surroundings = {},
): Promise<{ readonly result: CliResult; readonly report: Report }> {
  const run = { cwd: home.path, env: { ...home.run.env, MOCK_KEY: KEY, ...env } };
  const human = await runInProcess(["doctor", ...args], run);
  const result = await runInProcess(["doctor", "--json", ...args], run);
  expect(human.exitCode).toBe(result.exitCode);
  for (const { stdout, stderr } of [human, result]) {
    expect(secretMarksIn(stdout + stderr)).toEqual([]);
  }
  const report = JSON.parse(result.stdout) as Report;
  for (const { summary, remediation, status } of Object.values(report.checks)) {
    expect(human.stdout).toContain(summary);
    expect(human.stdout).toMatch(new RegExp(`^${status} `, "m"));
    expect(human.stdout).toContain(remediation === null ? summary : `-> ${remediation}`);
  }
  return { result, report };
}

/** Checks that are neither fine nor skipped. */
function troubles(report: Report): string[] {
  return Object.entries(report.checks)
    .filter(([, { status }]) => status === "fail" || status === "warning")
    .map(([id]) => id);
}

/** The provider of `mockHome`, asking for the stored login. */
function withLogin(home: MockHome): string[] {
  return [
    "-c",
    `model_providers.mock={name="mock", requires_openai_auth=true, base_url="${home.server.url}"}`,
  ];
}

/** A server that gives one response to everything. */
async function startServer(
  status: number,
  body: string,
  type = "application/json",
): Promise<AsyncDisposable & { readonly url: string }> {
  const server = createServer((_request, response) => {
    response.writeHead(status, { "content-type": type }).end(body);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => {
        server.close(resolve);
      });
    },
  };
}

const models = (reply: Partial<Exchange>): Exchange =>
  ({ method: "GET", path: "/models", repeat: Infinity, ...reply }) as Exchange;

interface BrokenSetUp {
  readonly script?: Script;
  readonly home?: Parameters<typeof mockHome>[1];
  /** Breaks the home, and says how the command is run in it. */
  readonly arrange: (
    home: MockHome,
    stack: AsyncDisposableStack,
  ) => Surroundings | Promise<Surroundings>;
  readonly id: keyof typeof CHECKS;
  readonly status?: "warning";
  /** In the summary, and then in what to do. */
  readonly says: RegExp;
  readonly advises?: RegExp;
}

const TLS = new URL("../../../../packages/api/test/fixtures/tls/", import.meta.url);
const tlsFile = (name: string): Promise<string> =>
  readFile(fileURLToPath(new URL(name, TLS)), "utf8");

const BROKEN: Readonly<Record<string, BrokenSetUp>> = {
  "no login": {
    arrange: (home) => ({ args: withLogin(home) }),
    id: "auth.credentials",
    says: /nobody is logged in.*codex-ts login/,
  },
  "a key variable that is not set": {
    arrange: () => ({ env: { MOCK_KEY: "" } }),
    id: "auth.credentials",
    says: /Missing environment variable: `MOCK_KEY`/,
    advises: /check the key in MOCK_KEY/,
  },
  "an expired login": {
    script: [models({ status: 401, body: { error: { message: "token expired" } } })],
    async arrange(home, stack) {
      const refusal = { error: { code: "refresh_token_expired", message: "too old" } };
      const issuer = stack.use(await startServer(401, JSON.stringify(refusal)));
      const tokens = { ...tokensOf("1"), account_id: "acct-1" };
      const document = { auth_mode: "chatgpt", OPENAI_API_KEY: null, tokens };
      const login = { ...document, last_refresh: new Date().toISOString() };
      await writeFile(join(home.path, "auth.json"), JSON.stringify(login), { mode: 0o600 });
      return {
        args: withLogin(home),
        env: { CODEX_REFRESH_TOKEN_URL_OVERRIDE: `${issuer.url}/oauth/token` },
      };
    },
    id: "auth.credentials",
    says: /refuses the credential: status 401.*the refresh token has expired/,
    advises: /codex-ts login/,
  },
  "a key the server does not take": {
    script: [models({ status: 401, body: { error: { message: "bad key" } } })],
    arrange: () => ({}),
    id: "auth.credentials",
    says: /refuses the credential: status 401, bad key/,
    advises: /check the key in MOCK_KEY/,
  },
  "a wrong path in the URL": {
    arrange: (home) => ({
      args: ["-c", `model_providers.mock.base_url="${home.server.url}/nowhere"`],
    }),
    id: "network.provider_reachability",
    says: /neither models nor responses.*404/,
    advises: /base_url of model provider mock \(http.*nowhere\).*\/v1/,
  },
  "a wrong port in the URL": {
    arrange: () => ({ args: ["-c", 'model_providers.mock.base_url="http://127.0.0.1:9/v1"'] }),
    id: "network.provider_reachability",
    says: /ECONNREFUSED/,
    advises: /check base_url of model provider mock \(http:\/\/127\.0\.0\.1:9\/v1\)/,
  },
  "a URL that leads to a website": {
    async arrange(_home, stack) {
      const site = stack.use(await startServer(200, "<html><title>Hi</title></html>", "text/html"));
      return { args: ["-c", `model_providers.mock.base_url="${site.url}"`] };
    },
    id: "network.provider_reachability",
    says: /most likely a website/,
    advises: /base_url.*\/v1/,
  },
  "a proxy that is down": {
    arrange: () => ({ env: { HTTP_PROXY: "http://user:canary-password@127.0.0.1:9" } }),
    id: "network.env",
    says: /the proxy http:\/\/127\.0\.0\.1:9 cannot be reached: .*ECONNREFUSED/,
    advises: /HTTP_PROXY.*127\.0\.0\.1 in NO_PROXY/,
  },
  "a certificate nobody trusts": {
    async arrange(_home, stack) {
      const tls = { cert: await tlsFile("server.pem"), key: await tlsFile("server-key.pem") };
      const server = await startResponsesServer({ script: [], tls });
      stack.defer(() => server.close());
      const url = server.url.replace("127.0.0.1", "localhost");
      return { args: ["-c", `model_providers.mock.base_url="${url}"`] };
    },
    id: "network.certificates",
    says: /not trusted.*CODEX_CA_CERTIFICATE/,
  },
  "a file of authorities that is none": {
    async arrange(home) {
      await writeFile(join(home.path, "ca.pem"), "nothing\n");
      return { env: { CODEX_CA_CERTIFICATE: join(home.path, "ca.pem") } };
    },
    id: "network.certificates",
    says: /ca\.pem/,
    advises: /CODEX_CA_CERTIFICATE/,
  },
  "WebSocket that is blocked": {
    home: {
      provider: "supports_websockets = true",
      handshakes: [{ status: 403, repeat: Infinity }],
    },
    arrange: () => ({}),
    id: "network.websocket_reachability",
    status: "warning",
    says: /no WebSocket connection: .*status 403/,
    advises: /http_only = true/,
  },
  "no bwrap": {
    async arrange(home) {
      await mkdir(join(home.path, "bin"));
      return {
        args: ["-c", "sandbox_mode=read-only"],
        env: { PATH: join(home.path, "bin") },
      };
    },
    id: "sandbox.helpers",
    says: /`bwrap` is not installed/,
    advises: /install bubblewrap/,
  },
  "a home that cannot be written": {
    async arrange(home) {
      const config = await readFile(join(home.path, "config.toml"), "utf8");
      const [top = "", table = ""] = config.split("[model_providers.mock]\n");
      const pairs = table.trim().split("\n").join(", ");
      const overrides = [...top.trim().split("\n"), `model_providers.mock={${pairs}}`];
      return {
        args: overrides.flatMap((pair) => ["-c", pair.replace(" = ", "=")]),
        // Not for root, either.
        env: { CODEX_HOME: "/sys" },
      };
    },
    id: "state.paths",
    says: /\/sys cannot be written/,
    advises: /set CODEX_HOME/,
  },
  "a home that is not there": {
    arrange: (home) => ({ env: { CODEX_HOME: join(home.path, "nowhere") } }),
    id: "state.paths",
    says: /CODEX_HOME is .*nowhere, which is no directory/,
  },
  "a login that others can read": {
    async arrange(home) {
      const login = { auth_mode: "apikey", OPENAI_API_KEY: KEY };
      await writeFile(join(home.path, "auth.json"), JSON.stringify(login), { mode: 0o644 });
      return {};
    },
    id: "state.paths",
    status: "warning",
    says: /other users can read the login/,
    advises: /chmod 600 .*auth\.json/,
  },
  "bad TOML": {
    async arrange(home) {
      await writeFile(join(home.path, "config.toml"), 'model = "gpt\n');
      return {};
    },
    id: "config.load",
    says: /config\.toml:1:\d+: no valid TOML.*closing quote/,
  },
  "a provider nobody has configured": {
    arrange: () => ({ args: ["-c", "model_provider=nope"] }),
    id: "config.load",
    says: /Model provider `nope` not found/,
  },
  "a key nobody knows": {
    arrange: () => ({ args: ["-c", "modle=gpt"] }),
    id: "config.load",
    status: "warning",
    says: /modle/,
  },
  "an unknown model": {
    arrange: () => ({ args: ["-c", "model=scripted-modle"] }),
    id: "model.configured",
    says: /mock has no model scripted-modle/,
    advises: /did you mean scripted-model: -m MODEL/,
  },
  "a clock that is off": {
    script: [
      models({
        headers: { date: new Date(Date.now() - 3 * 3_600_000).toUTCString() },
        body: { models: [{ slug: "scripted-model" }] },
      }),
    ],
    arrange: () => ({}),
    id: "system.clock",
    says: /3 hours ahead of the server/,
    advises: /set the clock/,
  },
};

describe.skipIf(process.platform !== "linux")("codex-ts doctor", () => {
  test.each(Object.entries(BROKEN))(
    "[cli/doctor] names %s",
    async (_name, { script = [], home: options, arrange, id, status = "fail", says, advises }) => {
      await using home = await mockHome(script, { top: TOP, ...options });
      await using stack = new AsyncDisposableStack();
      const { result, report } = await doctor(home, await arrange(home, stack));
      const found = report.checks[id];
      expect(found?.status).toBe(status);
      expect(found?.summary).toMatch(says);
      expect(found?.remediation ?? "").toMatch(advises ?? /^/);
      // Nothing else is blamed; a home that cannot be used has no configuration, either.
      const blamed = troubles(report).filter(
        (one) => one !== "config.load" || id !== "state.paths",
      );
      expect(blamed).toEqual([id]);
      expect(report.overallStatus).toBe(status);
      expect(result.exitCode).toBe(status === "fail" ? 1 : 0);
    },
  );

  test("[cli/doctor] names an old Node", async () => {
    await using home = await mockHome([], { top: TOP });
    const versions = Object.getOwnPropertyDescriptor(process, "versions");
    Object.defineProperty(process, "versions", {
      ...versions,
      value: { ...process.versions, node: "20.20.2" },
    });
    try {
      const { report } = await doctor(home);
      expect(troubles(report)).toEqual(["runtime.provenance"]);
      expect(report.checks["runtime.provenance"]?.summary).toMatch(/22\.19.*20\.20\.2.*install/);
    } finally {
      Object.defineProperty(process, "versions", versions ?? {});
    }
  });

  test("[cli/doctor-harmless] a set-up that works: exit code 0, no request to a model, nothing left behind", async () => {
    await using home = await mockHome([], { top: TOP, provider: "supports_websockets = true" });
    const before = await readdir(home.path);
    const { result, report } = await doctor(home);
    expect(troubles(report)).toEqual([]);
    expect(report).toMatchObject({ schemaVersion: 1, overallStatus: "ok" });
    expect(Object.keys(report.checks)).toEqual(Object.keys(CHECKS));
    expect(Object.values(report.checks).map(({ category }) => category)).toEqual(
      Object.values(CHECKS),
    );
    expect(result).toMatchObject({ exitCode: 0, stderr: "" });
    const asked = home.server.requests.map(({ method, path }) => `${method} ${path.split("?")[0]}`);
    expect(new Set(asked)).toEqual(new Set(["GET /v1/models"]));
    // Once for a person, once as JSON.
    expect(home.server.connections).toHaveLength(2);
    expect(await readdir(home.path)).toEqual(before);
  });

  test("names the files it has read the configuration from, and none that is not there", async () => {
    await using home = await mockHome([], { top: TOP });
    const file = join(home.path, "config.toml");
    expect((await doctor(home)).report.checks["config.load"]?.summary).toBe(file);
    await rm(file);
    const { summary, status } = (await doctor(home)).report.checks["config.load"] ?? {};
    expect({ summary, status }).toEqual({
      status: "ok",
      summary: `defaults, since there is no ${file}`,
    });
  });

  test("a server without a list of models is no problem", async () => {
    await using home = await mockHome([models({ status: 404, body: {} })], {
      top: TOP,
      handshakes: [{ status: 426, repeat: Infinity }],
    });
    const { report } = await doctor(home);
    expect(troubles(report)).toEqual([]);
    expect(report.checks["network.provider_reachability"]?.summary).toContain("without a list");
  });

  test("Ctrl-C ends a check that waits", async () => {
    await using home = await mockHome([models({ beforeStatus: [hang()] })], { top: TOP });
    const controller = new AbortController();
    const running = runInProcess(["doctor"], home.run, { interrupted: controller.signal });
    await waitFor(() => home.server.requests.length > 0, { what: "the request" });
    controller.abort(new Interruption("SIGINT", 130));
    expect(await running).toMatchObject({ exitCode: 130, stderr: "" });
  });
});
