import { describe, expect, test } from "vitest";
import type { Environment } from "@codex-ts/api";
import { networkFromEnvironment } from "@codex-ts/api";
import { messageExchange, startResponsesServer } from "@codex-ts/responses-server";
import { proxyForUrl, readProxySettings } from "../../src/network/proxy-settings.ts";
import { apiErrorOf, clientAt, outcomeOf, request } from "../support/client.ts";
import { startProxy } from "../support/proxy.ts";
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
    expect(proxy.authorizations).toEqual([`Basic ${Buffer.from("user:pass!").toString("base64")}`]);
    await dispatcher.close();
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

  test("with TLS inside for wss", async () => {
    await using server = await startResponsesServer({
      script: [messageExchange("hi")],
      tls: serverTls,
    });
    await using proxy = await startProxy();
    const network = networkFromEnvironment({
      HTTPS_PROXY: proxy.url,
      CODEX_CA_CERTIFICATE: tlsPath("ca.pem"),
    });
    const base = server.url.replace("127.0.0.1", "chatgpt.com");
    await using connection = await webSocketClientAt(base, {}, { network }).connect();
    expect((await outcomeOf(await connection.stream(frame()))).error).toBeUndefined();
    expect(proxy.asked).toEqual([`CONNECT chatgpt.com:${server.port}`]);
  });

  test("a proxy that refuses is a network error", async () => {
    await using proxy = await startProxy({ refuse: 403 });
    const network = networkFromEnvironment({ ALL_PROXY: proxy.url });
    const client = webSocketClientAt("http://h.example/v1", {}, { network });
    expect(await apiErrorOf(client.connect())).toMatchObject({
      code: "network",
      detail: expect.stringContaining("403"),
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
