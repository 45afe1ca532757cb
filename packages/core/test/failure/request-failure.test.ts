import { describe, expect, test } from "vitest";
import {
  ContextWindowExceededError,
  FinalResponseError,
  HttpStatusError,
  InvalidRequestError,
  NetworkError,
  PolicyError,
  QuotaExceededError,
  RateLimitError,
  RequestBuildError,
  RetryLimitError,
  RetryableError,
  ServerOverloadedError,
  StreamError,
  TimeoutError,
  UsageNotIncludedError,
} from "@codex-ts/api";
import { toRequestFailure } from "@codex-ts/core";
import type { RequestFailureCode } from "@codex-ts/core";

const status = (
  code: number,
  body: unknown,
  facts: Partial<ConstructorParameters<typeof HttpStatusError>[0]> = {},
): HttpStatusError =>
  new HttpStatusError({
    status: code,
    url: "http://127.0.0.1:1/v1/responses",
    headers: {},
    bodyText: typeof body === "string" ? body : JSON.stringify({ error: body }),
    upstreamRequestId: "req_1",
    ...facts,
  });

type Row = readonly [
  name: string,
  error: unknown,
  code: RequestFailureCode,
  retryable: boolean,
  message: string | RegExp,
];

const both: readonly Row[] = [
  [
    "a broken stream",
    new StreamError("stream closed before response.completed", { reason: "closed_early" }),
    "stream",
    true,
    "stream disconnected before completion: stream closed before response.completed",
  ],
  ["a lost connection", new NetworkError("reset"), "stream", true, /^stream disconnected .*reset/],
  ["an unbuildable request", new RequestBuildError("bad"), "stream", true, /bad/],
  ["a timeout", new TimeoutError(), "request_timeout", true, "request timed out"],
  [
    "a full context window",
    new ContextWindowExceededError("x"),
    "context_window_exceeded",
    false,
    /context window/,
  ],
  ["a used-up quota", new QuotaExceededError("x"), "quota_exceeded", false, /quota/],
  ["a plan without the model", new UsageNotIncludedError("x"), "usage_not_included", false, /plan/],
  ["an overloaded model", new ServerOverloadedError("x"), "server_overloaded", false, /capacity/],
  ["an invalid prompt", new InvalidRequestError("no"), "invalid_request", false, "no"],
  ["a policy", new PolicyError("flagged", { policy: "cyber" }), "policy", false, "flagged"],
  [
    "a final code",
    new FinalResponseError("gone", { serverCode: "model_not_found" }),
    "model_unavailable",
    false,
    "gone",
  ],
  [
    "used-up transport retries",
    new RetryLimitError(),
    "retry_limit",
    false,
    "exceeded retry limit, last status: 500 Internal Server Error",
  ],
  ["500", status(500, {}), "internal_server_error", true, /high demand/],
  [
    "400",
    status(400, { message: "Bad.", type: "invalid_request_error" }),
    "invalid_request",
    false,
    '{"error":{"message":"Bad.","type":"invalid_request_error"}}',
  ],
  [
    "400 with cyber_policy",
    status(400, { code: "cyber_policy", message: "Stop." }),
    "policy",
    false,
    "Stop.",
  ],
  [
    "400 about an image",
    status(400, { message: "The image data you provided does not represent a valid image" }),
    "invalid_image",
    false,
    /image/,
  ],
  [
    "401",
    status(401, { message: "Incorrect API key provided." }, { cfRay: "ray_1" }),
    "unexpected_status",
    true,
    "unexpected status 401 Unauthorized: Incorrect API key provided., url: http://127.0.0.1:1/v1/responses, cf-ray: ray_1, request id: req_1",
  ],
  ["404 without body", status(404, ""), "unexpected_status", true, /404 Not Found: Unknown error,/],
  [
    "418 with a long body",
    status(418, "ä".repeat(600)),
    "unexpected_status",
    true,
    new RegExp(`418: ${"ä".repeat(500)}\\.\\.\\., url`),
  ],
  [
    "429",
    status(429, { type: "tokens" }),
    "retry_limit",
    false,
    "exceeded retry limit, last status: 429 Too Many Requests, request id: req_1",
  ],
  [
    "429 with a usage limit",
    status(429, { type: "usage_limit_reached", plan_type: "plus", resets_at: 1_704_067_242 }),
    "usage_limit_reached",
    false,
    /usage limit reached; upgrade to Pro or buy credits, or try again at Jan 1, 2024/,
  ],
  [
    "429 without the plan",
    status(429, { type: "usage_not_included" }),
    "usage_not_included",
    false,
    /plan/,
  ],
  [
    "503 overloaded",
    status(503, { code: "server_is_overloaded" }),
    "server_overloaded",
    false,
    /capacity/,
  ],
  [
    "503",
    status(503, { message: "Down." }),
    "unexpected_status",
    true,
    /503 Service Unavailable: Down./,
  ],
  ["an error nobody foresaw", new Error("odd"), "internal", false, "odd"],
  [
    "a missing key variable",
    Object.assign(new Error("set MOCK_KEY"), { code: "env_var" }),
    "configuration",
    false,
    "set MOCK_KEY",
  ],
];

/** Rows on which the two policies disagree: what 0.169 makes of it, then what 0.140 does. */
const differing: readonly (readonly [Row, RequestFailureCode, boolean])[] = [
  [
    [
      "rate_limit_exceeded",
      new RetryableError("try again in 28ms", {
        serverCode: "rate_limit_exceeded",
        retryDelayMs: 28,
      }),
      "rate_limit",
      true,
      "rate limit exceeded: try again in 28ms",
    ],
    "stream",
    true,
  ],
  [
    ["a rate limit", new RateLimitError("slow"), "rate_limit", true, "rate limit exceeded: slow"],
    "stream",
    true,
  ],
  [
    ["503 slow_down", status(503, { code: "slow_down" }), "rate_limit", true, /rate limit/],
    "server_overloaded",
    false,
  ],
  [
    [
      "400 context_length_exceeded",
      status(400, { code: "context_length_exceeded" }),
      "context_window_exceeded",
      false,
      /context window/,
    ],
    "invalid_request",
    false,
  ],
  [
    [
      "404 model_not_found",
      status(404, { code: "model_not_found", message: "No such model." }),
      "model_unavailable",
      false,
      "No such model.",
    ],
    "unexpected_status",
    true,
  ],
  [
    [
      "429 insufficient_quota",
      status(429, { code: "insufficient_quota" }),
      "quota_exceeded",
      false,
      /quota/,
    ],
    "retry_limit",
    false,
  ],
  [
    [
      "429 with Retry-After",
      status(429, {}, { retryDelayMs: 3000 }),
      "retry_limit",
      true,
      /429 Too Many/,
    ],
    "retry_limit",
    false,
  ],
  [
    [
      "503 overloaded with Retry-After",
      status(503, { code: "server_is_overloaded" }, { retryDelayMs: 1000 }),
      "server_overloaded",
      true,
      /capacity/,
    ],
    "server_overloaded",
    false,
  ],
];

describe("a failed request", () => {
  for (const [name, error, code, retryable, message] of both) {
    test(`[core/C9] is judged: ${name}`, () => {
      for (const policy of ["0.169", "0.140"] as const) {
        const failure = toRequestFailure(error, policy);
        expect(failure).toMatchObject({ code, retryable });
        expect(failure.message).toMatch(message);
      }
    });
  }

  for (const [[name, error, code, retryable, message], olderCode, olderRetryable] of differing) {
    test(`[core/C9-policy] is judged by policy: ${name}`, () => {
      const newer = toRequestFailure(error, "0.169");
      expect(newer).toMatchObject({ code, retryable });
      expect(newer.message).toMatch(message);
      expect(toRequestFailure(error, "0.140")).toMatchObject({
        code: olderCode,
        retryable: olderRetryable,
      });
    });
  }

  test("[core/C9] keeps the delay the server asked for and its request id", () => {
    const error = new RetryableError("wait", {
      serverCode: "x",
      retryDelayMs: 1200,
      upstreamRequestId: "req_9",
    });
    expect(toRequestFailure(error, "0.140")).toMatchObject({
      retryDelayMs: 1200,
      upstreamRequestId: "req_9",
    });
  });

  test("[core/C9-limits] names the limit, the workspace or the promotion of a usage limit", () => {
    const text = (headers: Record<string, string>): string =>
      toRequestFailure(status(429, { type: "usage_limit_reached" }, { headers }), "0.169").message;
    expect(
      text({ "x-codex-active-limit": "codex_other", "x-codex-other-limit-name": "Spark" }),
    ).toMatch(/limit of Spark reached; switch to another model, or try again later/);
    expect(
      text({ "x-codex-rate-limit-reached-type": "workspace_member_credits_depleted" }),
    ).toMatch(/ask its owner/);
    expect(text({ "x-codex-promo-message": "get more at the shop" })).toMatch(
      /get more at the shop/,
    );
    expect(text({})).toBe("usage limit reached; try again later");
  });
});
