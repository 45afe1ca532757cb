import { describe, expect, test } from "vitest";
import { TurnState } from "@codex-ts/api";
import type { RateLimitSnapshot, ResponseEvent } from "@codex-ts/protocol";
import type { ReplyHeaders } from "@codex-ts/responses-server";
import { created, hang, messageExchange, startResponsesServer } from "@codex-ts/responses-server";
import { clientAt, outcomeOf, request } from "../support/client.ts";

async function eventsOf(headers: ReplyHeaders): Promise<readonly ResponseEvent[]> {
  await using server = await startResponsesServer({
    script: [{ ...messageExchange("hi"), headers }],
  });
  return (await outcomeOf(await clientAt(server.url).stream(request()))).events;
}

async function snapshotsOf(headers: ReplyHeaders): Promise<RateLimitSnapshot[]> {
  return (await eventsOf(headers)).flatMap((event) =>
    event.type === "rateLimits" ? event.snapshot : [],
  );
}

const nothing: RateLimitSnapshot = {
  limit_id: "codex",
  limit_name: null,
  primary: null,
  secondary: null,
  credits: null,
  individual_limit: null,
  plan_type: null,
  rate_limit_reached_type: null,
};

test("[api/C1] the request id is there before any event is read", async () => {
  await using server = await startResponsesServer({
    script: [{ requestId: "req-1", events: [hang()] }],
  });
  await using stream = await clientAt(server.url).stream(request());
  expect(stream.upstreamRequestId).toBe("req-1");
});

test.each([
  ["no header", {}],
  ["only x-oai-request-id", { "x-oai-request-id": "oai-1" }],
] as const)("[api/C2] with %s there is no request id", async (_name, headers) => {
  await using server = await startResponsesServer({
    script: [{ headers, requestId: null, events: [created("resp_1"), hang()] }],
  });
  await using stream = await clientAt(server.url).stream(request());
  expect(stream.upstreamRequestId).toBeUndefined();
});

test("[api/C3] what the headers say comes first, in a fixed order", async () => {
  const events = await eventsOf({
    "x-reasoning-included": "true",
    "x-models-etag": 'W/"etag"',
    "x-codex-other-primary-used-percent": "7",
    "x-codex-primary-used-percent": "12.5",
    "x-codex-primary-window-minutes": "300",
    "x-codex-primary-reset-at": "1800000000",
    "x-codex-secondary-used-percent": "50",
    "x-codex-limit-name": " Codex ",
    "openai-model": "gpt-other",
    "openai-verification-recommendation": "trusted_access_for_cyber",
  });
  expect(events.slice(0, 6)).toEqual([
    { type: "serverModel", model: "gpt-other" },
    {
      type: "rateLimits",
      snapshot: {
        ...nothing,
        limit_name: "Codex",
        primary: { used_percent: 12.5, window_minutes: 300, resets_at: 1_800_000_000 },
        secondary: { used_percent: 50, window_minutes: null, resets_at: null },
      },
    },
    {
      type: "rateLimits",
      snapshot: {
        ...nothing,
        limit_id: "codex_other",
        primary: { used_percent: 7, window_minutes: null, resets_at: null },
      },
    },
    { type: "modelsEtag", etag: 'W/"etag"' },
    { type: "serverReasoningIncluded", included: true },
    { type: "created" },
  ]);
});

test("[api/C4] without rate-limit headers there is one snapshot that knows nothing", async () => {
  expect(await snapshotsOf({})).toEqual([nothing]);
});

describe("rate-limit windows", () => {
  test.each([
    [{ "used-percent": "0", "window-minutes": "0" }, null],
    [{ "used-percent": "0" }, null],
    [
      { "used-percent": "0.0", "window-minutes": "300", "reset-at": "abc" },
      { used_percent: 0, window_minutes: 300, resets_at: null },
    ],
    [
      { "used-percent": "0", "reset-at": "5" },
      { used_percent: 0, window_minutes: null, resets_at: 5 },
    ],
    [
      { "used-percent": "3", "window-minutes": "1.5" },
      { used_percent: 3, window_minutes: null, resets_at: null },
    ],
    [{ "window-minutes": "300", "reset-at": "5" }, null],
  ])("[api/C5] %j reads as %j", async (fields, primary) => {
    const headers = Object.fromEntries(
      Object.entries(fields).map(([name, value]) => [`x-codex-primary-${name}`, value]),
    );
    expect((await snapshotsOf(headers))[0]?.primary).toEqual(primary);
  });

  test.each(["NaN", "inf", "-Infinity", "1e999", "", "0x10", "12%"])(
    "[api/C6] a used percentage of %j makes no window",
    async (used) => {
      const headers = {
        "x-codex-primary-used-percent": used,
        "x-codex-primary-window-minutes": "300",
      };
      expect((await snapshotsOf(headers))[0]?.primary).toBeNull();
    },
  );

  test("[api/C8] a family that only has secondary headers is not found", async () => {
    const snapshots = await snapshotsOf({ "x-codex-other-secondary-used-percent": "9" });
    expect(snapshots.map((snapshot) => snapshot.limit_id)).toEqual(["codex"]);
  });

  test("other families are sorted by id, and those that say nothing are left out", async () => {
    const snapshots = await snapshotsOf({
      "x-zeta-primary-used-percent": "1",
      "X-Alpha-Beta-Primary-Used-Percent": "2",
      "x-empty-primary-used-percent": "0",
    });
    expect(snapshots.map((snapshot) => snapshot.limit_id)).toEqual(["codex", "alpha_beta", "zeta"]);
  });
});

test.each([
  [
    { "has-credits": "1", unlimited: "FALSE", balance: "  " },
    { has_credits: true, unlimited: false, balance: null },
  ],
  [
    { "has-credits": "True", unlimited: "0", balance: "12" },
    { has_credits: true, unlimited: false, balance: "12" },
  ],
  [{ "has-credits": "true" }, null],
  [{ unlimited: "true", "has-credits": "yes" }, null],
])("[api/C7] credits %j read as %j", async (fields, credits) => {
  const headers = Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [`x-codex-credits-${name}`, value]),
  );
  expect((await snapshotsOf(headers))[0]?.credits).toEqual(credits);
});

test("[api/C9] the first turn state of a turn is kept", async () => {
  await using server = await startResponsesServer({
    script: ["ts-0", "ts-1"].map((state) => ({
      ...messageExchange("hi"),
      headers: { "x-codex-turn-state": state },
    })),
  });
  const client = clientAt(server.url);
  const turnState = new TurnState();
  await outcomeOf(await client.stream(request(), { turnState }));
  await outcomeOf(await client.stream(request(), { turnState }));
  expect(turnState.value).toBe("ts-0");
});

test("[api/C10] x-reasoning-included counts whatever its value", async () => {
  const events = await eventsOf({ "x-reasoning-included": "false" });
  expect(events).toContainEqual({ type: "serverReasoningIncluded", included: true });
});
