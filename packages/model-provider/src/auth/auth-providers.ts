import type { AuthProvider, HeaderBag } from "@codex-ts/api";
import { Secret } from "../secret.ts";

/** Options of {@link BearerAuthProvider}. */
export interface BearerAuthProviderOptions {
  /** Sent as `Authorization: Bearer <token>`. */
  readonly token?: string | Secret | undefined;
  /** Workspace, sent as `ChatGPT-Account-ID`. */
  readonly accountId?: string | undefined;
  /** Adds `X-OpenAI-Fedramp: true`. Default false. */
  readonly isFedrampAccount?: boolean | undefined;
  /** Further credentials of the same login, which are not sent. Default: none. */
  readonly knownSecrets?: readonly Secret[] | undefined;
}

/** Attaches a bearer token and the account it belongs to. Values that HTTP does not allow in a header are left out. */
export class BearerAuthProvider implements AuthProvider {
  readonly #token: Secret | undefined;
  readonly #accountId: string | undefined;
  readonly #isFedrampAccount: boolean;
  readonly #knownSecrets: readonly Secret[];

  constructor(options: BearerAuthProviderOptions) {
    this.#token = options.token === undefined ? undefined : Secret.from(options.token);
    this.#accountId = options.accountId;
    this.#isFedrampAccount = options.isFedrampAccount ?? false;
    this.#knownSecrets = options.knownSecrets ?? [];
  }

  /** For tests: a provider from plain values. */
  static forTest(token: string | undefined, accountId: string | undefined): BearerAuthProvider {
    return new BearerAuthProvider({ token, accountId });
  }

  addAuthHeaders(headers: HeaderBag): void {
    if (this.#token !== undefined) headers.set("authorization", `Bearer ${this.#token.expose()}`);
    if (this.#accountId !== undefined) headers.set("chatgpt-account-id", this.#accountId);
    if (this.#isFedrampAccount) headers.set("x-openai-fedramp", "true");
  }

  knownSecrets(): string[] {
    return this.#knownSecrets.map((secret) => secret.expose());
  }
}

/** Attaches nothing. */
export const unauthenticatedAuthProvider: AuthProvider = { addAuthHeaders() {} };
