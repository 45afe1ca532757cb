import type { AnyApiError, HttpStatusError } from "@codex-ts/api";
import { ApiError } from "@codex-ts/api";
import { expectTypeOf, test } from "vitest";

test("a switch over the code narrows to the class and can be exhaustive", () => {
  const error: unknown = undefined;
  if (!ApiError.is(error)) return;
  expectTypeOf(error).toEqualTypeOf<AnyApiError>();
  if (error.code === "http_status") expectTypeOf(error).toEqualTypeOf<HttpStatusError>();
  if (error.code === "stream") expectTypeOf(error.reason).not.toEqualTypeOf<string>();
});
