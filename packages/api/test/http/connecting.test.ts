import { createSecureServer } from "node:http2";
import type { Socket } from "node:net";
import type { AddressInfo } from "node:net";
import { describe, expect, test } from "vitest";
import type { ClientOptions } from "@codex-ts/api";
import { networkFromEnvironment } from "@codex-ts/api";
import { waitFor } from "@codex-ts/test-support";
import { makeAgent } from "../../src/http/default-dispatcher.ts";
import { apiErrorOf, clientAt, outcomeOf, request, retries } from "../support/client.ts";
import { completedSse, delta, deltas, sse } from "../support/decode.ts";
import { startRawServer } from "../support/raw-server.ts";
import { serverTls, tlsPath } from "../support/tls.ts";

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
    expect(await apiErrorOf(client.stream(request()))).toMatchObject({ code: "timeout" });
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
