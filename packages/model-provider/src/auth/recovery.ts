import { RefreshTokenError } from "./refresh-error.ts";

/** Who renews credentials after a 401: this package, which refreshes the login, or the supplier of the token. */
export type RecoveryMode = "managed" | "external";

/** The step a recovery stands at, spelled as in telemetry. */
export type RecoveryPhase = "reload" | "refresh_token" | "external_refresh" | "done";

/** Why there is or is not a next step, spelled as in telemetry. */
export type RecoveryAvailability =
  | "ready"
  | "recovery_exhausted"
  | "not_refreshable_auth"
  | "not_chatgpt_auth"
  | "no_external_auth";

/** Result of one step. */
export interface RecoveryStepResult {
  /** Whether the next request carries other credentials than the refused one. */
  readonly authStateChanged: boolean;
}

/** Options of `unauthorizedRecovery`. */
export interface RecoveryOptions {
  /** Share one per turn: a token that was refused although it was refreshed in the same turn is not refreshed again. */
  readonly scope?: RecoveryScope | undefined;
  /** Whether a reload that found nothing new is followed by another attempt. Default true, as Codex does. */
  readonly repeatAfterUnchangedReload?: boolean | undefined;
}

/** Remembers which credentials were fetched anew during one turn. */
export class RecoveryScope {
  readonly #renewed = new Set<string>();

  /** @internal */
  noteRenewed(fingerprint: string): void {
    this.#renewed.add(fingerprint);
  }

  /** @internal */
  wasRenewed(fingerprint: string | undefined): boolean {
    return fingerprint !== undefined && this.#renewed.has(fingerprint);
  }
}

/**
 * The plan for one model request that may get a 401. Make one per request; after each 401 ask `hasNext`, remember
 * `mode` and `phase`, then call `next` and send the request again. Source: docs/behavior/model-provider.md 13.
 */
export interface UnauthorizedRecovery {
  readonly mode: RecoveryMode;
  readonly phase: RecoveryPhase;
  hasNext(): boolean;
  /** Rejects with `RefreshTokenError` (permanent or transient), or with what the supplier of the token failed with. */
  next(signal?: AbortSignal): Promise<RecoveryStepResult>;
  unavailableReason(): RecoveryAvailability;
}

/** Access of a recovery to the owner of the credentials. */
export interface RecoveryOwner {
  /** Fixed once credentials were in use; read late, because a recovery is made before the first request loads them. */
  mode(): RecoveryMode;
  /** Identifies the cached credentials; changes with every token. `undefined`: logged out. */
  fingerprint(): string | undefined;
  /** Whether the cached credentials can be recovered at all. */
  availability(): Exclude<RecoveryAvailability, "recovery_exhausted">;
  /** Guarded reload for the account the recovery began with. */
  reload(): Promise<"changed" | "unchanged" | "skipped">;
  /** Fetches new credentials: refresh token, command or host. */
  renew(signal?: AbortSignal): Promise<void>;
}

/** Makes the state machine over an owner. */
export function createRecovery(
  owner: RecoveryOwner,
  options: RecoveryOptions = {},
): UnauthorizedRecovery {
  const { scope, repeatAfterUnchangedReload = true } = options;
  let reached: RecoveryPhase | undefined;
  const phase = (): RecoveryPhase =>
    reached ?? (owner.mode() === "external" ? "external_refresh" : "reload");

  const isExhausted = () => phase() === "done" || scope?.wasRenewed(owner.fingerprint()) === true;
  const unavailableReason = (): RecoveryAvailability => {
    const availability = owner.availability();
    return availability === "ready" && isExhausted() ? "recovery_exhausted" : availability;
  };

  async function reload(signal?: AbortSignal): Promise<RecoveryStepResult> {
    const outcome = await owner.reload();
    if (outcome === "skipped") {
      reached = "done";
      throw RefreshTokenError.permanent("account_mismatch");
    }
    reached = "refresh_token";
    if (outcome === "unchanged" && !repeatAfterUnchangedReload) return renew(signal);
    return { authStateChanged: outcome === "changed" };
  }

  async function renew(signal?: AbortSignal): Promise<RecoveryStepResult> {
    await owner.renew(signal);
    reached = "done";
    const fingerprint = owner.fingerprint();
    if (fingerprint !== undefined) scope?.noteRenewed(fingerprint);
    return { authStateChanged: true };
  }

  return {
    get mode() {
      return owner.mode();
    },
    get phase() {
      return phase();
    },
    hasNext: () => unavailableReason() === "ready",
    unavailableReason,
    async next(signal) {
      if (unavailableReason() !== "ready") throw RefreshTokenError.exhaustedSteps();
      return phase() === "reload" ? reload(signal) : renew(signal);
    },
  };
}
