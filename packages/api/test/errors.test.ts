import { describe, expect, test } from "vitest";
import type * as surface from "@codex-ts/api";
import { ApiError, AuthError, HttpStatusError, NetworkError, StreamError } from "@codex-ts/api";

describe("errors of another installed copy", () => {
  test("are recognised by is, though not by instanceof", async () => {
    const specifier = "../src/errors.ts?another-copy";
    const copy = (await import(/* @vite-ignore */ specifier)) as typeof surface;
    const foreign = new copy.NetworkError("refused");
    expect(foreign).not.toBeInstanceOf(ApiError);
    expect(ApiError.is(foreign)).toBe(true);
    expect(AuthError.is(new copy.AuthError("build", "no key"))).toBe(true);
  });

  test.each([new Error("x"), new AuthError("build", "x"), undefined, null, "text", {}])(
    "%o is no ApiError",
    (value) => {
      expect(ApiError.is(value)).toBe(false);
    },
  );
});

test("an error has its class name, code, facts and cause", () => {
  const cause = new Error("ECONNRESET");
  const error = new NetworkError("reset", { cause, upstreamRequestId: "req-1" });
  expect(error).toMatchObject({
    name: "NetworkError",
    code: "network",
    message: "network error: reset",
    upstreamRequestId: "req-1",
    cause,
  });
  expect("cause" in new StreamError("m", { reason: "closed_early" })).toBe(false);
});

test("the message of a refusal is one line, the body is whole", () => {
  const bodyText = `<html>\n  <b>no</b>\n</html>${"x".repeat(2000)}`;
  const error = new HttpStatusError({
    status: 403,
    url: undefined,
    headers: undefined,
    bodyText,
  });
  expect(error.message).toMatch(/^http 403: <html> <b>no<\/b> <\/html>x+\.\.\.$/);
  expect(error.message.length).toBeLessThan(600);
  expect(error.bodyText).toBe(bodyText);
});
