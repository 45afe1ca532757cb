import { once } from "node:events";
import { connect } from "node:net";
import { Readable } from "node:stream";
import { setImmediate } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import type { ClientOptions } from "@codex-ts/api";
import { ModelsClient, networkFromEnvironment } from "@codex-ts/api";
import { startProxy } from "@codex-ts/test-support";
import { defaultDispatcher } from "../../src/network/default-dispatcher.ts";
import { omitKeepAlive } from "../../src/network/omit-keep-alive.ts";
import {
  apiErrorOf,
  bearer,
  clientAt,
  outcomeOf,
  providerAt,
  request,
  retries,
} from "../support/client.ts";
import { completedSse } from "../support/decode.ts";
import { startHeadRecorder } from "../support/head-recorder.ts";
import { serverTls, tlsPath } from "../support/tls.ts";

const HEAD = ["accept", "content-type", "host", "content-length"];

function names(head: readonly string[] | undefined): string[] {
  return (head ?? []).map((line) => line.slice(0, line.indexOf(":")).toLowerCase());
}

/** Two requests, one after the other has been answered whole. */
async function sendTwo(base: string, dispatcher: ClientOptions["dispatcher"]): Promise<void> {
  const client = clientAt(base, {}, { dispatcher });
  for (let turn = 0; turn < 2; turn += 1) {
    expect((await outcomeOf(await client.stream(request()))).error).toBeUndefined();
    await setImmediate();
    await setImmediate();
  }
}

describe("[api/K1] no request says connection: keep-alive, and connections are kept alive", () => {
  test("with the dispatcher of the process", async () => {
    await using server = await startHeadRecorder(completedSse);
    await sendTwo(server.url, undefined);
    for (const head of server.heads) expect(names(head).toSorted()).toEqual(HEAD.toSorted());
    expect(server.heads).toHaveLength(2);
    expect(server.connections).toBe(1);
  });

  test("over TLS", async () => {
    await using server = await startHeadRecorder(completedSse, serverTls);
    const { dispatcher } = networkFromEnvironment({ SSL_CERT_FILE: tlsPath("ca.pem") });
    await sendTwo(server.url, dispatcher);
    for (const head of server.heads) expect(names(head).toSorted()).toEqual(HEAD.toSorted());
    expect(server.heads).toHaveLength(2);
    expect(server.connections).toBe(1);
    await dispatcher.destroy();
  });

  test("through a tunnel", async () => {
    await using server = await startHeadRecorder(completedSse, serverTls);
    await using proxy = await startProxy();
    const env = { HTTPS_PROXY: proxy.url, SSL_CERT_FILE: tlsPath("ca.pem") };
    const { dispatcher } = networkFromEnvironment(env);
    await sendTwo(server.url, dispatcher);
    for (const head of server.heads) expect(names(head).toSorted()).toEqual(HEAD.toSorted());
    expect(server.connections).toBe(1);
    await dispatcher.destroy();
  });

  test("to a proxy that sends requests on", async () => {
    await using proxy = await startHeadRecorder(completedSse);
    const { dispatcher } = networkFromEnvironment({ HTTP_PROXY: proxy.url });
    await sendTwo("http://h.example/v1", dispatcher);
    for (const head of proxy.heads) expect(names(head).toSorted()).toEqual(HEAD.toSorted());
    expect(proxy.heads).toHaveLength(2);
    expect(proxy.connections).toBe(1);
    await dispatcher.destroy();
  });

  test("without a body, too", async () => {
    await using server = await startHeadRecorder('{"models":[]}');
    const provider = providerAt(server.url);
    await new ModelsClient({ provider, auth: bearer("key") }).list("1.0.0");
    expect(names(server.heads[0])).not.toContain("connection");
    expect(server.heads).toHaveLength(1);
  });
});

describe("whose certificate is wanted", () => {
  test.each([
    ["directly", false],
    ["through a tunnel", true],
  ])("the one of the URL's, whatever host header the caller gives: %s", async (_how, isTunnel) => {
    await using server = await startHeadRecorder(completedSse, serverTls);
    await using proxy = await startProxy();
    const env = { SSL_CERT_FILE: tlsPath("ca.pem"), ...(isTunnel && { HTTPS_PROXY: proxy.url }) };
    const { dispatcher } = networkFromEnvironment(env);
    const headers = [["host", "inner.example"]] as const;
    for (const url of [server.url, server.url.replace("127.0.0.1", "localhost")]) {
      const stream = await clientAt(url, { headers }, { dispatcher }).stream(request());
      expect((await outcomeOf(stream)).error).toBeUndefined();
      expect(server.heads.at(-1)).toContain("host: inner.example");
    }
    expect(server.serverNames).toEqual([undefined, "localhost"]);
    await dispatcher.destroy();
  });

  test("not the one of a host header", async () => {
    await using server = await startHeadRecorder(completedSse, serverTls);
    await using proxy = await startProxy();
    const env = { SSL_CERT_FILE: tlsPath("ca.pem"), HTTPS_PROXY: proxy.url };
    const { dispatcher } = networkFromEnvironment(env);
    const url = server.url.replace("127.0.0.1", "outer.example");
    // The certificate of the server holds for it.
    const headers = [["host", "chatgpt.com"]] as const;
    const client = clientAt(url, { headers, ...retries(0) }, { dispatcher });
    const error = await apiErrorOf(client.stream(request()));
    expect(error.message).toContain("does not match certificate's altnames: Host: outer.example");
    expect(server.heads).toEqual([]);
    await dispatcher.destroy();
  });

  test("the one of a proxy that sends requests on; an address is no name to ask for", async () => {
    await using proxy = await startHeadRecorder(completedSse, serverTls);
    const env = { SSL_CERT_FILE: tlsPath("ca.pem"), HTTP_PROXY: new URL(proxy.url).origin };
    const { dispatcher } = networkFromEnvironment(env);
    await sendTwo("http://h.example/v1", dispatcher);
    await sendTwo("http://other.example/v1", dispatcher);
    expect(proxy.heads).toHaveLength(4);
    expect(proxy.connections).toBe(1);
    expect(proxy.serverNames).toEqual([undefined]);
    await dispatcher.destroy();
  });
});

test("what looks like a head in a body is left as it is, and a connection that is to be closed says so", async () => {
  await using server = await startHeadRecorder("ok");
  const look = "GET / HTTP/1.1\r\nhost: h\r\nconnection: keep-alive\r\n\r\n";
  const path = "/v1";
  const [origin, method] = [new URL(server.url).origin, "POST"] as const;
  const headers = { "x-note": "connection: keep-alive", connection: "close" };
  for (const body of [look, Buffer.from(look), Readable.from([look])]) {
    const answer = await defaultDispatcher().request({ origin, path, method, headers, body });
    await answer.body.dump();
  }
  expect(server.bodies).toEqual([look, look, look]);
  for (const head of server.heads) {
    expect(head).toContain("x-note: connection: keep-alive");
    expect(head).toContain("connection: close");
  }
  expect(server.connections).toBe(3);
});

test("whoever else writes to the socket is told when it is written", async () => {
  await using server = await startHeadRecorder("ok");
  const socket = connect(Number(new URL(server.url).port), "127.0.0.1");
  omitKeepAlive(socket);
  await new Promise((resolve) => {
    socket.write("GET / HTTP/1.1\r\nhost: h\r\nconnection: keep-alive\r\n\r\n", "latin1", resolve);
  });
  await once(socket, "data");
  expect(server.heads).toEqual([["host: h"]]);
  socket.destroy();
});
