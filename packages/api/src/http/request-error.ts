import type { AnyApiError } from "../errors.ts";
import { ApiError, AuthError, NetworkError, RequestBuildError } from "../errors.ts";
import { describeSocketError, networkError } from "./http-error.ts";

/** The error for a request that could not be built: a mistake in it, or an auth layer that failed. */
export function requestError(error: unknown): AnyApiError {
  if (ApiError.is(error)) return error;
  if (AuthError.is(error)) {
    return error.code === "transient"
      ? new NetworkError(error.message, { cause: error })
      : new RequestBuildError(error.message, { cause: error });
  }
  const detail = error instanceof Error ? describeSocketError(error) : "auth provider failed";
  return new RequestBuildError(detail, { cause: error });
}

/**
 * undici reports requests it refuses to send (a bad header, a bad method), and what a connector of ours failed with,
 * through the same callback as socket errors.
 */
export function sendError(error: Error): AnyApiError {
  const isRefusal = (error as NodeJS.ErrnoException).code === "UND_ERR_INVALID_ARG";
  return isRefusal || ApiError.is(error) ? requestError(error) : networkError(error);
}
