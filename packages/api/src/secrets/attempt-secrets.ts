import type { TransportContext } from "../http/transport-context.ts";
import { proxyOf } from "../network/proxy-credentials.ts";
import {
  headerSecrets,
  settingHeaderSecrets,
  tokenSecrets,
  urlSecrets,
  userInfoOf,
} from "./request-secrets.ts";
import { SecretSet } from "./secret-set.ts";

/** The parts of a request, as far as it may hold credentials. */
export interface AttemptRequest {
  readonly url: string;
  readonly headers: Iterable<readonly [string, string]>;
  /** Names of headers that the provider was configured with or the auth layer added. */
  readonly secretNames: ReadonlySet<string>;
  /** Proxy of a WebSocket. That of HTTP is known to the dispatcher. */
  readonly proxy?: string | undefined;
}

/** The credentials of one attempt: in its request, on its way through a proxy, and behind its auth layer. */
export function attemptSecrets(context: TransportContext, request: AttemptRequest): SecretSet {
  const secrets = new SecretSet(context.knownSecrets);
  secrets.addAll(headerSecrets(request.headers, request.secretNames));
  secrets.addAll(settingHeaderSecrets(context.provider.headers ?? []));
  secrets.addAll(urlSecrets(request.url));
  const proxy = request.proxy ?? proxyOf(context.dispatcher, request.url);
  const proxyUrl = proxy === undefined ? null : URL.parse(proxy);
  if (proxyUrl !== null) secrets.addAll(userInfoOf(proxyUrl));
  try {
    for (const known of context.auth.knownSecrets?.() ?? []) secrets.addAll(tokenSecrets(known));
  } catch {
    // A mistake of an auth layer of the application's; what it attached is known all the same.
  }
  return secrets;
}
