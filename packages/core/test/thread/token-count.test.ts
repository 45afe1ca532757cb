import { describe, expect, test } from "vitest";
import {
  created,
  disconnect,
  errorExchange,
  failedExchange,
  functionCall,
  message,
  messageExchange,
  rateLimits,
  reset,
  streamExchange,
  wrappedError,
} from "@codex-ts/responses-server";
import { ofType, startScene } from "../support/harness.ts";

const command = streamExchange([
  functionCall("exec_command", { cmd: "true", login: false }, "call_1"),
]);

const CREDITS = {
  "x-codex-credits-has-credits": "true",
  "x-codex-credits-unlimited": "false",
  "x-codex-credits-balance": "9",
};

describe("what a thread has used and may use", () => {
  test("[core/T16] is told after the tools of each response; a new snapshot replaces the old, only credits stay", async () => {
    await using scene = await startScene([
      {
        ...command,
        headers: {
          "x-codex-primary-used-percent": "12.5",
          "x-codex-limit-name": "One",
          ...CREDITS,
        },
      },
      {
        ...streamExchange([functionCall("no_such_tool", {}, "call_2")]),
        headers: { "x-codex-other-primary-used-percent": "7" },
      },
      messageExchange("Done."),
    ]);
    const events = await scene.turn("go");
    expect(ofType(events, "tokenCount")).toMatchObject([
      {
        info: { total_token_usage: { total_tokens: 15 }, model_context_window: 258_400 },
        rateLimits: { limit_id: "codex", limit_name: "One", primary: { used_percent: 12.5 } },
      },
      {
        info: { total_token_usage: { total_tokens: 30 }, last_token_usage: { total_tokens: 15 } },
        rateLimits: {
          limit_id: "codex_other",
          limit_name: null,
          primary: { used_percent: 7 },
          credits: { balance: "9" },
        },
      },
      { rateLimits: { limit_id: "codex", primary: null, credits: { balance: "9" } } },
    ]);
    const order = events.map((event) => event.type);
    expect(order.indexOf("tokenCount")).toBeGreaterThan(order.indexOf("itemCompleted"));
    expect(order.at(-2)).toBe("tokenCount");
  });

  test("[core/T16-broken] is told of a broken response before the next try, and not of a refusal", async () => {
    await using scene = await startScene([
      { events: [created(), message("Half."), disconnect()] },
      messageExchange("Whole."),
      errorExchange(400, {}),
    ]);
    const events = await scene.turn("go");
    const order = events.map((event) => event.type).filter((type) => type !== "rawItem");
    expect(order[order.indexOf("streamRetry") - 1]).toBe("tokenCount");
    const counts = ofType(events, "tokenCount");
    expect(counts.map(({ info }) => info?.total_token_usage.total_tokens)).toEqual([undefined, 15]);
    expect(ofType(await scene.turn("again"), "tokenCount")).toEqual([]);
  });

  test("[core/T16-full] counts a context the server calls full as full", async () => {
    await using scene = await startScene([
      messageExchange("One."),
      failedExchange({ code: "context_length_exceeded", message: "Too long." }),
    ]);
    await scene.turn("go");
    const events = await scene.turn("again");
    expect(events.at(-1)).toMatchObject({
      type: "turnFailed",
      error: { code: "context_window_exceeded" },
    });
    expect(events.at(-2)).toMatchObject({
      type: "tokenCount",
      info: {
        total_token_usage: { total_tokens: 258_400, input_tokens: 0 },
        last_token_usage: { total_tokens: 258_385 },
      },
    });
  });

  test.each([
    ["0.140", null],
    ["0.169", "workspace_member_usage_limit_reached"],
  ] as const)(
    "[core/api-G9] gives the snapshot of a reached limit before the failure, under the policy of %s",
    async (errorPolicy, reachedType) => {
      await using scene = await startScene(
        [
          { ...messageExchange("One."), headers: CREDITS },
          {
            status: 429,
            headers: {
              "x-codex-active-limit": "codex-other",
              "x-codex-other-primary-used-percent": "100",
              "x-codex-other-primary-reset-at": "2000000000",
              "x-codex-primary-used-percent": "5",
              "x-codex-rate-limit-reached-type": "workspace_member_usage_limit_reached",
            },
            body: { error: { type: "usage_limit_reached", plan_type: "team" } },
          },
        ],
        { errorPolicy },
      );
      await scene.turn("go");
      const events = await scene.turn("again");
      expect(events.at(-1)).toMatchObject({
        type: "turnFailed",
        error: { code: "usage_limit_reached", status: 429 },
      });
      expect(events.at(-2)).toEqual({
        type: "tokenCount",
        info: expect.objectContaining({
          total_token_usage: expect.objectContaining({ total_tokens: 15 }),
        }),
        rateLimits: {
          limit_id: "codex_other",
          limit_name: null,
          primary: { used_percent: 100, window_minutes: null, resets_at: 2_000_000_000 },
          secondary: null,
          credits: { has_credits: true, unlimited: false, balance: "9" },
          individual_limit: null,
          plan_type: null,
          rate_limit_reached_type: reachedType,
        },
      });
    },
  );

  test.each(["0.140", "0.169"] as const)(
    "[core/T16] [core/api-G9] knows the plan when an error over WebSocket does not name it, under the policy of %s",
    async (errorPolicy) => {
      const told = rateLimits({ planType: "pro", primary: { usedPercent: 50 } });
      const refused = wrappedError({
        status: 429,
        type: "usage_limit_reached",
        headers: { "x-codex-primary-used-percent": 100 },
      });
      await using scene = await startScene([{ events: [created(), told, refused] }], {
        errorPolicy,
        providerInfo: { supportsWebsockets: true },
      });
      const events = await scene.turn("go");
      const plan = { limit_id: "codex", plan_type: "pro" };
      expect(events.slice(-3)).toMatchObject([
        { type: "tokenCount", rateLimits: { ...plan, primary: { used_percent: 50 } } },
        { type: "tokenCount", rateLimits: { ...plan, primary: { used_percent: 100 } } },
        { type: "turnFailed", error: { code: "usage_limit_reached" } },
      ]);
    },
  );

  test("[core/T16-broken] is not told of a broken response that said nothing of it", async () => {
    await using scene = await startScene(
      [{ events: [created(), reset()] }, messageExchange("Whole.")],
      { providerInfo: { supportsWebsockets: true } },
    );
    const counts = ofType(await scene.turn("go"), "tokenCount");
    expect(counts).toMatchObject([{ info: { total_token_usage: { total_tokens: 15 } } }]);
    expect(scene.server.requests).toHaveLength(3);
  });
});
