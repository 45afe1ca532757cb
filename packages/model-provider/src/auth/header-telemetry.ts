import { type AuthProvider, HeaderBag } from "@codex-ts/api";

/** Whether a provider attaches a credential header, and which. Never the value. */
export interface AuthHeaderTelemetry {
  readonly attached: boolean;
  readonly name?: "authorization" | undefined;
}

/**
 * Asks `provider` for its headers on an empty bag. A provider that signs whole requests reports `attached: false`: it
 * has nothing to add before it sees the body.
 */
export function authHeaderTelemetry(provider: AuthProvider): AuthHeaderTelemetry {
  const headers = new HeaderBag();
  provider.addAuthHeaders(headers);
  return headers.has("authorization")
    ? { attached: true, name: "authorization" }
    : { attached: false };
}
