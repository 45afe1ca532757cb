import { ProviderError } from "../errors.ts";

/** Why a login did not happen. */
export type LoginFailureReason =
  /** The user or the caller ended it. */
  | "cancelled"
  /** The authorization server or its administrator said no. */
  | "denied"
  /** The server could not be reached, or its response holds no tokens. */
  | "exchange_failed"
  /** The account belongs to a workspace that is not allowed here. */
  | "workspace_not_allowed"
  /** Another method of login is prescribed. */
  | "method_not_allowed"
  /** Both callback ports are taken. */
  | "port_in_use"
  /** The device code was not confirmed in time. */
  | "timed_out"
  /** Nothing usable was given. */
  | "no_credential";

/** A login did not happen; nothing was stored. Messages never hold a token, code or key. */
export class LoginError extends ProviderError {
  override readonly name = "LoginError";
  readonly code = "login_failed";
  readonly reason: LoginFailureReason;

  constructor(reason: LoginFailureReason, message: string) {
    super(message);
    this.reason = reason;
  }
}
