import { describe, expect, test } from "vitest";
import type { AnyApiError, CodexError, ErrorPolicy } from "@codex-ts/api";
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
  RetryableError,
  RetryLimitError,
  ServerOverloadedError,
  StreamError,
  TimeoutError,
  toCodexError,
  UsageNotIncludedError,
} from "@codex-ts/api";
import { errorExchange, startResponsesServer } from "@codex-ts/responses-server";
import { apiErrorOf, clientAt, request, retries } from "../support/client.ts";

interface Refusal {
  readonly status: number;
  readonly body?: object | string;
  readonly facts?: Partial<ConstructorParameters<typeof HttpStatusError>[0]>;
  readonly policy?: ErrorPolicy;
}

function refused({ status, body, facts, policy = "0.169" }: Refusal): CodexError {
  const bodyText = typeof body === "object" ? JSON.stringify(body) : body;
  const error = new HttpStatusError({ status, url: undefined, headers: {}, bodyText, ...facts });
  return toCodexError(error, { errorPolicy: policy });
}

function withCode(code: string, message = "said"): object {
  return { error: { code, message } };
}

const sent = { upstreamRequestId: "req-1", retryDelayMs: 2000 };

describe("[api/G1] a refusal, first match of the table", () => {
  test.each<[string, Refusal, Partial<CodexError>]>([
    [
      "503 at capacity",
      { status: 503, body: withCode("server_is_overloaded") },
      { code: "server_overloaded", retryable: false, info: "server_overloaded" },
    ],
    [
      "503 at capacity with a wait",
      { status: 503, body: withCode("server_is_overloaded"), facts: sent },
      { code: "server_overloaded", retryable: true, retryDelayMs: 2000 },
    ],
    [
      "503 at capacity with a wait under 0.140",
      { status: 503, body: withCode("server_is_overloaded"), facts: sent, policy: "0.140" },
      { code: "server_overloaded", retryable: false, retryDelayMs: undefined },
    ],
    [
      "503 slow down",
      { status: 503, body: withCode("slow_down") },
      { code: "rate_limit", retryable: true },
    ],
    [
      "503 slow down under 0.140",
      { status: 503, body: withCode("slow_down"), policy: "0.140" },
      { code: "server_overloaded", retryable: false },
    ],
    [
      "503 otherwise",
      { status: 503, body: "down" },
      { code: "unexpected_status", retryable: true },
    ],
    [
      "503 with another overload code",
      { status: 503, body: withCode("server_overloaded") },
      { code: "unexpected_status" },
    ],
    [
      "400 cyber policy",
      { status: 400, body: withCode("cyber_policy"), policy: "0.140" },
      { code: "policy", policy: "cyber", message: "said", info: "cyber_policy" },
    ],
    [
      "403 cyber policy",
      { status: 403, body: withCode("cyber_policy") },
      { code: "unexpected_status" },
    ],
    [
      "400 with a bad image",
      {
        status: 400,
        body: withCode("x", "The image data you provided does not represent a valid image. Please"),
      },
      { code: "invalid_image", retryable: false },
    ],
    [
      "400 with a bad image URL",
      { status: 400, body: { error: { code: "invalid_value", param: "input[1].image_url" } } },
      { code: "invalid_image" },
    ],
    [
      "400 with a bad image URL under 0.140",
      {
        status: 400,
        body: { error: { code: "invalid_value", param: "input[1].image_url" } },
        policy: "0.140",
      },
      { code: "invalid_request" },
    ],
    [
      "400 otherwise shows the whole body",
      { status: 400, body: withCode("unknown_code") },
      {
        code: "invalid_request",
        retryable: false,
        message: JSON.stringify(withCode("unknown_code")),
      },
    ],
    [
      "400 previous_response_not_found",
      { status: 400, body: withCode("previous_response_not_found") },
      { code: "invalid_request" },
    ],
    [
      "400 context length",
      { status: 400, body: withCode("context_length_exceeded") },
      { code: "context_window_exceeded", info: "context_window_exceeded" },
    ],
    [
      "400 context length under 0.140",
      { status: 400, body: withCode("context_length_exceeded"), policy: "0.140" },
      { code: "invalid_request" },
    ],
    [
      "413 context length",
      { status: 413, body: withCode("context_length_exceeded") },
      { code: "unexpected_status", retryable: true },
    ],
    [
      "400 invalid prompt",
      { status: 400, body: withCode("invalid_prompt") },
      { code: "invalid_request", message: "said" },
    ],
    [
      "400 bio policy",
      { status: 400, body: withCode("bio_policy") },
      { code: "policy", policy: "bio", message: "said" },
    ],
    [
      "400 content policy",
      { status: 400, body: withCode("content_policy_violation") },
      { code: "policy", policy: "content", message: "said" },
    ],
    [
      "400 misalignment",
      { status: 400, body: withCode("misalignment_policy_violation") },
      { code: "policy", policy: "misalignment" },
    ],
    [
      "403 misalignment",
      { status: 403, body: withCode("misalignment_policy_violation") },
      { code: "policy", policy: "misalignment", message: "said" },
    ],
    [
      "400 unknown model",
      { status: 400, body: withCode("model_not_found") },
      { code: "final_response", serverCode: "model_not_found", message: "said" },
    ],
    [
      "404 unknown model",
      { status: 404, body: withCode("model_not_found") },
      { code: "final_response", retryable: false },
    ],
    [
      "404 unknown model under 0.140",
      { status: 404, body: withCode("model_not_found"), policy: "0.140" },
      { code: "unexpected_status" },
    ],
    [
      "500",
      { status: 500, body: withCode("server_is_overloaded") },
      { code: "internal_server_error", retryable: true, info: "internal_server_error" },
    ],
    [
      "429 plan without the use",
      { status: 429, body: { error: { type: "usage_not_included" } } },
      { code: "usage_not_included", retryable: false, info: "usage_limit_exceeded" },
    ],
    [
      "429 quota by code",
      { status: 429, body: withCode("insufficient_quota") },
      { code: "quota_exceeded", info: "usage_limit_exceeded" },
    ],
    [
      "429 quota by type",
      { status: 429, body: { error: { type: "insufficient_quota" } } },
      { code: "quota_exceeded" },
    ],
    [
      "429 credit",
      { status: 429, body: withCode("credit_balance_exhausted") },
      { code: "quota_exceeded" },
    ],
    [
      "429 spending",
      { status: 429, body: withCode("organization_spend_limit_exceeded") },
      { code: "quota_exceeded" },
    ],
    [
      "429 quota under 0.140",
      { status: 429, body: withCode("insufficient_quota"), policy: "0.140" },
      { code: "retry_limit", retryable: false },
    ],
    [
      "429 otherwise",
      { status: 429, body: "slow" },
      {
        code: "retry_limit",
        retryable: false,
        status: 429,
        info: { response_too_many_failed_attempts: { http_status_code: 429 } },
      },
    ],
    ["401", { status: 401 }, { code: "unexpected_status", retryable: true, status: 401 }],
    ["502", { status: 502, body: withCode("slow_down") }, { code: "unexpected_status" }],
    ["418", { status: 418 }, { code: "unexpected_status", retryable: true }],
  ])("%s", (_name, refusal, expected) => {
    expect(refused(refusal)).toMatchObject(expected);
  });

  test.each<[AnyApiError, Partial<CodexError>]>([
    [
      new NetworkError("connect ECONNREFUSED"),
      {
        code: "stream",
        retryable: true,
        message: "stream disconnected before completion: connect ECONNREFUSED",
      },
    ],
    [new RequestBuildError("no URL"), { code: "stream", retryable: true }],
    [
      new TimeoutError(),
      { code: "request_timeout", message: "request timed out", retryable: true },
    ],
    [
      new RetryLimitError(),
      {
        code: "retry_limit",
        retryable: false,
        message: "exceeded retry limit, last status: 500 Internal Server Error",
      },
    ],
    [
      new StreamError("stream closed", { reason: "closed_early", upstreamRequestId: "req-1" }),
      {
        code: "stream",
        retryable: true,
        upstreamRequestId: "req-1",
        message: "stream disconnected before completion: stream closed",
      },
    ],
    [
      new RetryableError("again", { retryDelayMs: 28, serverCode: "x" }),
      {
        code: "stream",
        retryable: true,
        retryDelayMs: 28,
        message: "stream disconnected before completion: again",
      },
    ],
    [
      new RateLimitError("limited", { retryDelayMs: 28 }),
      { code: "rate_limit", retryable: true, retryDelayMs: 28 },
    ],
    [new ContextWindowExceededError("m"), { code: "context_window_exceeded", retryable: false }],
    [new QuotaExceededError("m"), { code: "quota_exceeded", retryable: false }],
    [new UsageNotIncludedError("m"), { code: "usage_not_included", retryable: false }],
    [new ServerOverloadedError("m"), { code: "server_overloaded", retryable: false }],
    [new InvalidRequestError("m"), { code: "invalid_request", message: "m", retryable: false }],
    [new PolicyError("m", { policy: "bio" }), { code: "policy", policy: "bio", info: "other" }],
    [
      new FinalResponseError("m", { serverCode: "invalid_audio" }),
      { code: "final_response", serverCode: "invalid_audio", retryable: false, message: "m" },
    ],
  ])("%o", (error, expected) => {
    expect(toCodexError(error)).toMatchObject(expected);
  });

  test("under 0.140 a rate limit is a broken stream without a delay", () => {
    const error = new RateLimitError("m", { retryDelayMs: 5 });
    expect(toCodexError(error, { errorPolicy: "0.140" })).toMatchObject({
      code: "stream",
      message: "stream disconnected before completion: m",
      retryDelayMs: undefined,
    });
  });

  test.each([
    ["0.169", "max_output_tokens", false, "cut short"],
    ["0.169", "content_filter", true, "stream disconnected before completion: cut short"],
    ["0.140", "max_output_tokens", true, "stream disconnected before completion: cut short"],
  ] as const)(
    "under %s an incomplete response (%s) is retried: %s",
    (errorPolicy, reason, retryable, message) => {
      const error = new StreamError("cut short", {
        reason: "incomplete",
        incompleteReason: reason,
      });
      expect(toCodexError(error, { errorPolicy })).toMatchObject({ retryable, message });
    },
  );
});

describe("the text of an unexpected status", () => {
  test("[api/G2] names every id that is known", () => {
    const error = refused({
      status: 401,
      body: withCode("invalid_api_key", " Incorrect key. "),
      facts: {
        url: "http://h/v1/responses",
        cfRay: "ray-1",
        upstreamRequestId: "req-1",
        authError: "missing_token",
        authErrorCode: "token_expired",
      },
    });
    expect(error.message).toBe(
      "unexpected status 401 Unauthorized: Incorrect key., url: http://h/v1/responses, cf-ray: ray-1, request id: req-1, auth error: missing_token, auth error code: token_expired",
    );
  });

  test("[api/G2] reads those ids from the headers of a real answer", async () => {
    const errorJson = Buffer.from('{"error":{"code":"token_expired"}}').toString("base64");
    await using server = await startResponsesServer({
      script: [
        {
          ...errorExchange(401, { requestId: null }),
          headers: {
            "x-oai-request-id": "oai-1",
            "cf-ray": "ray-1",
            "x-openai-authorization-error": "missing_token",
            "x-error-json": errorJson,
          },
        },
      ],
    });
    const error = await apiErrorOf(clientAt(server.url, retries(0)).stream(request()));
    expect(error).toMatchObject({
      upstreamRequestId: "oai-1",
      cfRay: "ray-1",
      authError: "missing_token",
      authErrorCode: "token_expired",
    });
  });

  test.each(["!!!", "bm90IGpzb24=", "e30=", ""])(
    "does not stumble over x-error-json %j",
    async (encoded) => {
      await using server = await startResponsesServer({
        script: [{ ...errorExchange(401), headers: { "x-error-json": encoded } }],
      });
      const error = await apiErrorOf(clientAt(server.url, retries(0)).stream(request()));
      expect(error).toMatchObject({ status: 401, authErrorCode: undefined });
    },
  );

  test("[api/G3] says that Cloudflare blocked the request", () => {
    const { message } = refused({
      status: 403,
      body: "<html>Sorry, you have been blocked by Cloudflare</html>",
      facts: { url: "http://h/v1", cfRay: "ray-1" },
    });
    expect(message).toContain("Cloudflare blocked");
    expect(message).toMatch(/\(status 403 Forbidden\), url: http:\/\/h\/v1, cf-ray: ray-1$/);
    expect(message).not.toContain("<html>");
  });

  test.each([
    ["", "Unknown error"],
    ["  \n", "Unknown error"],
    [undefined, "Unknown error"],
    ["x".repeat(1000), "x".repeat(1000)],
    ["x".repeat(1500), `${"x".repeat(1000)}...`],
    [`${"x".repeat(999)}éé`, `${"x".repeat(999)}...`],
    [`${"x".repeat(998)}🥊z`, `${"x".repeat(998)}...`],
    ['{"error":{"message":" "}}', '{"error":{"message":" "}}'],
  ])("[api/G4] shows of the body %j", (body, shown) => {
    expect(refused({ status: 404, ...(body !== undefined && { body }) }).message).toBe(
      `unexpected status 404 Not Found: ${shown}`,
    );
  });

  test("an unknown status is told by its number", () => {
    expect(refused({ status: 599, body: "x" }).message).toMatch(/^unexpected status 599.*: x$/);
  });
});

describe("429", () => {
  test.each([
    [{ upstreamRequestId: "req-1", cfRay: "ray-1" }, ", request id: req-1"],
    [{ cfRay: "ray-1" }, ", request id: ray-1"],
    [{}, ""],
  ])("[api/G5] %j gives the id to the retry-limit text", (facts, tail) => {
    expect(refused({ status: 429, facts }).message).toBe(
      `exceeded retry limit, last status: 429 Too Many Requests${tail}`,
    );
  });

  test("[api/G6] with Retry-After is tried again after that wait", () => {
    expect(refused({ status: 429, facts: { retryDelayMs: 1000 } })).toMatchObject({
      code: "retry_limit",
      retryable: true,
      retryDelayMs: 1000,
    });
    const older = refused({ status: 429, facts: { retryDelayMs: 1000 }, policy: "0.140" });
    expect(older).toMatchObject({ retryable: false, retryDelayMs: undefined });
  });
});
