import { ApiError } from "@codex-ts/api";
import type { PendingUnauthorizedRetry, UnauthorizedRecovery } from "@codex-ts/model-provider";

/**
 * Where a 401 is recovered: takes the steps the provider offers for one request, each before another attempt. The steps
 * themselves belong to the model-provider package.
 */
export class UnauthorizedRetry {
  readonly #recovery: UnauthorizedRecovery | undefined;
  readonly #onStep: (step: PendingUnauthorizedRetry) => void;

  constructor(
    /** `undefined`: the credentials cannot be renewed. */
    recovery: UnauthorizedRecovery | undefined,
    /** Receives each step that was taken: the next attempt is made because of it. */
    onStep: (step: PendingUnauthorizedRetry) => void,
  ) {
    this.#recovery = recovery;
    this.#onStep = onStep;
  }

  /** Whether a failed request is to be sent again, with renewed credentials. Rejects when they cannot be renewed. */
  async afterFailure(error: unknown, signal: AbortSignal): Promise<boolean> {
    const recovery = this.#recovery;
    if (!isUnauthorized(error) || recovery?.hasNext() !== true) return false;
    const { mode, phase } = recovery;
    await recovery.next(signal);
    this.#onStep({ mode, phase });
    return true;
  }
}

function isUnauthorized(error: unknown): boolean {
  return ApiError.is(error) && error.code === "http_status" && error.status === 401;
}
