import { createSecureServer } from "node:http2";
import type { Socket } from "node:net";
import type { AddressInfo } from "node:net";
import { describe, expect, test } from "vitest";
import type { ClientOptions } from "@codex-ts/api";
import { networkFromEnvironment } from "@codex-ts/api";
import { waitFor } from "@codex-ts/test-support";
import { makeAgent } from "../../src/network/default-dispatcher.ts";
import { apiErrorOf, clientAt, outcomeOf, request, retries } from "../support/client.ts";
import { completedSse, delta, deltas, sse } from "../support/decode.ts";
import { holdTimers } from "../support/held-timers.ts";
import { startRawServer } from "../support/raw-server.ts";
import { serverTls, tlsPath } from "../support/tls.ts";
import { webSocketClientAt } from "../support/websocket.ts";

/** A server that accepts connections and never says a word, so that a TLS handshake hangs. */
async function startSilentServer() {
  const sockets: Socket[] = [];
  const server = await startRawServer((socket) => sockets.push(socket.resume()));
  return Object.assign(server, { sockets, url: server.url.replace("http:", "https:") });
}

const dispatchers: [string, () => ClientOptions["dispatcher"]][] = [
  ["of the default kind", () => makeAgent().agent],
  ["from the environment", () => networkFromEnvironment({}).dispatcher],
];

describe.each(dispatchers)("while connecting, with a dispatcher %s", (_name, dispatcher) => {
  test("aborting closes the socket at once", async () => {
    await using server = await startSilentServer();
    const { sockets, url } = server;
    const controller = new AbortController();
    const client = clientAt(url, {}, { dispatcher: dispatcher() });
    const opening = client.stream(request(), { signal: controller.signal });
    await waitFor(() => sockets.length === 1);
    controller.abort(new Error("stop"));
    await expect(opening).rejects.toThrow("stop");
    await waitFor(() => sockets[0]?.destroyed);
  });

  test("the first-response timeout closes the socket", async () => {
    await using server = await startSilentServer();
    const { sockets, url } = server;
    const client = clientAt(
      url,
      { ...retries(0), firstResponseTimeoutMs: 40 },
      { dispatcher: dispatcher() },
    );
    using time = holdTimers();
    const failing = apiErrorOf(client.stream(request()));
    await waitFor(() => sockets.length === 1);
    await time.advance(40);
    expect(await failing).toMatchObject({ code: "timeout" });
    await waitFor(() => sockets.every((socket) => socket.destroyed));
  });

  test("an attempt another request waits for goes on", async () => {
    await using server = await startSilentServer();
    const { sockets, url } = server;
    const client = clientAt(url, retries(0), { dispatcher: dispatcher() });
    const [first, second] = [new AbortController(), new AbortController()];
    const opening = [first, second].map(({ signal }) => client.stream(request(), { signal }));
    await waitFor(() => sockets.length > 0);
    first.abort(new Error("first"));
    await expect(opening[0]).rejects.toThrow("first");
    expect(sockets.some((socket) => !socket.destroyed)).toBe(true);
    second.abort(new Error("second"));
    await expect(opening[1]).rejects.toThrow("second");
    await waitFor(() => sockets.every((socket) => socket.destroyed));
  });
});

/** A proxy that accepts connections and, at most, tunnels; behind it nobody says a word. */
async function startSilentProxy(opensTunnels: boolean) {
  const sockets: Socket[] = [];
  const asked: string[] = [];
  const server = await startRawServer((socket) => {
    sockets.push(socket);
    socket.on("data", (bytes: Buffer) => {
      asked.push(bytes.toString("latin1"));
      if (opensTunnels && asked.length === 1) socket.write("HTTP/1.1 200 OK\r\n\r\n");
    });
  });
  return Object.assign(server, { sockets, asked, url: server.url.replace("/v1", "") });
}

describe.each([
  ["before it opens a tunnel", false, 1],
  ["within TLS inside the tunnel", true, 2],
] as const)("while a proxy is silent %s", (_name, opensTunnels, writes) => {
  test("aborting closes the socket at once", async () => {
    await using proxy = await startSilentProxy(opensTunnels);
    const { dispatcher } = networkFromEnvironment({ HTTPS_PROXY: proxy.url });
    const controller = new AbortController();
    const opening = clientAt("https://h.example/v1", {}, { dispatcher }).stream(request(), {
      signal: controller.signal,
    });
    await waitFor(() => proxy.asked.length === writes);
    expect(proxy.asked[0]).toMatch(/^CONNECT h\.example:443 /);
    controller.abort(new Error("stop"));
    await expect(opening).rejects.toThrow("stop");
    await waitFor(() => proxy.sockets[0]?.destroyed);
    expect(proxy.sockets).toHaveLength(1);
  });

  test("destroying the dispatcher closes the socket", async () => {
    await using proxy = await startSilentProxy(opensTunnels);
    const { dispatcher } = networkFromEnvironment({ HTTPS_PROXY: proxy.url });
    const opening = clientAt("https://h.example/v1", retries(0), { dispatcher }).stream(request());
    await waitFor(() => proxy.asked.length === writes);
    const [error] = await Promise.all([apiErrorOf(opening), dispatcher.destroy()]);
    expect(error.code).toBe("network");
    await waitFor(() => proxy.sockets[0]?.destroyed);
  });

  test("aborting a WebSocket closes the socket", async () => {
    await using proxy = await startSilentProxy(opensTunnels);
    const network = networkFromEnvironment({ HTTPS_PROXY: proxy.url });
    const controller = new AbortController();
    const client = webSocketClientAt("https://h.example/v1", {}, { network });
    const opening = client.connect({ signal: controller.signal });
    await waitFor(() => proxy.asked.length === writes);
    controller.abort(new Error("stop"));
    await expect(opening).rejects.toThrow("stop");
    await waitFor(() => proxy.sockets[0]?.destroyed);
  });

  test("the connect timeout of a WebSocket closes the socket", async () => {
    await using proxy = await startSilentProxy(opensTunnels);
    const network = networkFromEnvironment({ HTTPS_PROXY: proxy.url });
    const options = { network, connectTimeoutMs: 100 };
    const client = webSocketClientAt("https://h.example/v1", {}, options);
    using time = holdTimers();
    const failing = apiErrorOf(client.connect());
    await waitFor(() => proxy.asked.length === writes);
    await time.advance(100);
    expect(await failing).toMatchObject({ code: "timeout" });
    await waitFor(() => proxy.sockets.every((socket) => socket.destroyed));
  });
});

test("HTTP/2 works where a TLS server speaks it, over one connection, also after a stream was left", async () => {
  const server = createSecureServer(serverTls);
  let connections = 0;
  server.on("session", () => {
    connections += 1;
  });
  server.on("stream", (stream, headers) => {
    stream.on("error", () => {});
    stream.respond({ ":status": 200, "x-request-id": `req-${headers[":method"]}` });
    stream.end(sse(delta("a")).repeat(3000) + completedSse);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  const { dispatcher } = networkFromEnvironment({ SSL_CERT_FILE: tlsPath("ca.pem") });
  const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
  const client = clientAt(url, {}, { dispatcher });
  try {
    for await (const event of await client.stream(request())) {
      if (event.type === "outputTextDelta") break;
    }
    const stream = await client.stream(request());
    expect(stream.upstreamRequestId).toBe("req-POST");
    const outcome = await outcomeOf(stream);
    expect(outcome.error).toBeUndefined();
    expect(deltas(outcome)).toHaveLength(3000);
    expect(connections).toBe(1);
  } finally {
    await dispatcher.destroy();
    server.close();
  }
});
