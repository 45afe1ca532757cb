import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { AuthRecovery, TransportSwitch, TurnRetry } from "@codex-ts/core";
import {
  close,
  completed,
  created,
  delay,
  disconnect,
  errorExchange,
  gate,
  hang,
  messageExchange,
  textDelta,
} from "@codex-ts/responses-server";
import { ThreadTrace } from "@codex-ts/rollout-trace/recorder";
import { describe, expect, test } from "vitest";
import { INSTALLATION_ID, startScene, testModel, testProvider } from "../support/harness.ts";
import { NEW, OLD, startLoginScene } from "../support/managed-login.ts";
import { createThread } from "@codex-ts/core";
import { readWireAt, readWireOf } from "./wire-scene.ts";

const WEBSOCKETS = { supportsWebsockets: true };

test("[core/WL-1] a 500 and a 200 are two attempts of one call with a retry between them, and it is said that it worked", async () => {
  await using scene = await startScene([
    errorExchange(500, { requestId: "req-1" }),
    messageExchange("hi", { requestId: "req-2" }),
  ]);
  await scene.turn("go");
  const wire = await readWireOf(scene.thread);
  const calls = Object.keys(wire.state.inference_calls);
  expect(calls).toHaveLength(1);
  const facts = wire.join.calls.get(calls[0] ?? "");
  expect(facts?.attempts.map(({ ended }) => ended?.request_ids?.x_request_id)).toEqual([
    "req-1",
    "req-2",
  ]);
  expect(wire.of("retry_scheduled")).toMatchObject([
    {
      by: "transport",
      after_attempt_id: facts?.attempts[0]?.id,
      delay_source: "backoff",
      reason: "status_5xx",
      number: 1,
      of: 1,
    },
  ]);
  expect(wire.codes).toEqual(["recovered: server_error"]);
  expect(wire.join.diagnostics).toEqual([]);
});

test("[core/WL-2] requests over WebSocket have a place on their connection, which alone has the ids of the handshake", async () => {
  await using scene = await startScene(
    [messageExchange("a"), messageExchange("b"), messageExchange("c")],
    {
      providerInfo: WEBSOCKETS,
      server: {
        handshakes: [{ requestId: "req-hs", headers: { "cf-ray": "ray-hs" } }],
      },
    },
  );
  for (const input of ["one", "two", "three"]) await scene.turn(input);
  const wire = await readWireOf(scene.thread);
  const requests = wire.of("attempt_started").filter(({ endpoint }) => endpoint === "responses");
  expect(requests.map(({ position, request_kind }) => [position, request_kind])).toEqual([
    [1, "prewarm"],
    [2, "turn"],
    [3, "turn"],
    [4, "turn"],
  ]);
  const [connection, ...others] = wire.log.connections;
  expect(others).toEqual([]);
  expect(new Set(requests.map(({ connection_id }) => connection_id))).toEqual(
    new Set([connection?.id]),
  );
  expect(connection?.opened?.request_ids).toEqual({ x_request_id: "req-hs", cf_ray: "ray-hs" });
  expect(connection?.closed).toMatchObject({
    requests: 4,
    close: { code: 1000, by: "client", clean: true },
  });
  const ends = wire.of("attempt_ended").filter(({ position }) => position !== undefined);
  expect(ends).toHaveLength(4);
  expect(ends.filter((end) => "request_ids" in end)).toEqual([]);
  expect(Object.values(wire.state.inference_calls).map((call) => call.upstream_request_id)).toEqual(
    [null, null, null],
  );
  expect(wire.codes).toEqual([undefined, undefined, undefined]);
});

test("[core/WL-3] upgrades that are cut end in a switch to HTTP, and the times add up to the gap in the trace", async () => {
  const retries: TurnRetry[] = [];
  const switches: TransportSwitch[] = [];
  await using scene = await startScene([messageExchange("over HTTP")], {
    providerInfo: { ...WEBSOCKETS, streamMaxRetries: 2 },
    server: { handshakes: [{ beforeStatus: [{ step: "reset" }], repeat: Infinity }] },
    sleep: (ms, signal) => sleep(ms, undefined, signal && { signal }),
    onRetry: (retry) => retries.push(retry),
    onTransportSwitched: (change) => switches.push(change),
  });
  await scene.turn("go");
  const wire = await readWireOf(scene.thread);
  const request = wire.join.requests.find(({ kind }) => kind === "turn");
  const handshakes = request?.attempts.filter(({ started }) => started.endpoint === "handshake");
  expect(handshakes?.map(({ ended }) => ended?.outcome)).toEqual(["failed", "failed", "failed"]);
  const scheduled = wire.of("retry_scheduled");
  expect(scheduled.map(({ by, number, of }) => [by, number, of])).toEqual([
    ["turn", 1, 2],
    ["turn", 2, 2],
  ]);
  expect(retries.map(({ number, maxRetries }) => [number, maxRetries])).toEqual([
    [1, 2],
    [2, 2],
  ]);
  const change = { from: "websocket", to: "http", cause: "retries_used_up" };
  expect(wire.of("transport_switched")).toMatchObject([change]);
  expect(switches).toMatchObject([change]);
  expect(wire.codes).toEqual(["upgrade_blocked"]);
  expect(request?.diagnosis?.sentence).toMatch(
    /cut during the WebSocket upgrade 3 times in .* went on over HTTP\.$/,
  );
  const lostMs =
    (handshakes ?? []).reduce((sum, { ended }) => sum + (ended?.t.ended ?? 0) / 1000, 0) +
    scheduled.reduce((sum, { delay_ms }) => sum + delay_ms, 0);
  const [call] = Object.values(wire.state.inference_calls);
  const firstMs = handshakes?.[0]?.started.queued_at_ms ?? 0;
  const gapMs = (call?.execution.started_at_unix_ms ?? 0) - firstMs;
  expect(Math.abs(lostMs - gapMs)).toBeLessThan(200 + gapMs * 0.05);
});

test("[core/WL-4] a 426 is one handshake and a switch, without a retry and without a failed request", async () => {
  await using scene = await startScene([messageExchange("over HTTP")], {
    providerInfo: WEBSOCKETS,
    server: { handshakes: [{ status: 426, repeat: Infinity }] },
  });
  await scene.turn("go");
  const wire = await readWireOf(scene.thread);
  expect(wire.summary.websocket).toMatchObject({ tries: 0, handshakes: 1, failed: 1 });
  expect(wire.of("retry_scheduled")).toEqual([]);
  expect(wire.of("transport_switched")).toMatchObject([{ cause: "upgrade_426" }]);
  expect(wire.codes).toEqual([undefined]);
  expect(wire.summary.hasFailures).toBe(false);
});

test.each([
  [
    "a close frame",
    close(1011, "try again"),
    { code: 1011, reason: "try again", by: "server", clean: true },
    "socket_closed",
  ],
  ["no close frame", disconnect(), { code: 1006, by: "network", clean: false }, "cut_mid_stream"],
])(
  "[core/WL-5] a socket that ends with %s in the middle of a response says by whom",
  async (_name, step, expected, code) => {
    await using scene = await startScene(
      [{ events: [created(), step] }, messageExchange("again")],
      { providerInfo: WEBSOCKETS },
    );
    await scene.turn("go");
    const wire = await readWireOf(scene.thread);
    const failed = wire.of("attempt_ended").find(({ outcome }) => outcome === "failed");
    expect(failed?.close).toEqual(expected);
    expect(wire.log.connections[0]?.closed?.close).toEqual(expected);
    expect(wire.codes).toEqual([`recovered: ${code}`]);
  },
);

test("[core/WL-6] a refreshed login stands between two attempts, and no token is in the bundle in any form", async () => {
  await using scene = await startLoginScene({
    script: [
      errorExchange(401, { requestId: "req-401" }),
      errorExchange(401),
      messageExchange("hi"),
    ],
  });
  const turn = scene.thread.runTurn("go");
  await turn.result();
  const wire = await readWireOf(scene.thread);
  expect(wire.of("auth").map(({ step, outcome }) => [step, outcome])).toEqual([
    ["reload", "ok"],
    ["refresh", "ok"],
  ]);
  const order = wire.log.records.map(({ type }) => type);
  expect(order.indexOf("auth")).toBeGreaterThan(order.indexOf("attempt_ended"));
  expect(order.lastIndexOf("auth")).toBeLessThan(order.lastIndexOf("attempt_started"));
  expect(wire.of("auth")[0]?.caused_by_attempt_id).toBe(wire.log.attempts[0]?.id);
  expect(wire.codes).toEqual(["recovered: auth_refused"]);
  const bundle = scene.thread.bundlePath ?? "";
  const tokens = [OLD, NEW].flatMap((each) => Object.values(each as object)).map(String);
  const forms = tokens.flatMap((token) => [
    token,
    Buffer.from(token).toString("base64"),
    Buffer.from(token).toString("base64url"),
    encodeURIComponent(token),
  ]);
  for (const name of readdirSync(bundle, { recursive: true, encoding: "utf8" })) {
    const path = join(bundle, name);
    if (!statSync(path).isFile()) continue;
    const text = readFileSync(path, "latin1");
    expect(forms.filter((form) => text.includes(form))).toEqual([]);
  }
});

test("a login that another process has renewed is adopted, and the diagnosis says so", async () => {
  const recoveries: AuthRecovery[] = [];
  await using scene = await startLoginScene({
    script: [{ ...errorExchange(401), beforeStatus: [gate("stored")] }, messageExchange("hi")],
    onAuthRecovery: (recovery) => recoveries.push(recovery),
  });
  const result = scene.thread.runTurn("go").result();
  await scene.server.waitForGate("stored");
  await scene.store(NEW);
  scene.server.release("stored");
  await result;
  const wire = await readWireOf(scene.thread);
  expect(wire.of("auth")).toMatchObject([{ step: "reload", outcome: "adopted" }]);
  expect(recoveries).toMatchObject([{ step: "reload", outcome: "adopted" }]);
  expect(wire.codes).toEqual(["auth_stale"]);
});

test("a refresh that is refused names the reason, and the request failed for good", async () => {
  await using scene = await startLoginScene({
    script: [errorExchange(401), errorExchange(401)],
    refresh: { status: 401, body: { error: { code: "refresh_token_expired" } } },
  });
  await scene.thread.runTurn("go").result();
  const wire = await readWireOf(scene.thread);
  expect(wire.of("auth").at(-1)).toMatchObject({
    step: "refresh",
    outcome: "refused",
    code: "expired",
  });
  expect(wire.codes).toEqual(["auth_refused"]);
  expect(wire.join.requests[0]?.diagnosis?.sentence).toMatch(
    /^The login could not be renewed \(refresh refused.*: expired\), so .* refused the credentials/,
  );
});

test("a refresh that fails for now is told from one that is refused", async () => {
  await using scene = await startLoginScene({
    script: Array.from({ length: 12 }, () => errorExchange(401)),
    refresh: { status: 503, body: {} },
  });
  await scene.thread.runTurn("go").result();
  const wire = await readWireOf(scene.thread);
  expect(wire.of("auth").at(-1)).toMatchObject({ step: "refresh", outcome: "failed", status: 503 });
  expect(wire.join.requests.at(-1)?.diagnosis).toMatchObject({
    sentence: expect.stringMatching(
      /^The login could not be renewed \(refresh failed.*: status 503\), so /,
    ),
    advice: expect.stringMatching(/^try again later/),
  });
});

describe("[core/WL-7] silence", () => {
  test("of six seconds is one stall", { timeout: 20_000 }, async () => {
    await using scene = await startScene(
      [{ events: [created(), textDelta("a"), delay(6000), completed()] }],
      { providerInfo: { streamIdleTimeoutMs: 20_000 } },
    );
    await scene.turn("go");
    const wire = await readWireOf(scene.thread);
    expect(wire.of("stall")).toMatchObject([
      { after_event: "response.output_text.delta", events: 2 },
    ]);
    expect(wire.of("stall")[0]?.gap_ms).toBeGreaterThanOrEqual(5000);
    expect(wire.of("attempt_ended")[0]?.max_gap_us).toBeGreaterThanOrEqual(5_900_000);
  });

  test.each([
    ["http", "no_first_event"],
    // It then goes on over HTTP.
    ["websocket", "recovered: no_first_event"],
  ])("before the first event over %s has a limit of its own", async (transport, code) => {
    await using scene = await startScene(
      [{ events: [hang()] }, { ...messageExchange("hi"), transport: "http" }],
      {
        providerInfo: {
          supportsWebsockets: transport === "websocket",
          requestMaxRetries: 0,
          streamMaxRetries: 0,
        },
        firstResponseTimeoutMs: 80,
      },
    );
    await scene.turn("go");
    const wire = await readWireOf(scene.thread);
    const failed = wire.of("attempt_ended").find(({ outcome }) => outcome === "failed");
    expect(failed).toMatchObject({ timeout: "first_event", events: 0 });
    expect(wire.codes).toEqual([code]);
  });
});

test("[core/WL-9] the state of a bundle is the same with its wire log, without it and with a damaged one", async () => {
  await using scene = await startScene([errorExchange(500), messageExchange("hi")]);
  await scene.turn("go");
  const path = scene.thread.bundlePath ?? "";
  const { state } = await readWireOf(scene.thread);
  const file = join(path, "wire.jsonl");
  const whole = readFileSync(file);
  for (const content of [undefined, whole.subarray(0, whole.length / 2), "no JSON"]) {
    rmSync(file, { force: true });
    if (content !== undefined) writeFileSync(file, content);
    expect((await readWireAt(path, "strict")).state).toEqual(state);
  }
});

test("[core/WL-13] two threads of one tree share one file without gaps", async () => {
  await using scene = await startScene([{ ...messageExchange("hi"), repeat: Infinity }]);
  const root = ThreadTrace.startRoot({
    root: `${scene.folder}/tree`,
    metadata: {
      threadId: "01900000-0000-7000-8000-000000000001",
      agentPath: "/root",
      sessionSource: "exec",
      cwd: scene.folder,
      model: "gpt-mock",
      providerName: "mock",
      approvalPolicy: "never",
      sandboxPolicy: "ReadOnly",
    },
  });
  const child = root.startChild({
    threadId: "01900000-0000-7000-8000-000000000002",
    agentPath: "/root/child",
    sessionSource: "exec",
    cwd: scene.folder,
    model: "gpt-mock",
    providerName: "mock",
    approvalPolicy: "never",
    sandboxPolicy: "ReadOnly",
  });
  const threads = await Promise.all(
    [root, child].map((trace) =>
      createThread({
        provider: testProvider(scene.server.url),
        model: testModel(),
        cwd: scene.folder,
        installationId: INSTALLATION_ID,
        trace,
      }),
    ),
  );
  await Promise.all(threads.map((thread) => thread.runTurn("go").result()));
  await threads[1]?.close();
  const [first] = threads;
  if (first === undefined) throw new Error("no thread");
  const wire = await readWireOf(first);
  expect(wire.log.records.map(({ seq }) => seq)).toEqual(
    wire.log.records.map((_record, index) => index + 1),
  );
  const ids = wire.of("attempt_started").map(({ thread_id }) => thread_id);
  expect(new Set(ids).size).toBe(2);
  expect(wire.of("wire_closed")).toMatchObject([{ reason: "completed" }]);
});

describe("the file", () => {
  test("has few lines for a turn of three requests, and belongs to its owner alone", async () => {
    await using scene = await startScene([{ ...messageExchange("hi"), repeat: Infinity }]);
    for (const input of ["one", "two", "three"]) await scene.turn(input);
    const wire = await readWireOf(scene.thread);
    expect(wire.log.records.length).toBeLessThanOrEqual(12);
    expect(Buffer.byteLength(wire.text)).toBeLessThanOrEqual(12 * 1024);
    expect(statSync(join(scene.thread.bundlePath ?? "", "wire.jsonl")).mode & 0o777).toBe(0o600);
    expect(wire.text).not.toContain("sk-mock-key");
  });

  test("is not written when nothing was requested, or nobody wants it", async () => {
    await using idle = await startScene([]);
    await idle.thread.close();
    expect(existsSync(join(idle.thread.bundlePath ?? "", "wire.jsonl"))).toBe(false);
    await using unwanted = await startScene([messageExchange("hi")]);
    const thread = await createThread({
      provider: testProvider(unwanted.server.url),
      model: testModel(),
      cwd: unwanted.folder,
      installationId: INSTALLATION_ID,
      trace: { root: `${unwanted.folder}/other`, wireLog: false },
    });
    await thread.runTurn("go").result();
    await thread.close();
    expect(existsSync(join(thread.bundlePath ?? "", "wire.jsonl"))).toBe(false);
  });

  test("has the frames only on request, without their content", async () => {
    await using scene = await startScene([messageExchange("a secret answer")]);
    const thread = await createThread({
      provider: testProvider(scene.server.url),
      model: testModel(),
      cwd: scene.folder,
      installationId: INSTALLATION_ID,
      trace: { root: `${scene.folder}/other`, wireLog: "frames" },
    });
    await thread.runTurn("go").result();
    const wire = await readWireOf(thread);
    const frames = wire.of("frames");
    const rows = frames.flatMap((each) => each.rows);
    expect(rows[0]?.[1]).toBe(1);
    expect(rows.filter(([, direction]) => direction === 0)).toHaveLength(
      wire.of("attempt_ended")[0]?.events ?? 0,
    );
    expect(frames[0]?.names).toContain("response.completed");
    expect(wire.text).not.toContain("a secret answer");
  });
});

test("an observer of the application is still asked, and what it throws stops nothing", async () => {
  const kinds: unknown[] = [];
  await using scene = await startScene([messageExchange("hi")], {
    observeTransport: ({ requestKind }) => {
      kinds.push(requestKind);
      return {
        onAttemptStarted: () => {
          throw new Error("a mistake in the observer");
        },
      };
    },
  });
  await scene.turn("go");
  const wire = await readWireOf(scene.thread);
  expect(kinds).toEqual(["turn"]);
  expect(wire.of("attempt_ended")).toHaveLength(1);
});

test("HTTP alone is a setting, and the log says that it was one", async () => {
  await using scene = await startScene([messageExchange("hi")], {
    providerInfo: WEBSOCKETS,
    httpOnly: true,
  });
  await scene.turn("go");
  const wire = await readWireOf(scene.thread);
  expect(scene.server.connections).toHaveLength(0);
  expect(wire.of("transport_switched")).toMatchObject([{ cause: "setting" }]);
  expect(wire.codes).toEqual([undefined]);
});
