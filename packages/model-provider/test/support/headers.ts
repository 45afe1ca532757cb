import { type AuthProvider, HeaderBag } from "@codex-ts/api";

export interface AttachedHeaders {
  readonly authorization?: string;
  readonly [name: string]: string | undefined;
}

/** What a provider attaches to an empty request. */
export function attached(provider: AuthProvider | undefined): AttachedHeaders {
  const headers = new HeaderBag();
  provider?.addAuthHeaders(headers);
  return Object.fromEntries(headers);
}
