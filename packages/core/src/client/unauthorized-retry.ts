import { ApiError } from "@codex-ts/api";
import { RefreshTokenError } from "@codex-ts/model-provider";
import type {
  PendingUnauthorizedRetry,
  RecoveryStepResult,
  UnauthorizedRecovery,
} from "@codex-ts/model-provider";
import type { AuthRecovery } from "./transport-listeners.ts";

/** Outcome of a step. */
export type RecoveryReport = Omit<AuthRecovery, "turnId" | "requestKind">;

/**
 * Where a 401 is recovered: takes the steps the provider offers for one request, each before another attempt. The steps
 * themselves belong to the model-provider package.
 */
export class UnauthorizedRetry {
  readonly #recovery: UnauthorizedRecovery | undefined;
  readonly #onStep: (step: PendingUnauthorizedRetry) => void;
  readonly #onReport: (report: RecoveryReport) => void;

  constructor(
    /** `undefined`: the credentials cannot be renewed. */
    recovery: UnauthorizedRecovery | undefined,
    /** Receives each step that was taken: the next attempt is made because of it. */
    onStep: (step: PendingUnauthorizedRetry) => void,
    /** Receives what each step came to, also one that failed. */
    onReport: (report: RecoveryReport) => void,
  ) {
    this.#recovery = recovery;
    this.#onStep = onStep;
    this.#onReport = onReport;
  }

  /** Whether a failed request is to be sent again, with renewed credentials. Rejects when they cannot be renewed. */
  async afterFailure(error: unknown, signal: AbortSignal): Promise<boolean> {
    const recovery = this.#recovery;
    if (!isUnauthorized(error) || recovery?.hasNext() !== true) return false;
    const { mode, phase } = recovery;
    const step = phase === "reload" ? "reload" : mode === "external" ? "external" : "refresh";
    const startedMs = performance.now();
    const report = (outcome: RecoveryReport["outcome"], why?: RefreshFailure): void =>
      this.#onReport({
        step,
        outcome,
        code: why?.code,
        status: why?.status,
        durationMs: performance.now() - startedMs,
      });
    let result: RecoveryStepResult;
    try {
      result = await recovery.next(signal);
    } catch (failure) {
      if (!signal.aborted) report(...failureOf(failure));
      throw failure;
    }
    report(step === "reload" && result.authStateChanged ? "adopted" : "ok");
    this.#onStep({ mode, phase });
    return true;
  }
}

interface RefreshFailure {
  readonly code?: string | undefined;
  readonly status?: number | undefined;
}

function failureOf(error: unknown): ["refused" | "failed", RefreshFailure] {
  if (!(error instanceof RefreshTokenError)) return ["failed", {}];
  return error.kind === "permanent"
    ? ["refused", { code: error.reason }]
    : ["failed", { status: error.status }];
}

function isUnauthorized(error: unknown): boolean {
  return ApiError.is(error) && error.code === "http_status" && error.status === 401;
}
