import { describe, expect, test } from "vitest";
import type { CodexErrorInfo, CodexErrorKind } from "@codex-ts/protocol";
import {
  httpStatusOf,
  isRetryable,
  marksTurnFailed,
  readCodexErrorInfo,
  retryNoticeInfo,
  toCodexErrorInfo,
  toWireCodexErrorInfo,
} from "@codex-ts/protocol";

const status: CodexErrorKind = {
  kind: "unexpectedStatus",
  status: 404,
  body: "",
  url: null,
  cfRay: null,
  upstreamRequestId: null,
  authError: null,
  authErrorCode: null,
};
const usageLimit: CodexErrorKind = {
  kind: "usageLimitReached",
  planType: null,
  resetsAt: null,
  limitName: null,
  reachedType: null,
  promoMessage: null,
};

/** Every kind: tried again under 0.140, under 0.169, error info under 0.140, and under 0.169 where it differs. */
const ROWS: readonly [CodexErrorKind, boolean, boolean, CodexErrorInfo, CodexErrorInfo?][] = [
  [{ kind: "stream", message: "m", retryDelayMs: null }, true, true, "other"],
  [{ kind: "rateLimited", message: "m", retryDelayMs: 5 }, true, true, "other"],
  [{ kind: "requestTimeout" }, true, true, "other"],
  [status, true, true, "other", { http_connection_failed: { http_status_code: 404 } }],
  [{ kind: "internalServerError" }, true, true, "internal_server_error"],
  [
    { kind: "connectionFailed", message: "m", status: null },
    true,
    true,
    { http_connection_failed: { http_status_code: null } },
  ],
  [
    { kind: "responseStreamFailed", message: "m", status: 502, upstreamRequestId: null },
    true,
    true,
    { response_stream_connection_failed: { http_status_code: 502 } },
  ],
  [
    { kind: "retryLimit", status: 429, upstreamRequestId: null, retryDelayMs: null },
    false,
    false,
    { response_too_many_failed_attempts: { http_status_code: 429 } },
  ],
  [
    { kind: "retryLimit", status: 429, upstreamRequestId: null, retryDelayMs: 0 },
    false,
    true,
    { response_too_many_failed_attempts: { http_status_code: 429 } },
  ],
  [{ kind: "contextWindowExceeded" }, false, false, "context_window_exceeded"],
  [usageLimit, false, false, "usage_limit_exceeded"],
  [{ kind: "quotaExceeded" }, false, false, "usage_limit_exceeded"],
  [{ kind: "usageNotIncluded" }, false, false, "usage_limit_exceeded"],
  [{ kind: "serverOverloaded", retryDelayMs: null }, false, false, "server_overloaded"],
  [{ kind: "serverOverloaded", retryDelayMs: 1000 }, false, true, "server_overloaded"],
  [{ kind: "cyberPolicy", message: "m" }, false, false, "cyber_policy"],
  [{ kind: "invalidRequest", message: "m", serverCode: null }, false, false, "other"],
  [
    { kind: "invalidRequest", message: "m", serverCode: "invalid_prompt" },
    false,
    false,
    "other",
    "invalid_prompt",
  ],
  [{ kind: "invalidImageRequest" }, false, false, "other"],
  [{ kind: "refreshTokenFailed", reason: "expired", message: "m" }, false, false, "unauthorized"],
  [{ kind: "missingEnvironmentVariable", name: "X", instructions: null }, false, false, "other"],
  [{ kind: "unsupportedOperation", message: "m" }, false, false, "bad_request"],
  [{ kind: "threadNotFound", threadId: "t" }, false, false, "bad_request"],
  [{ kind: "agentLimitReached", maxAgents: 6 }, false, false, "bad_request"],
  [{ kind: "sandbox", reason: "denied", message: "m" }, false, false, "sandbox_error"],
  [{ kind: "turnAborted" }, false, false, "other"],
  [{ kind: "interrupted" }, false, false, "other"],
  [{ kind: "internalAgentDied" }, true, true, "internal_server_error"],
  [{ kind: "childTimeout" }, true, true, "other"],
  [{ kind: "spawn", message: "m" }, false, false, "other"],
  [{ kind: "io", message: "m" }, true, true, "other"],
  [{ kind: "json", message: "m" }, true, true, "other"],
  [{ kind: "fatal", message: "m" }, false, false, "other"],
];

describe("every kind of error", () => {
  test.each(ROWS)(
    "[protocol/P33] %j: tried again %s (0.140), %s (0.169)",
    (error, old, current) => {
      expect(isRetryable(error, "0.140")).toBe(old);
      expect(isRetryable(error, "0.169")).toBe(current);
    },
  );

  test.each(ROWS)(
    "[protocol/P32] %j: the info for programs",
    (error, _old, _current, info, newer) => {
      expect(toCodexErrorInfo(error, "0.140")).toEqual(info);
      expect(toCodexErrorInfo(error, "0.169")).toEqual(newer ?? info);
    },
  );
});

describe("info", () => {
  const others: readonly CodexErrorInfo[] = [
    "thread_rollback_failed",
    { active_turn_not_steerable: { turn_kind: "review" } },
    { response_stream_disconnected: { http_status_code: null } },
  ];
  const all = [...ROWS.map((row) => row[3]), ...others];

  test.each(all)("[protocol/P32] %j is read and written back", (info) => {
    const text = JSON.stringify(info);
    const read = readCodexErrorInfo(JSON.parse(text));
    expect(read && JSON.stringify(toWireCodexErrorInfo(read))).toBe(text);
  });

  test("[protocol/P32] an absent status is null, an unknown kind is `other`", () => {
    expect(readCodexErrorInfo({ http_connection_failed: {} })).toEqual({
      http_connection_failed: { http_status_code: null },
    });
    expect(readCodexErrorInfo("new_kind")).toBe("other");
    expect(readCodexErrorInfo({ new_kind: {} })).toBe("other");
    expect(readCodexErrorInfo(7)).toBeUndefined();
  });

  test("all errors mark their turn failed but those of a rollback and of steering", () => {
    expect(all.filter((info) => !marksTurnFailed(info))).toEqual(others.slice(0, 2));
    expect(marksTurnFailed(null)).toBe(true);
  });

  test("the notice before a retry carries the status, where there was one", () => {
    expect(retryNoticeInfo(status)).toEqual({
      response_stream_disconnected: { http_status_code: 404 },
    });
    expect(retryNoticeInfo({ kind: "requestTimeout" })).toEqual({
      response_stream_disconnected: { http_status_code: null },
    });
    expect(httpStatusOf({ kind: "internalServerError" })).toBe(500);
  });
});
