import { describe, expect, test } from "vitest";
import type { CodexErrorKind, UnexpectedStatusKind } from "@codex-ts/protocol";
import { codexErrorText, httpStatusText, shortenErrorText } from "@codex-ts/protocol";

const facts: UnexpectedStatusKind = {
  kind: "unexpectedStatus",
  status: 401,
  body: "",
  url: null,
  cfRay: null,
  upstreamRequestId: null,
  authError: null,
  authErrorCode: null,
};

describe("unexpected status", () => {
  test.each([
    ['{"error":{"message":"  Bad key. "}}', "Bad key."],
    ['{"error":{"message":"  "}}', '{"error":{"message":"  "}}'],
    ['{"error":"flat"}', '{"error":"flat"}'],
    ['{"detail":"x"}', '{"detail":"x"}'],
    ["[1]", "[1]"],
    ["  plain text\n", "plain text"],
    ["", "Unknown error"],
    [" \n", "Unknown error"],
    ["x".repeat(1000), "x".repeat(1000)],
    ["x".repeat(1001), `${"x".repeat(1000)}...`],
    ["é".repeat(501), `${"é".repeat(500)}...`],
    [`a${"é".repeat(501)}`, `a${"é".repeat(499)}...`],
    [`${"x".repeat(998)}😀y`, `${"x".repeat(998)}...`],
  ])("[protocol/P34] of the body %j shows %j", (body, shown) => {
    expect(codexErrorText({ ...facts, body })).toBe(`unexpected status 401 Unauthorized: ${shown}`);
  });

  test("[protocol/P34] adds what is known, in this order", () => {
    const error: UnexpectedStatusKind = {
      ...facts,
      status: 403,
      body: "no",
      url: "http://h/v1/responses",
      cfRay: "ray",
      upstreamRequestId: "req_1",
      authError: "ae",
      authErrorCode: "aec",
    };
    expect(codexErrorText(error)).toBe(
      "unexpected status 403 Forbidden: no, url: http://h/v1/responses, cf-ray: ray, request id: req_1, auth error: ae, auth error code: aec",
    );
    expect(codexErrorText({ ...error, cfRay: null, authError: null, authErrorCode: null })).toBe(
      "unexpected status 403 Forbidden: no, url: http://h/v1/responses, request id: req_1",
    );
  });

  test("[protocol/P34] a page of Cloudflare that says blocked is explained", () => {
    const body = "<html>Cloudflare … you have been blocked</html>";
    const text = codexErrorText({ ...facts, status: 403, body, cfRay: "ray" });
    expect(text).toMatch(/^Cloudflare blocked .* region .* \(status 403 Forbidden\), cf-ray: ray$/);
    expect(codexErrorText({ ...facts, status: 401, body })).toContain("unexpected status 401");
    expect(codexErrorText({ ...facts, status: 403, body: "Cloudflare" })).toContain("unexpected");
  });

  test("statuses have their reason phrase", () => {
    expect([401, 429, 500, 599].map(httpStatusText)).toEqual([
      "401 Unauthorized",
      "429 Too Many Requests",
      "500 Internal Server Error",
      "599 <unknown status code>",
    ]);
  });
});

describe("texts programs compare", () => {
  test.each<[CodexErrorKind, string]>([
    [
      { kind: "stream", message: "closed", retryDelayMs: null },
      "stream disconnected before completion: closed",
    ],
    [{ kind: "rateLimited", message: "slow", retryDelayMs: 1 }, "rate limit exceeded: slow"],
    [{ kind: "requestTimeout" }, "request timed out"],
    [
      { kind: "retryLimit", status: 429, upstreamRequestId: "req_1", retryDelayMs: null },
      "exceeded retry limit, last status: 429 Too Many Requests, request id: req_1",
    ],
    [
      { kind: "retryLimit", status: 500, upstreamRequestId: null, retryDelayMs: null },
      "exceeded retry limit, last status: 500 Internal Server Error",
    ],
    [{ kind: "invalidRequest", message: '{"raw":1}', serverCode: null }, '{"raw":1}'],
    [{ kind: "cyberPolicy", message: "flagged" }, "flagged"],
    [{ kind: "fatal", message: "boom" }, "Fatal error: boom"],
    [
      { kind: "missingEnvironmentVariable", name: "X_KEY", instructions: "Set it." },
      "Missing environment variable: `X_KEY`. Set it.",
    ],
    [
      { kind: "missingEnvironmentVariable", name: "X_KEY", instructions: null },
      "Missing environment variable: `X_KEY`.",
    ],
  ])("%j", (error, text) => {
    expect(codexErrorText(error)).toBe(text);
  });

  test.each<CodexErrorKind>([
    { kind: "internalServerError" },
    { kind: "contextWindowExceeded" },
    { kind: "quotaExceeded" },
    { kind: "usageNotIncluded" },
    { kind: "serverOverloaded", retryDelayMs: null },
    { kind: "invalidImageRequest" },
    { kind: "turnAborted" },
    { kind: "interrupted" },
    { kind: "internalAgentDied" },
    { kind: "childTimeout" },
  ])("$kind is one line", (error) => {
    expect(codexErrorText(error)).toMatch(/^[^\n]{5,120}$/);
  });

  test.each<[CodexErrorKind, string]>([
    [{ kind: "connectionFailed", message: "MARK", status: null }, "MARK"],
    [
      { kind: "responseStreamFailed", message: "MARK", status: null, upstreamRequestId: "req_1" },
      "MARK, request id: req_1",
    ],
    [{ kind: "threadNotFound", threadId: "MARK" }, "MARK"],
    [{ kind: "agentLimitReached", maxAgents: 6 }, "6"],
    [{ kind: "sandbox", reason: "denied", message: "MARK" }, "MARK"],
    [{ kind: "spawn", message: "MARK" }, "MARK"],
    [{ kind: "io", message: "MARK" }, "MARK"],
    [{ kind: "json", message: "MARK" }, "MARK"],
    [{ kind: "refreshTokenFailed", reason: "revoked", message: "MARK" }, "MARK"],
    [{ kind: "unsupportedOperation", message: "MARK" }, "MARK"],
  ])("%j says its facts", (error, expected) => {
    expect(codexErrorText(error)).toContain(expected);
  });
});

const bytes = (text: string): number => Buffer.byteLength(text);

describe("texts for people", () => {
  test("long ones lose their middle, between characters", () => {
    const text = `start${"é😀".repeat(2000)}end`;
    const short = shortenErrorText(text);
    expect(bytes(short)).toBeLessThanOrEqual(2048);
    expect(bytes(short)).toBeGreaterThan(2030);
    expect(short).toMatch(/^start[é😀]+…[é😀]+end$/u);
    expect(short).not.toContain("\uFFFD");
  });

  test("short ones stay", () => {
    expect(shortenErrorText("x".repeat(2048))).toBe("x".repeat(2048));
    expect(shortenErrorText("abcdef", 5)).toBe("a…f");
    expect(shortenErrorText("abcdef", 3)).toBe("…");
  });
});
