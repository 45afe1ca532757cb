import { describe, expect, test } from "vitest";
import type { ErrorPolicy } from "@codex-ts/api";
import { ApiError } from "@codex-ts/api";
import {
  failed,
  gate,
  hang,
  incomplete,
  rawEvent,
  startResponsesServer,
} from "@codex-ts/responses-server";
import type { ServerEvent } from "@codex-ts/responses-server";
import { waitFor } from "@codex-ts/test-support";
import { parseRetryHint } from "../../src/events/retry-hint.ts";
import { clientAt, outcomeOf, request } from "../support/client.ts";
import type { Outcome } from "../support/client.ts";
import { completedEvent, decodeChunks, delta, deltas, sse } from "../support/decode.ts";
import { holdTimers } from "../support/held-timers.ts";

function failedWith(error: unknown): object {
  return { type: "response.failed", response: { id: "r", error } };
}

async function failureOf(event: object, policy: ErrorPolicy = "0.169"): Promise<Outcome["error"]> {
  return (await decodeChunks([Buffer.from(sse(event))], { policy })).error;
}

describe("[api/F1] the code of a failure decides", () => {
  test.each([
    ["context_length_exceeded", "0.140", { code: "context_window_exceeded" }],
    ["insufficient_quota", "0.140", { code: "quota_exceeded" }],
    ["usage_not_included", "0.140", { code: "usage_not_included" }],
    ["cyber_policy", "0.140", { code: "policy", policy: "cyber", message: "said" }],
    ["invalid_prompt", "0.140", { code: "invalid_request", message: "said" }],
    ["server_is_overloaded", "0.140", { code: "server_overloaded" }],
    ["slow_down", "0.140", { code: "server_overloaded" }],
    ["slow_down", "0.169", { code: "rate_limit", message: "said" }],
    ["rate_limit_exceeded", "0.140", { code: "retryable", message: "said" }],
    ["rate_limit_exceeded", "0.169", { code: "rate_limit", message: "said" }],
    ["server_error", "0.169", { code: "retryable", serverCode: "server_error", message: "said" }],
    ["usage_limit_reached", "0.169", { code: "retryable", message: "said" }],
    ["invalid_request_error", "0.169", { code: "retryable", message: "said" }],
    ["credit_balance_exhausted", "0.169", { code: "quota_exceeded" }],
    ["organization_spend_limit_exceeded", "0.169", { code: "quota_exceeded" }],
    ["project_spend_limit_exceeded", "0.169", { code: "quota_exceeded" }],
    ["bio_policy", "0.169", { code: "policy", policy: "bio", message: "said" }],
    ["misalignment_policy_violation", "0.169", { code: "policy", policy: "misalignment" }],
    ["content_policy_violation", "0.169", { code: "policy", policy: "content", message: "said" }],
    [
      "model_not_found",
      "0.169",
      { code: "final_response", serverCode: "model_not_found", message: "said" },
    ],
    ["access_program_not_enabled", "0.169", { code: "final_response", message: "said" }],
    ["inference_hook_denied", "0.169", { code: "final_response", message: "said" }],
    ["policy_capacity_unavailable", "0.169", { code: "final_response" }],
    ["budget_reached", "0.169", { code: "final_response" }],
    ["invalid_audio", "0.169", { code: "final_response" }],
    ["bio_policy", "0.140", { code: "retryable", serverCode: "bio_policy" }],
    ["model_not_found", "0.140", { code: "retryable", serverCode: "model_not_found" }],
    ["credit_balance_exhausted", "0.140", { code: "retryable" }],
  ] as const)("%s under %s", async (code, policy, expected) => {
    const error = await failureOf(failedWith({ code, message: "said" }), policy);
    expect(ApiError.is(error)).toBe(true);
    expect(error).toMatchObject(expected);
    const silent = await failureOf(failedWith({ code }), policy);
    expect(silent?.code).toBe(expected.code);
  });

  test.each(["cyber_policy", "bio_policy", "misalignment_policy_violation", "invalid_prompt"])(
    "%s without a message has a text of its own",
    async (code) => {
      const error = await failureOf(failedWith({ code }));
      expect(error?.message).not.toBe("");
    },
  );

  test.each([{}, { message: "said" }, { code: null, message: "said" }])(
    "no code is retryable: %j",
    async (error) => {
      const message = "message" in error ? "said" : "";
      expect(await failureOf(failedWith(error))).toMatchObject({ code: "retryable", message });
    },
  );

  test("a blank policy message is replaced", async () => {
    const error = await failureOf(failedWith({ code: "cyber_policy", message: "  " }));
    expect(error?.message.trim()).not.toBe("");
  });
});

test.each([
  ["Rate limit reached. Please try again in 11.054s. Visit", 11_054],
  ["please try again in 28ms.", 28],
  ["Try Again In 35 seconds", 35_000],
  ["try again in 1.898s", 1898],
  ["try again in 1 second.", 1000],
  ["try again in 28.9ms", 28],
  ["try again in 2 s or try again in 9 s", 2000],
  ["try again soon", undefined],
  ["try again in 5 minutes", undefined],
  ["", undefined],
])("[api/F2] %j asks to wait %s ms", async (message, delayMs) => {
  expect(parseRetryHint(message)).toBe(delayMs);
  const limited = await failureOf(failedWith({ code: "rate_limit_exceeded", message }));
  expect(limited?.retryDelayMs).toBe(delayMs);
  const other = await failureOf(failedWith({ code: "server_error", message }));
  expect(other?.retryDelayMs).toBeUndefined();
});

test.each([
  [{ type: "response.failed", response: { error: null } }, undefined],
  [{ type: "response.failed", response: {} }, undefined],
  [{ type: "response.failed", response: { error: "text" } }, "text"],
  [{ type: "response.failed", response: { error: { code: 5 } } }, "5"],
  [{ type: "response.failed", response: { error: { code: 5, message: "m" } } }, "m (5)"],
  [{ type: "response.failed", response: { error: { code: "x", message: {} } } }, "x"],
  [
    { type: "response.failed", response: { error: { code: 5, detail: [{ msg: "a" }, "b"] } } },
    "a; b (5)",
  ],
  [{ type: "response.failed", response: { error: { resets_at: "soon" } } }, undefined],
  [{ type: "response.failed", response: null }, undefined],
  [{ type: "response.failed" }, undefined],
])("[api/F3] %j has no usable error; its words, if any, are shown", async (event, words) => {
  const said = words === undefined ? "" : `; the server said: ${words}`;
  expect(await failureOf(event)).toMatchObject({
    code: "stream",
    reason: "failed_without_detail",
    message: `response.failed event received${said}`,
  });
});

test.each([
  [{ incomplete_details: { reason: "max_output_tokens" } }, "max_output_tokens"],
  [{ incomplete_details: { reason: "content_filter" } }, "content_filter"],
  [{ incomplete_details: null }, "unknown"],
  [{ incomplete_details: { reason: 5 } }, "unknown"],
  [undefined, "unknown"],
])("[api/F4] an incomplete response of %j has the reason %s", async (response, reason) => {
  const error = await failureOf({ type: "response.incomplete", response });
  expect(error).toMatchObject({
    code: "stream",
    reason: "incomplete",
    incompleteReason: reason,
    message: `Incomplete response returned, reason: ${reason}`,
  });
});

describe("when a failure ends the stream", () => {
  const final = failed({ code: "context_length_exceeded", message: "too long" });
  const retryable = failed({ code: "server_error", message: "try later" });

  async function outcomeOfSteps(
    events: readonly (ServerEvent | ReturnType<typeof rawEvent>)[],
    policy: ErrorPolicy,
  ): Promise<Outcome> {
    await using server = await startResponsesServer({ script: [{ events }] });
    const client = clientAt(server.url, {}, { errorPolicy: policy });
    return await outcomeOf(await client.stream(request()));
  }

  async function outcomeOfSilenceAfter(event: ServerEvent, policy: ErrorPolicy): Promise<Outcome> {
    await using server = await startResponsesServer({ script: [{ events: [event, hang()] }] });
    using time = holdTimers();
    let seen = 0;
    const observer = { onStreamPolled: () => (seen += 1) };
    const provider = { streamIdleTimeoutMs: 150 };
    const client = clientAt(server.url, provider, { errorPolicy: policy, observer });
    const outcome = outcomeOf(await client.stream(request()));
    await waitFor(() => seen === 1);
    await time.advance(150);
    return await outcome;
  }

  test("[api/F5] a final one does at once, though the connection stays open", async () => {
    await using server = await startResponsesServer({
      script: [{ requestId: "req-1", events: [final, gate("never")] }],
    });
    const { error } = await outcomeOf(await clientAt(server.url).stream(request()));
    expect(error).toMatchObject({ code: "context_window_exceeded", upstreamRequestId: "req-1" });
    await server.waitFor(() => server.exchanges[0]?.clientGone);
  });

  test("[api/F5] an incomplete response does too, unless a filter cut it", async () => {
    const cut = await outcomeOfSilenceAfter(incomplete("max_output_tokens"), "0.169");
    expect(cut.error).toMatchObject({ reason: "incomplete" });
    const filtered = await outcomeOfSilenceAfter(incomplete("content_filter"), "0.169");
    expect(filtered.error).toMatchObject({ reason: "idle_timeout" });
  });

  test("[api/F5] under 0.140 a final one waits for the end, too", async () => {
    const rescued = await outcomeOfSteps([final, rawEvent(completedEvent)], "0.140");
    expect(rescued.error).toBeUndefined();
    const ended = await outcomeOfSteps([final], "0.140");
    expect(ended.error).toMatchObject({ code: "context_window_exceeded" });
    const silent = await outcomeOfSilenceAfter(final, "0.140");
    expect(silent.error).toMatchObject({ reason: "idle_timeout" });
  });

  test("[api/F6] a retryable one is forgotten when the response completes", async () => {
    const outcome = await outcomeOfSteps([retryable, rawEvent(completedEvent)], "0.169");
    expect(outcome.error).toBeUndefined();
    expect(outcome.events.at(-1)?.type).toBe("completed");
  });

  test("[api/F7] a retryable one followed by silence is an idle timeout", async () => {
    const outcome = await outcomeOfSilenceAfter(retryable, "0.169");
    expect(outcome.error).toMatchObject({ code: "stream", reason: "idle_timeout" });
  });

  test("[api/F8] of two retryable ones the last is delivered", async () => {
    const second = failed({ code: "server_error", message: "second" });
    const outcome = await outcomeOfSteps([retryable, second], "0.169");
    expect(outcome.error).toMatchObject({ code: "retryable", message: "second" });
  });

  test("events after a remembered failure are still delivered", async () => {
    const text = [failedWith({ code: "server_error" }), delta("late")].map(sse).join("");
    const outcome = await decodeChunks([Buffer.from(text)]);
    expect(deltas(outcome)).toEqual(["late"]);
    expect(outcome.error).toMatchObject({ code: "retryable" });
  });
});
