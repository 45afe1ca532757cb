import { setImmediate } from "node:timers/promises";
import { inspect } from "node:util";
import { describe, expect, test } from "vitest";
import type { Environment, TransportObserver } from "@codex-ts/api";
import { networkFromEnvironment, ProxyAuthenticationError, toCodexError } from "@codex-ts/api";
import { messageExchange, startResponsesServer } from "@codex-ts/responses-server";
import { startProxy, waitFor } from "@codex-ts/test-support";
import { proxyForUrl, readProxySettings } from "../../src/network/proxy-settings.ts";
import { apiErrorOf, clientAt, outcomeOf, request, retries } from "../support/client.ts";
import { completedSse } from "../support/decode.ts";
import { startHeadRecorder } from "../support/head-recorder.ts";
import { startRawServer } from "../support/raw-server.ts";
import { serverTls, tlsPath } from "../support/tls.ts";
import { frame, webSocketClientAt } from "../support/websocket.ts";

function proxyOf(env: Environment, url: string): string | undefined {
  return proxyForUrl(readProxySettings(env), new URL(url));
}

describe("[api/J6] which proxy carries which URL", () => {
  test.each<[Environment, string, string | undefined]>([
    [{}, "http://h/", undefined],
    [{ HTTP_PROXY: "http://p:1" }, "http://h/", "http://p:1"],
    [{ http_proxy: "http://p:1" }, "http://h/", "http://p:1"],
    [{ HTTP_PROXY: "http://upper:1", http_proxy: "http://lower:1" }, "http://h/", "http://lower:1"],
    [{ HTTP_PROXY: "http://p:1" }, "https://h/", undefined],
    [{ HTTPS_PROXY: "http://p:1" }, "https://h/", "http://p:1"],
    [{ https_proxy: "http://p:1" }, "http://h/", undefined],
    [{ ALL_PROXY: "http://p:1" }, "https://h/", "http://p:1"],
    [{ all_proxy: "http://p:1" }, "http://h/", "http://p:1"],
    [{ ALL_PROXY: "http://all:1", HTTP_PROXY: "http://p:1" }, "http://h/", "http://p:1"],
    [{ HTTP_PROXY: "p:1" }, "http://h/", "http://p:1"],
    [{ HTTP_PROXY: " " }, "http://h/", undefined],
    [{ HTTP_PROXY: "http://p:1" }, "ws://h/", "http://p:1"],
    [{ HTTPS_PROXY: "http://p:1" }, "ws://h/", undefined],
    [{ HTTPS_PROXY: "http://p:1" }, "wss://h/", "http://p:1"],
    [{ ALL_PROXY: "http://p:1" }, "ws://h/", "http://p:1"],
    [{ HTTP_PROXY: "http://p:1" }, "http://127.0.0.1/", "http://p:1"],
    [{ HTTP_PROXY: "http://p:1", CODEX_SANDBOX: "seatbelt" }, "http://h/", undefined],
  ])("%j, %s: %s", (env, url, proxy) => {
    expect(proxyOf(env, url)).toBe(proxy);
  });

  test.each<[string, string, boolean]>([
    ["127.0.0.1", "http://127.0.0.1:4010/", true],
    ["h.example", "http://h.example/", true],
    ["example", "http://h.example/", true],
    [".example", "http://h.example/", true],
    ["*.example", "http://h.example/", true],
    ["xample", "http://h.example/", false],
    ["H.EXAMPLE", "http://h.example/", true],
    ["a, h.example b", "http://h.example/", true],
    ["*", "http://h.example/", true],
    ["h.example:80", "http://h.example/", true],
    ["h.example:81", "http://h.example/", false],
    ["h.example:443", "wss://h.example/", true],
    ["::1", "http://[::1]:4010/", true],
    ["[::1]:4010", "http://[::1]:4010/", true],
    ["[::1]:4011", "http://[::1]:4010/", false],
    ["", "http://h.example/", false],
  ])("NO_PROXY %j exempts %s: %s", (noProxy, url, exempt) => {
    const env = { ALL_PROXY: "http://p:1", NO_PROXY: noProxy };
    expect(proxyOf(env, url)).toBe(exempt ? undefined : "http://p:1");
    expect(proxyOf({ ALL_PROXY: "http://p:1", no_proxy: noProxy }, url)).toBe(
      exempt ? undefined : "http://p:1",
    );
  });
});

test.each(["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"])(
  "[api/J6] %s carries plain HTTP in absolute form",
  async (variable) => {
    await using server = await startResponsesServer({ script: [messageExchange("hi")] });
    await using proxy = await startProxy();
    const env = { [variable]: proxy.url.replace("//", "//user:pass%21@") };
    const { dispatcher } = networkFromEnvironment(env);
    const stream = await clientAt(server.url, {}, { dispatcher }).stream(request());
    expect((await outcomeOf(stream)).error).toBeUndefined();
    expect(proxy.asked).toEqual([`POST ${server.url}/responses`]);
    expect(server.requests[0]?.header("host")).toBe(new URL(server.url).host);
    expect(proxy.authorizations).toEqual([`Basic ${Buffer.from("user:pass!").toString("base64")}`]);
    await dispatcher.close();
  },
);

test.each([
  ["http:", undefined],
  ["https:", serverTls],
] as const)("[api/J6] a proxy may be spoken to over TLS, for %s targets", async (scheme, tls) => {
  await using server = await startResponsesServer({
    script: [messageExchange("hi")],
    ...(tls && { tls }),
  });
  await using proxy = await startProxy({ tls: serverTls });
  // The certificate of the proxy does not name the target of plain HTTP.
  const host = scheme === "http:" ? "h.example" : "127.0.0.1";
  const { dispatcher } = networkFromEnvironment({
    ALL_PROXY: proxy.url.replace("127.0.0.1", "localhost"),
    CODEX_CA_CERTIFICATE: tlsPath("ca.pem"),
  });
  const base = server.url.replace("127.0.0.1", host);
  const stream = await clientAt(base, retries(0), { dispatcher }).stream(request());
  expect((await outcomeOf(stream)).error).toBeUndefined();
  expect(proxy.asked).toHaveLength(1);
  await dispatcher.close();
});

test("[api/J6] a server inside a tunnel must have a certificate for its own address", async () => {
  await using server = await startResponsesServer({ script: [], tls: serverTls });
  await using proxy = await startProxy();
  const network = networkFromEnvironment({
    HTTPS_PROXY: proxy.url,
    CODEX_CA_CERTIFICATE: tlsPath("ca.pem"),
  });
  const base = server.url.replace("127.0.0.1", "127.0.0.2");
  const errors = [
    await apiErrorOf(webSocketClientAt(base, {}, { network }).connect()),
    await apiErrorOf(
      clientAt(base, retries(0), { dispatcher: network.dispatcher }).stream(request()),
    ),
  ];
  for (const error of errors) {
    expect(error).toMatchObject({ code: "network", detail: expect.stringContaining("127.0.0.2") });
  }
  expect(proxy.asked).toHaveLength(2);
  await network.dispatcher.close();
});

test("[api/J6] two requests through a tunnel share it, and the observer is told", async () => {
  await using server = await startResponsesServer({
    script: [{ ...messageExchange("hi"), repeat: Infinity }],
    tls: serverTls,
  });
  await using proxy = await startProxy();
  const { dispatcher } = networkFromEnvironment({
    HTTPS_PROXY: proxy.url,
    CODEX_CA_CERTIFICATE: tlsPath("ca.pem"),
  });
  const reused: unknown[] = [];
  const observer: TransportObserver = {
    onAttemptEnded: (attempt) => reused.push(attempt.connectionReused),
  };
  const client = clientAt(server.url, {}, { dispatcher, observer });
  for (let turn = 0; turn < 2; turn += 1) {
    await outcomeOf(await client.stream(request()));
    await server.waitFor(() => server.exchanges[turn]?.state === "ended");
    await setImmediate();
    await setImmediate();
  }
  expect(reused).toEqual([false, true]);
  expect(proxy.asked).toHaveLength(1);
  await dispatcher.close();
});

test("[api/J6] a proxy that wants a password is an HTTP error with its status", async () => {
  await using proxy = await startRawServer((socket) =>
    socket.write("HTTP/1.1 407 Authenticate\r\ncontent-length: 2\r\n\r\nno"),
  );
  const { dispatcher } = networkFromEnvironment({ HTTP_PROXY: proxy.url });
  const error = await apiErrorOf(
    clientAt("http://h.example/v1", {}, { dispatcher }).stream(request()),
  );
  expect(error).toMatchObject({ code: "http_status", status: 407, bodyText: "no" });
  expect(proxy.connections).toBe(1);
  await dispatcher.close();
});

test("[api/J6] a proxy that opens no tunnel is a network error with its status", async () => {
  await using proxy = await startProxy({ refuse: 502 });
  const { dispatcher } = networkFromEnvironment({ HTTPS_PROXY: proxy.url });
  const client = clientAt("https://h.example/v1", retries(1), { dispatcher });
  expect(await apiErrorOf(client.stream(request()))).toMatchObject({
    code: "network",
    reason: "proxy",
    detail: expect.stringMatching(
      /^the proxy refused CONNECT with status 502; check http:\/\/127\.0\.0\.1:\d+ in HTTPS_PROXY/,
    ) as string,
  });
  expect(proxy.asked).toEqual(["CONNECT h.example:443", "CONNECT h.example:443"]);
  expect(proxy.headerNames[0]).toEqual(["host"]);
  await dispatcher.close();
});

describe("a proxy that opens no tunnel without another user and password", () => {
  test.each([
    ["wants", ""],
    ["refuses", "user:secret-word@"],
  ])("is asked once, and the error says what to do: it %s them", async (verb, userInfo) => {
    await using proxy = await startProxy({ refuse: 407 });
    const network = networkFromEnvironment({ ALL_PROXY: proxy.url.replace("//", `//${userInfo}`) });
    const { dispatcher } = network;
    const base = "https://h.example/v1";
    const errors = [
      await apiErrorOf(clientAt(base, retries(3), { dispatcher }).stream(request())),
      await apiErrorOf(webSocketClientAt(base, {}, { network }).connect()),
    ];
    for (const error of errors) {
      expect(error).toMatchObject({ code: "proxy_authentication", status: 407 });
      expect(error.message).toMatch(new RegExp(`^the proxy ${verb} .*status 407`));
      expect(inspect(error, { depth: 9 })).not.toContain("secret-word");
    }
    expect(proxy.asked).toHaveLength(2);
    await dispatcher.close();
  });

  test("ends a turn: no other attempt would fare better", async () => {
    const error = new ProxyAuthenticationError({ hadCredentials: false });
    expect(toCodexError(error)).toMatchObject({
      code: "proxy_authentication",
      message: error.message,
      retryable: false,
      status: 407,
    });
  });
});

test.each([
  "http://user:secret-word@h:99999",
  "http://user:secret-word@",
  "ftp://user:secret-word@h",
])("a proxy variable that holds %s fails requests without repeating it", async (value) => {
  const network = networkFromEnvironment({ ALL_PROXY: value });
  const { dispatcher } = network;
  for (const base of ["http://h.example/v1", "https://h.example/v1"]) {
    const errors = [
      await apiErrorOf(clientAt(base, {}, { dispatcher }).stream(request())),
      await apiErrorOf(webSocketClientAt(base, {}, { network }).connect()),
    ];
    for (const error of errors) {
      expect(error).toMatchObject({
        code: "request_build",
        message: expect.stringMatching(/proxy/),
      });
      expect(inspect(error, { depth: 9 })).not.toContain("secret-word");
    }
  }
});

test("[api/J6] headers in every form reach the server through a proxy", async () => {
  await using server = await startResponsesServer({
    script: [{ ...messageExchange("hi"), repeat: Infinity }],
  });
  await using proxy = await startProxy();
  const { dispatcher } = networkFromEnvironment({
    HTTP_PROXY: proxy.url.replace("//", "//u:100%@"),
  });
  const forms = [{ "x-form": "record" }, ["x-form", "flat"], new Map([["x-form", "pairs"]])];
  for (const headers of forms) {
    const answer = await dispatcher.request({
      origin: server.url.replace("/v1", ""),
      path: "/v1/responses",
      method: "POST",
      headers,
      body: "{}",
    });
    await answer.body.dump();
  }
  expect(server.requests.map((sent) => sent.header("x-form"))).toEqual(["record", "flat", "pairs"]);
  expect(new Set(proxy.authorizations)).toEqual(
    new Set([`Basic ${Buffer.from("u:100%").toString("base64")}`]),
  );
  await dispatcher.destroy();
});

test.each(["close", "destroy"] as const)(
  "to %s the dispatcher is to end all connections, direct ones and those to proxies",
  async (end) => {
    await using direct = await startHeadRecorder(completedSse);
    await using proxy = await startHeadRecorder(completedSse);
    const env = { HTTP_PROXY: proxy.url, NO_PROXY: "127.0.0.1" };
    const { dispatcher } = networkFromEnvironment(env);
    for (const base of [direct.url, "http://h.example/v1"]) {
      await outcomeOf(await clientAt(base, {}, { dispatcher }).stream(request()));
    }
    expect([direct.open, proxy.open]).toEqual([1, 1]);
    await dispatcher[end]();
    // Left alone, undici would close them after four seconds.
    await waitFor(() => direct.open + proxy.open === 0, { timeoutMs: 2000 });
    expect([direct.connections, proxy.connections]).toEqual([1, 1]);
  },
);

test("[api/J6] NO_PROXY leads past the proxy", async () => {
  await using server = await startResponsesServer({ script: [messageExchange("hi")] });
  await using proxy = await startProxy();
  const env = { HTTP_PROXY: proxy.url, NO_PROXY: "127.0.0.1" };
  const { dispatcher } = networkFromEnvironment(env);
  await outcomeOf(await clientAt(server.url, {}, { dispatcher }).stream(request()));
  expect(proxy.asked).toEqual([]);
  expect(server.requests).toHaveLength(1);
  await dispatcher.close();
});

test("[api/J6] HTTPS goes through a tunnel of HTTPS_PROXY", async () => {
  await using server = await startResponsesServer({
    script: [messageExchange("hi")],
    tls: serverTls,
  });
  await using proxy = await startProxy();
  const env = { HTTPS_PROXY: proxy.url, CODEX_CA_CERTIFICATE: tlsPath("ca.pem") };
  const { dispatcher } = networkFromEnvironment(env);
  const stream = await clientAt(server.url, {}, { dispatcher }).stream(request());
  expect((await outcomeOf(stream)).error).toBeUndefined();
  expect(proxy.asked).toEqual([`CONNECT 127.0.0.1:${server.port}`]);
  await dispatcher.close();
});

describe("[api/I19] a WebSocket goes through a tunnel", () => {
  test.each(["HTTP_PROXY", "ALL_PROXY"])("of %s, for ws too", async (variable) => {
    await using server = await startResponsesServer({ script: [messageExchange("hi")] });
    await using proxy = await startProxy();
    const network = networkFromEnvironment({ [variable]: proxy.url.replace("//", "//u:p@") });
    await using connection = await webSocketClientAt(server.url, {}, { network }).connect();
    expect((await outcomeOf(await connection.stream(frame()))).error).toBeUndefined();
    expect(proxy.asked).toEqual([`CONNECT 127.0.0.1:${server.port}`]);
    expect(proxy.authorizations).toEqual([`Basic ${Buffer.from("u:p").toString("base64")}`]);
  });

  test("not of HTTPS_PROXY for ws", async () => {
    await using server = await startResponsesServer({ script: [] });
    await using proxy = await startProxy();
    const network = networkFromEnvironment({ HTTPS_PROXY: proxy.url });
    await using connection = await webSocketClientAt(server.url, {}, { network }).connect();
    expect(connection.isOpen).toBe(true);
    expect(proxy.asked).toEqual([]);
  });

  test.each(["chatgpt.com", "127.0.0.1"])("with TLS inside for wss to %s", async (host) => {
    const warnings: Error[] = [];
    const onWarning = (warning: Error): void => void warnings.push(warning);
    process.on("warning", onWarning);
    await using server = await startResponsesServer({
      script: [messageExchange("hi")],
      tls: serverTls,
    });
    await using proxy = await startProxy();
    const network = networkFromEnvironment({
      HTTPS_PROXY: proxy.url,
      CODEX_CA_CERTIFICATE: tlsPath("ca.pem"),
    });
    const base = server.url.replace("127.0.0.1", host);
    await using connection = await webSocketClientAt(base, {}, { network }).connect();
    expect((await outcomeOf(await connection.stream(frame()))).error).toBeUndefined();
    expect(proxy.asked).toEqual([`CONNECT ${host}:${server.port}`]);
    process.off("warning", onWarning);
    // An address is no server name of TLS; Node says so.
    expect(warnings).toEqual([]);
  });

  test("a proxy that refuses is a network error", async () => {
    await using proxy = await startProxy({ refuse: 403 });
    const network = networkFromEnvironment({ ALL_PROXY: proxy.url });
    const client = webSocketClientAt("http://h.example/v1", {}, { network });
    expect(await apiErrorOf(client.connect())).toMatchObject({
      code: "network",
      detail: expect.stringContaining("status 403"),
    });
  });

  test("a proxy of another kind is refused with a hint", async () => {
    const network = networkFromEnvironment({ ALL_PROXY: "socks5://127.0.0.1:9" });
    const client = webSocketClientAt("http://h.example/v1", {}, { network });
    expect(await apiErrorOf(client.connect())).toMatchObject({
      detail: expect.stringContaining("socks5:"),
    });
  });
});
