import type { AuthProvider } from "@codex-ts/api";
import { type AuthMode, telemetryAuthMode } from "@codex-ts/protocol";
import { authHeaderTelemetry } from "./header-telemetry.ts";
import type { RecoveryMode, RecoveryPhase } from "./recovery.ts";

/**
 * Facts about the credentials of one request, for telemetry. Never a value.
 * Source: docs/behavior/model-provider.md 13.3.
 */
export interface AuthRequestTelemetryContext {
  readonly authMode: "ApiKey" | "Chatgpt" | undefined;
  readonly authHeaderAttached: boolean;
  readonly authHeaderName: "authorization" | undefined;
  readonly retryAfterUnauthorized: boolean;
  readonly recoveryMode: RecoveryMode | undefined;
  readonly recoveryPhase: RecoveryPhase | undefined;
}

/** The recovery step whose effect the next request tries out. */
export interface PendingUnauthorizedRetry {
  readonly mode: RecoveryMode;
  /** The phase before the step was taken. */
  readonly phase: RecoveryPhase;
}

/** Describes the credentials of one request. */
export function authRequestTelemetryContext(options: {
  readonly authMode: AuthMode | undefined;
  readonly authProvider: AuthProvider;
  /** Present when the request follows a recovery step. */
  readonly pending?: PendingUnauthorizedRetry | undefined;
}): AuthRequestTelemetryContext {
  const { authMode, authProvider, pending } = options;
  const { attached, name } = authHeaderTelemetry(authProvider);
  return {
    authMode: authMode === undefined ? undefined : telemetryAuthMode(authMode),
    authHeaderAttached: attached,
    authHeaderName: name,
    retryAfterUnauthorized: pending !== undefined,
    recoveryMode: pending?.mode,
    recoveryPhase: pending?.phase,
  };
}
