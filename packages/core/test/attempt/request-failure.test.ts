import { describe, expect, test } from "vitest";
import { HttpStatusError, StreamError } from "@codex-ts/api";
import { EnvVarError, RefreshTokenError } from "@codex-ts/model-provider";
import { toRequestFailure } from "@codex-ts/core";

const cut = new StreamError("cut", { reason: "closed_early", upstreamRequestId: "req_1" });

const overQuota = new HttpStatusError({
  status: 429,
  url: undefined,
  headers: {},
  bodyText: JSON.stringify({ error: { code: "insufficient_quota" } }),
  upstreamRequestId: "req_2",
});

describe("a failed request", () => {
  test("[core/C9-api] of the api is judged by the api's rules, with its id and delay", () => {
    expect(toRequestFailure(cut, "0.169")).toMatchObject({
      code: "stream",
      retryable: true,
      upstreamRequestId: "req_1",
      message: "stream disconnected before completion: cut",
    });
    expect(toRequestFailure(overQuota, "0.169").code).toBe("quota_exceeded");
    expect(toRequestFailure(overQuota, "0.140").code).toBe("retry_limit");
  });

  test("[core/C9-long] is told in a few kilobytes, however much the server says", () => {
    const { message } = toRequestFailure(new TypeError("x".repeat(4_000_000)), "0.169");
    expect(message).toBe(`${"x".repeat(8192)}… (3991808 characters more)`);
    expect(toRequestFailure(new TypeError("y".repeat(8192)), "0.169").message).toHaveLength(8192);
  });

  test("[core/C9-local] without a credential is final, unless waiting may help", () => {
    const rows = [
      [new EnvVarError("MOCK_KEY", undefined), "configuration", false, "other"],
      [RefreshTokenError.permanent("revoked"), "unauthorized", false, "unauthorized"],
      [RefreshTokenError.transient("timeout"), "credentials_unavailable", true, "other"],
      [new TypeError("a bug"), "internal", false, "other"],
      ["thrown text", "internal", false, "other"],
    ] as const;
    for (const [error, code, retryable, info] of rows) {
      expect(toRequestFailure(error, "0.169")).toMatchObject({ code, retryable, info });
    }
    expect(toRequestFailure("thrown text", "0.169").message).toBe("thrown text");
  });

  test("[core/C9-id] has the upstream request id of its error, whichever package made that, if it is a text", () => {
    const foreign = (upstreamRequestId: unknown): Error =>
      Object.assign(new Error("foreign"), { upstreamRequestId });
    const idOf = (error: unknown) => toRequestFailure(error, "0.169").upstreamRequestId;
    expect([cut, overQuota, foreign("req_3")].map(idOf)).toEqual(["req_1", "req_2", "req_3"]);
    for (const error of [foreign(7), new Error("none"), new EnvVarError("KEY"), null, "text"]) {
      expect(idOf(error)).toBeUndefined();
    }
  });
});
