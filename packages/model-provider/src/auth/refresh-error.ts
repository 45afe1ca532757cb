import { ProviderError } from "../errors.ts";

/** Why a refresh failed for good. */
export type RefreshFailureReason =
  /** The refresh token is too old. */
  | "expired"
  /** The refresh token was spent already. */
  | "exhausted"
  /** The login was withdrawn. */
  | "revoked"
  /** The store now has another account, or none: a logout or login in between. */
  | "account_mismatch"
  | "other";

const SENTENCES: Readonly<Record<RefreshFailureReason, string>> = {
  expired: "the refresh token has expired; log out and log in again",
  exhausted: "the refresh token was already used; log out and log in again",
  revoked: "the refresh token was revoked; log out and log in again",
  account_mismatch: "a logout or a login to another account has happened here since; log in again",
  other: "the login is no longer accepted; log out and log in again",
};

interface RefreshFailureOptions extends ErrorOptions {
  readonly status?: number;
}

/**
 * New credentials could not be obtained. `permanent`: nothing but a new login helps. `transient`: trying again later
 * may work. Messages never hold a token or a response body.
 */
export class RefreshTokenError extends ProviderError {
  override readonly name = "RefreshTokenError";
  readonly code = "refresh_token_failed";
  readonly kind: "permanent" | "transient";
  /** Absent for transient failures. */
  readonly reason: RefreshFailureReason | undefined;
  /** HTTP status of a transient failure; absent where no response came. */
  readonly status: number | undefined;

  private constructor(
    message: string,
    kind: "permanent" | "transient",
    reason: RefreshFailureReason | undefined,
    options?: RefreshFailureOptions,
  ) {
    super(message, options);
    this.kind = kind;
    this.reason = reason;
    this.status = options?.status;
  }

  static permanent(reason: RefreshFailureReason): RefreshTokenError {
    const message = `the access token could not be refreshed: ${SENTENCES[reason]}`;
    return new RefreshTokenError(message, "permanent", reason);
  }

  /** A permanent failure that is not about a token, e.g. a recovery that has no step left. */
  static exhaustedSteps(): RefreshTokenError {
    return new RefreshTokenError("no more recovery steps available", "permanent", "other");
  }

  static transient(problem: string, options?: RefreshFailureOptions): RefreshTokenError {
    const message = `the access token could not be refreshed for now: ${problem}`;
    return new RefreshTokenError(message, "transient", undefined, options);
  }
}
