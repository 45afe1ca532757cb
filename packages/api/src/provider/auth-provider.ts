import type { HeaderBag } from "../headers/header-bag.ts";

/** One request as it is about to leave, given to the auth layer last so that a signer sees the final bytes. */
export interface OutboundRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: HeaderBag;
  /** The body as sent: serialized and, where asked for, compressed. */
  readonly body: Uint8Array | undefined;
}

/** Attaches credentials to requests. Implemented by `@codex-ts/model-provider`; implement it to bring your own. */
export interface AuthProvider {
  /** Cheap, synchronous, sees no body. The only method used for a WebSocket upgrade. */
  addAuthHeaders(headers: HeaderBag): void;
  /**
   * Asked once per attempt, so that a retry carries a refreshed token. The returned request is the one sent. Default:
   * `addAuthHeaders`. Throw `AuthError`: `build` fails the call, `transient` is retried like a network error.
   */
  applyAuth?(request: OutboundRequest): Promise<OutboundRequest>;
  /**
   * Credentials that no request shows as they are (a refresh token, a signing key, a token that was replaced), asked for
   * after the request has got its own: where a server repeats one, it is taken out too. Default: none.
   */
  knownSecrets?(): Iterable<string>;
}
