import type { Socket } from "node:net";
import { inspect } from "node:util";
import { describe, expect, test } from "vitest";
import type { AttemptEnded, AuthProvider, TransportObserver } from "@codex-ts/api";
import { networkFromEnvironment, probeWebSocket, TurnState } from "@codex-ts/api";
import { hang, messageExchange, reset, startResponsesServer } from "@codex-ts/responses-server";
import { waitFor } from "@codex-ts/test-support";
import { apiErrorOf, bearer, outcomeOf } from "../support/client.ts";
import { holdTimers } from "../support/held-timers.ts";
import { refuseEndlessly, startRawServer } from "../support/raw-server.ts";
import { closeFrame, startMuteWebSocketServer } from "../support/raw-websocket.ts";
import { frame, webSocketClientAt } from "../support/websocket.ts";

test("[api/I1] the handshake carries provider, extra, client and auth headers, and offers compression", async () => {
  await using server = await startResponsesServer({ script: [] });
  const client = webSocketClientAt(
    server.url,
    {
      headers: [
        ["x-feature", "provider"],
        ["version", "1.2.3"],
      ],
      queryParams: { "api-version": "1" },
    },
    { auth: bearer("t"), clientHeaders: [["originator", "codex_ts"]] },
  );
  const headers = [
    ["x-feature", "extra"],
    ["openai-beta", "responses_websockets=2026-02-06"],
    ["x-bad", "line\nbreak"],
  ] as const;
  await using connection = await client.connect({ headers });
  expect(connection.isOpen).toBe(true);
  const [accepted] = server.connections;
  expect(accepted?.path).toBe("/v1/responses?api-version=1");
  const sent = Object.fromEntries(accepted?.headers ?? []);
  expect(sent).toMatchObject({
    "x-feature": "extra",
    version: "1.2.3",
    "openai-beta": "responses_websockets=2026-02-06",
    originator: "codex_ts",
    authorization: "Bearer t",
  });
  expect(accepted?.header("sec-websocket-extensions")).toBe(
    "permessage-deflate; client_max_window_bits",
  );
  expect(accepted?.header("sec-websocket-protocol")).toBeUndefined();
  expect(accepted?.header("x-bad")).toBeUndefined();
});

test.each(["accept", "decline"] as const)(
  "[api/I1] works when the server chooses to %s compression",
  async (permessageDeflate) => {
    await using server = await startResponsesServer({
      script: [messageExchange(["long ".repeat(2000), "end"])],
      handshakes: [{ permessageDeflate }],
    });
    await using connection = await webSocketClientAt(server.url).connect();
    const instructions = "compress me ".repeat(500);
    const { events, error } = await outcomeOf(await connection.stream(frame({ instructions })));
    expect(error).toBeUndefined();
    expect(events).toContainEqual({ type: "outputTextDelta", delta: "long ".repeat(2000) });
    expect(server.requests[0]?.body).toMatchObject({ instructions });
    expect(connection.handshake.extensions).toBe(
      permessageDeflate === "accept" ? "permessage-deflate" : "",
    );
  },
);

test("[api/I7] what the handshake said comes at the start of every request on the connection", async () => {
  await using server = await startResponsesServer({
    script: [messageExchange("one"), messageExchange("two")],
    handshakes: [
      {
        requestId: "req-handshake",
        headers: {
          "cf-ray": "ray-1",
          "openai-model": "gpt-other",
          "x-models-etag": "etag-1",
          "x-reasoning-included": "false",
          "x-codex-turn-state": "ts-0",
          "x-codex-primary-used-percent": "50",
        },
      },
    ],
  });
  const turnState = new TurnState();
  await using connection = await webSocketClientAt(server.url).connect({ turnState });
  expect(connection.handshake).toEqual({
    requestId: "req-handshake",
    cfRay: "ray-1",
    serverModel: "gpt-other",
    modelsEtag: "etag-1",
    reasoningIncluded: true,
    turnState: "ts-0",
    extensions: "",
  });
  expect(turnState.value).toBe("ts-0");
  for (let turn = 0; turn < 2; turn += 1) {
    const stream = await connection.stream(frame());
    expect(stream.upstreamRequestId).toBeUndefined();
    const { events } = await outcomeOf(stream);
    expect(events.slice(0, 4).map((event) => event.type)).toEqual([
      "serverModel",
      "modelsEtag",
      "serverReasoningIncluded",
      "created",
    ]);
    expect(events.filter((event) => event.type === "rateLimits")).toEqual([]);
  }
});

describe("a handshake that does not succeed", () => {
  test.each([401, 403, 404, 426, 429, 500, 503])(
    "[api/I14] [api/I15] [api/I16] a %d is an error with its facts, after one attempt",
    async (status) => {
      await using server = await startResponsesServer({
        script: [],
        handshakes: [
          {
            status,
            requestId: "req-1",
            headers: { "cf-ray": "ray-1", "retry-after": "3" },
            body: { error: { code: "no_websockets", message: "use HTTP" } },
          },
        ],
      });
      const client = webSocketClientAt(server.url, {}, { auth: bearer("sk-secret-value") });
      const error = await apiErrorOf(client.connect());
      expect(error).toMatchObject({
        code: "http_status",
        status,
        url: `${server.url.replace("http:", "ws:")}/responses`,
        upstreamRequestId: "req-1",
        cfRay: "ray-1",
        retryDelayMs: 3000,
      });
      expect(JSON.parse((error as { bodyText?: string }).bodyText ?? "")).toEqual({
        error: { code: "no_websockets", message: "use HTTP" },
      });
      expect(server.connections).toHaveLength(1);
    },
  );

  test("[api/I15] silence is a timeout over the whole handshake", async () => {
    await using server = await startResponsesServer({
      script: [],
      handshakes: [{ beforeStatus: [hang()] }],
    });
    const client = webSocketClientAt(server.url, {}, { connectTimeoutMs: 40 });
    using time = holdTimers();
    const failing = apiErrorOf(client.connect());
    await server.waitFor(() => server.connections.length === 1);
    await time.advance(39);
    expect(server.connections[0]?.state).not.toBe("closed");
    await time.advance(1);
    expect(await failing).toMatchObject({ code: "timeout" });
    await server.waitFor(() => server.connections[0]?.state === "closed");
  });

  test("[api/I15] a refusal whose page does not end is still that refusal", async () => {
    await using server = await startRawServer((socket) =>
      socket.write("HTTP/1.1 403 Forbidden\r\ncontent-length: 10\r\n\r\nno"),
    );
    let answered = 0;
    const observer = { onAttemptResponded: () => (answered += 1) };
    const client = webSocketClientAt(server.url, {}, { connectTimeoutMs: 40, observer });
    using time = holdTimers();
    const failing = apiErrorOf(client.connect());
    await waitFor(() => answered === 1);
    await time.advance(40);
    expect(await failing).toMatchObject({ status: 403, bodyText: "no" });
  });

  test("[api/I15] a refusal whose page is endless is read up to 1 MiB, then the socket is closed", async () => {
    const sockets: Socket[] = [];
    await using server = await startRawServer((socket) => {
      sockets.push(socket);
      refuseEndlessly(socket);
    });
    const error = await apiErrorOf(webSocketClientAt(server.url).connect());
    expect(error).toMatchObject({ code: "http_status", status: 403 });
    expect((error as { bodyText?: string }).bodyText).toHaveLength(1024 * 1024);
    await waitFor(() => sockets[0]?.destroyed);
  });

  test("[api/I15] a redirect is a refusal: credentials go nowhere else", async () => {
    await using other = await startResponsesServer({ script: [] });
    await using server = await startResponsesServer({
      script: [],
      handshakes: [{ status: 307, headers: { location: `${other.url}/responses` } }],
    });
    const client = webSocketClientAt(server.url, {}, { auth: bearer("t") });
    expect(await apiErrorOf(client.connect())).toMatchObject({ status: 307 });
    expect(other.connections).toHaveLength(0);
  });

  test("[api/I15] a reset is a network error", async () => {
    await using server = await startResponsesServer({
      script: [],
      handshakes: [{ beforeStatus: [reset()] }],
    });
    expect(await apiErrorOf(webSocketClientAt(server.url).connect())).toMatchObject({
      code: "network",
    });
  });

  test("a server that is no WebSocket server is a network error", async () => {
    await using server = await startRawServer((socket) =>
      socket.write(
        "HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\nsec-websocket-accept: wrong\r\n\r\n",
      ),
    );
    expect(await apiErrorOf(webSocketClientAt(server.url).connect())).toMatchObject({
      code: "network",
    });
  });

  test("aborting closes the socket and rejects with the signal's reason", async () => {
    await using server = await startResponsesServer({
      script: [],
      handshakes: [{ beforeStatus: [hang()] }],
    });
    const ended: AttemptEnded[] = [];
    const controller = new AbortController();
    const client = webSocketClientAt(
      server.url,
      {},
      { observer: { onAttemptEnded: (attempt) => ended.push(attempt) } },
    );
    const connecting = client.connect({ signal: controller.signal });
    await server.waitFor(() => server.connections.length === 1);
    controller.abort(new Error("stop"));
    await expect(connecting).rejects.toThrow("stop");
    await server.waitFor(() => server.connections[0]?.state === "closed");
    expect(ended).toMatchObject([{ transport: "websocket", outcome: "cancelled" }]);
  });
});

function recording() {
  const seen: [step: string, report: Partial<AttemptEnded>][] = [];
  const observer: TransportObserver = {
    onAttemptStarted: (attempt) => seen.push(["started", attempt]),
    onAttemptResponded: (answer) => seen.push(["answered", answer]),
    onAttemptEnded: (attempt) => seen.push(["ended", attempt]),
  };
  return { seen, observer, steps: () => seen.map(([step]) => step) };
}

const failingAuth: AuthProvider = {
  addAuthHeaders() {
    throw new Error("no login");
  },
};

describe("the observer of a handshake", () => {
  test("sees a refusal when its headers come, with what was received of its page", async () => {
    const begun: Socket[] = [];
    await using server = await startRawServer((socket) => {
      begun.push(socket);
      socket.write("HTTP/1.1 403 Forbidden\r\nx-request-id: req-1\r\ncontent-length: 4\r\n\r\nno");
    });
    const { seen, observer, steps } = recording();
    const connecting = webSocketClientAt(server.url, {}, { observer }).connect();
    await waitFor(() => steps().includes("answered"));
    // The page is not complete yet.
    expect(steps()).toEqual(["started", "answered"]);
    begun[0]?.write("pe");
    const error = await apiErrorOf(connecting);
    const [, ended] = seen.at(-1) ?? [];
    expect(ended).toMatchObject({
      outcome: "failed",
      status: 403,
      upstreamRequestId: "req-1",
      responseBytes: 4,
      error,
      connectedAtMs: expect.any(Number),
    });
    expect(Number(ended?.connectedAtMs)).toBeLessThanOrEqual(Number(ended?.headersAtMs));
  });

  test("sees when the connection was there, also of a server that says nothing", async () => {
    await using server = await startResponsesServer({
      script: [],
      handshakes: [{ beforeStatus: [hang()] }],
    });
    const { seen, observer } = recording();
    const client = webSocketClientAt(server.url, {}, { observer, connectTimeoutMs: 100 });
    using time = holdTimers();
    const failing = apiErrorOf(client.connect());
    await server.waitFor(() => server.connections.length === 1);
    await time.advance(100);
    await failing;
    expect(seen.at(-1)?.[1]).toMatchObject({
      outcome: "failed",
      connectedAtMs: expect.any(Number),
      status: undefined,
      error: { code: "timeout" },
    });
  });

  test("sees no connection before TLS is there", async () => {
    await using server = await startRawServer((socket) => socket.resume());
    const { seen, observer } = recording();
    const base = server.url.replace("http:", "https:");
    const client = webSocketClientAt(base, {}, { observer, connectTimeoutMs: 100 });
    using time = holdTimers();
    const failing = apiErrorOf(client.connect());
    await waitFor(() => server.connections === 1);
    await time.advance(100);
    await failing;
    expect(seen.at(-1)?.[1]).toMatchObject({ outcome: "failed", connectedAtMs: undefined });
  });

  test.each([
    ["credentials that fail", "http://h.example/v1", { auth: failingAuth }],
    ["a base that is no URL", "https://user:secret-word@bad host/v1", {}],
    [
      "authorities that are not usable",
      "https://h.example/v1",
      { network: networkFromEnvironment({ SSL_CERT_FILE: "/nowhere/at/all.pem" }) },
    ],
  ])("sees %s once", async (_what, base, options) => {
    const { seen, observer, steps } = recording();
    const error = await apiErrorOf(webSocketClientAt(base, {}, { ...options, observer }).connect());
    expect(error.code).toBe("request_build");
    expect(steps()).toEqual(["started", "ended"]);
    expect(seen[1]?.[1]).toMatchObject({ outcome: "failed", error });
    expect(inspect([error, seen], { depth: 9 })).not.toContain("secret-word");
  });
});

test("a message before the first request is nobody's", async () => {
  await using server = await startResponsesServer({ script: [messageExchange("hi")] });
  await using connection = await webSocketClientAt(server.url).connect();
  server.connections[0]?.send({ type: "codex.rate_limits" });
  const { error } = await outcomeOf(await connection.stream(frame()));
  expect(error).toBeUndefined();
});

describe("a probe", () => {
  test("reports a server that closes at once", async () => {
    await using server = await startResponsesServer({ script: [] });
    const probing = probeWebSocket(webSocketClientAt(server.url), { waitMs: 5000 });
    const connection = await server.waitFor(() =>
      server.connections[0]?.state === "open" ? server.connections[0] : undefined,
    );
    connection.close(4001, "go away");
    expect((await probing).immediateClose).toEqual({ code: 4001, reason: "go away", by: "server" });
  });

  test("reports a close that came in one packet with the handshake", async () => {
    await using server = await startMuteWebSocketServer(closeFrame(4002));
    using time = holdTimers();
    const probe = await probeWebSocket(webSocketClientAt(server.url), { waitMs: 5000 });
    expect(time.pending).toBe(0);
    expect(probe.immediateClose).toEqual({ code: 4002, reason: "", by: "server" });
  });

  test("leaves a server that stays open, having sent nothing", async () => {
    await using server = await startResponsesServer({
      script: [],
      handshakes: [{ requestId: "req-1" }],
    });
    const probe = await probeWebSocket(webSocketClientAt(server.url), { waitMs: 20 });
    expect(probe).toMatchObject({ handshake: { requestId: "req-1" }, immediateClose: undefined });
    await server.waitFor(() => server.connections[0]?.state === "closed");
    expect(server.requests).toHaveLength(0);
  });
});

test("an observer sees handshake and requests with their facts and without secrets", async () => {
  await using server = await startResponsesServer({
    script: [messageExchange("one"), messageExchange("two")],
    handshakes: [{ requestId: "req-1", headers: { "set-cookie": "a=b" } }],
  });
  const ended: AttemptEnded[] = [];
  const client = webSocketClientAt(
    server.url,
    {},
    {
      auth: bearer("sk-secret-value"),
      observer: { onAttemptEnded: (attempt) => ended.push(attempt) },
    },
  );
  await using connection = await client.connect();
  await outcomeOf(await connection.stream(frame()));
  await outcomeOf(await connection.stream(frame()));
  expect(ended).toMatchObject([
    { endpoint: "handshake", status: 101, upstreamRequestId: "req-1", outcome: "completed" },
    { endpoint: "responses", connectionReused: false, upstreamRequestId: undefined },
    { endpoint: "responses", connectionReused: true, outcome: "completed" },
  ]);
  expect(ended[1]?.eventCount).toBeGreaterThan(2);
  expect(ended[1]?.responseBytes).toBeGreaterThan(100);
  expect(JSON.stringify(ended)).not.toMatch(/sk-secret|a=b/);
});
