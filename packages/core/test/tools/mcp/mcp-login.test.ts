import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { connect, createServer } from "node:net";
import type { AddressInfo, Socket } from "node:net";
import { join } from "node:path";
import { inspect } from "node:util";
import { expect, test, vi } from "vitest";
import { loginMcpServer, logoutMcpServer } from "@codex-ts/core";
import type { McpLoginOptions } from "@codex-ts/core";
import { messageExchange } from "@codex-ts/responses-server";
import { temporaryDirectory } from "@codex-ts/test-support";
import { startScene } from "../../support/harness.ts";
import { callingEach, outputs } from "../../support/mcp/mcp-scene.ts";
import { startOAuthServer } from "../../support/mcp/oauth-server.ts";

vi.setConfig({ testTimeout: 60_000 });

/** A browser whose user has nothing to click. */
const browse = (url: string): void => void fetch(url).catch(() => undefined);

async function login(
  url: string,
  codexHome: string,
  options: Partial<McpLoginOptions> = {},
): Promise<void> {
  await loginMcpServer({ server: "web", url, codexHome, onUrl: browse, ...options });
}

test("[core/mcp-login] a login is kept as Codex keeps it, sent, refreshed when it expires, and forgotten", async () => {
  await using home = await temporaryDirectory();
  await using web = await startOAuthServer();
  await login(web.url, home.path);
  const file = join(home.path, ".credentials.json");
  expect(statSync(file).mode & 0o777).toBe(0o600);
  const read = (): Record<string, Record<string, unknown>> =>
    JSON.parse(readFileSync(file, "utf8")) as Record<string, Record<string, unknown>>;
  const [[name, entry] = []] = Object.entries(read());
  expect(name).toMatch(/^web\|[0-9a-f]{16}$/);
  expect(entry).toEqual({
    server_name: "web",
    server_url: web.url,
    issuer: new URL(web.url).origin,
    client_id: expect.any(String),
    access_token: expect.stringMatching(/^access-/),
    expires_at: expect.any(Number),
    refresh_token: expect.stringMatching(/^refresh-/),
    scopes: ["tools"],
  });
  expect(web.clients).toMatchObject([
    { redirect_uris: [expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/callback\/[\w-]{12}$/)] },
  ]);
  const run = async (): Promise<unknown> => {
    await using scene = await startScene(
      callingEach([{ name: "add", args: { a: 2, b: 3 }, namespace: "mcp__web" }]),
      {
        codexHome: home.path,
        ephemeral: true,
        mcpServers: { web: { url: web.url } },
      },
    );
    await scene.turn("go");
    return outputs(scene)["call_1"];
  };
  expect(await run()).toMatch(/\{"sum":5\}$/);
  expect(web.grants).toEqual(["authorization_code"]);
  web.expire();
  expect(await run()).toMatch(/\{"sum":5\}$/);
  expect(web.grants).toEqual(["authorization_code", "refresh_token"]);
  expect(read()[name ?? ""]?.["access_token"]).not.toBe(entry?.["access_token"]);
  // A token that is over by the clock is refreshed before it is sent.
  const old = read()[name ?? ""];
  writeFileSync(file, JSON.stringify({ [name ?? ""]: { ...old, expires_at: 1 } }));
  const refused = web.refused;
  expect(await run()).toMatch(/\{"sum":5\}$/);
  expect(web.grants.at(-1)).toBe("refresh_token");
  expect(web.grants).toHaveLength(3);
  expect(web.refused).toBe(refused);
  expect(logoutMcpServer({ server: "web", url: web.url, codexHome: home.path })).toBe(true);
  expect(logoutMcpServer({ server: "web", url: web.url, codexHome: home.path })).toBe(false);
  expect(() => statSync(file)).toThrow(/ENOENT/);
});

test("[core/mcp-login] without a login, and with one that is over, the server is left out, and the warning says what to do and no token", async () => {
  await using home = await temporaryDirectory();
  await using web = await startOAuthServer();
  const consoleWarn = vi.spyOn(console, "warn");
  const run = async (): Promise<string> => {
    const warnings: string[] = [];
    await using scene = await startScene([messageExchange("Hi.")], {
      codexHome: home.path,
      ephemeral: true,
      mcpServers: { web: { url: web.url } },
      onWarning: (warning) => void warnings.push(warning),
    });
    const events = await scene.turn("go");
    expect(events.at(-1)?.type).toBe("turnCompleted");
    return warnings.join("\n");
  };
  expect(await run()).toMatch(/`web` did not start.*run `mcp login web`/);
  expect(web.clients).toEqual([]);
  await login(web.url, home.path);
  web.expire({ refresh: true });
  const said = await run();
  expect(said).toMatch(/`web` did not start.*run `mcp login web`/);
  expect(said).not.toMatch(/access-|refresh-/);
  // The library would say more than a server may make it say.
  expect(consoleWarn).not.toHaveBeenCalled();
});

test("[core/mcp-login] a login that is refused, forged, given up or late stores nothing", async () => {
  await using home = await temporaryDirectory();
  const stored = (): boolean => {
    try {
      return statSync(join(home.path, ".credentials.json")).isFile();
    } catch {
      return false;
    }
  };
  await using denying = await startOAuthServer({ answer: "deny" });
  await expect(login(denying.url, home.path)).rejects.toThrow(/refused it: access_denied/);
  await using forging = await startOAuthServer({ answer: "wrong_state" });
  await expect(login(forging.url, home.path, { timeoutMs: 1500 })).rejects.toThrow(/in time/);
  await using web = await startOAuthServer();
  const abort = new AbortController();
  const given = login(web.url, home.path, { signal: abort.signal, onUrl: () => abort.abort() });
  await expect(given).rejects.toThrow(/abort/i);
  await expect(
    login(web.url, home.path, { timeoutMs: 200, onUrl: () => undefined }),
  ).rejects.toThrow(/in time/);
  await expect(login("http://127.0.0.1:9/mcp", home.path)).rejects.toThrow(
    /login to MCP server `web` failed/,
  );
  await using silent = await startSilentServer();
  await expect(login(silent.url, home.path, { timeoutMs: 200 })).rejects.toThrow(/in time/);
  const left = login(silent.url, home.path, { signal: AbortSignal.timeout(200) });
  await expect(left).rejects.toMatchObject({ name: "TimeoutError" });
  expect(stored()).toBe(false);
});

test("[core/mcp-login] a refusal that repeats what was sent shows no credential", async () => {
  await using home = await temporaryDirectory();
  await using web = await startOAuthServer({ answer: "repeat" });
  // The MCP library prints a refusal itself.
  using printed = vi.spyOn(console, "warn").mockReturnValue(undefined);
  const error: unknown = await login(web.url, home.path).catch((reason: unknown) => reason);
  const secrets = Object.values(web.presented);
  expect(secrets.map((secret) => secret.length > 20)).toEqual([true, true, true]);
  expect(printed.mock.calls).not.toEqual([]);
  const shown = inspect([error, printed.mock.calls], { depth: Infinity, showHidden: true });
  expect(shown).toContain("grant_type=authorization_code");
  for (const secret of secrets) expect(shown).not.toContain(secret);
});

/** A server that takes every connection and never says a word. */
async function startSilentServer(): Promise<AsyncDisposable & { readonly url: string }> {
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    // Whoever gives up may reset it.
    socket.on("error", () => {});
    sockets.push(socket);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}

test("[core/mcp-login] a page of the web that asks the waiting login for what is no address, or for another one, ends nothing", async () => {
  await using home = await temporaryDirectory();
  await using web = await startOAuthServer();
  const said: (string | undefined)[] = [];
  const onUrl = async (url: string): Promise<void> => {
    const callback = new URL(new URL(url).searchParams.get("redirect_uri") ?? "");
    for (const path of ["//", "/", `${callback.pathname}?state=guess&code=1`]) {
      said.push(await statusOf(Number(callback.port), path));
    }
    browse(url);
  };
  await login(web.url, home.path, { onUrl: (url) => void onUrl(url) });
  expect(said).toEqual(["404", "404", "400"]);
  expect(web.grants).toEqual(["authorization_code"]);
});

/** The status of a request whose path no `fetch` would send; `undefined`: there was no response. */
async function statusOf(port: number, path: string): Promise<string | undefined> {
  const socket = connect(port, "127.0.0.1");
  socket.on("error", () => {});
  socket.write(`GET ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`);
  let response = "";
  socket.setEncoding("utf8").on("data", (text: string) => (response += text));
  await once(socket, "close");
  return response.split(" ")[1];
}

test("[core/mcp-login] logins of other servers stay; a file that is no store is left alone", async () => {
  await using home = await temporaryDirectory();
  await using web = await startOAuthServer();
  const file = join(home.path, ".credentials.json");
  writeFileSync(file, '{"other|1":{"server_name":"other"}}', { mode: 0o644 });
  await login(web.url, home.path);
  expect(JSON.parse(readFileSync(file, "utf8"))).toMatchObject({
    "other|1": { server_name: "other" },
  });
  expect(statSync(file).mode & 0o777).toBe(0o600);
  logoutMcpServer({ server: "web", url: web.url, codexHome: home.path });
  expect(JSON.parse(readFileSync(file, "utf8"))).toEqual({ "other|1": { server_name: "other" } });
  writeFileSync(file, "not json: secret");
  await expect(login(web.url, home.path)).rejects.toThrow(/no store of logins/);
  expect(readFileSync(file, "utf8")).toBe("not json: secret");
  rmSync(file);
  // Nobody will ever write to it: whoever waited for that would wait for good.
  execFileSync("mkfifo", [file]);
  await expect(login(web.url, home.path)).rejects.toThrow(
    /no store of logins: it is no plain file/,
  );
});
