import type { RequestFormat } from "../endpoints/request-format.ts";
import type { AuthProvider, OutboundRequest } from "../provider/auth-provider.ts";
import { RequestBuildError } from "../errors.ts";
import { isSettingHeader } from "../secrets/request-secrets.ts";
import { HeaderBag } from "./header-bag.ts";
import type { ApiProvider } from "../provider/provider.ts";

/** The layers of one request's headers before credentials are added. */
export interface HeaderLayers {
  readonly provider: ApiProvider;
  /** The caller's extras; they override the provider's. */
  readonly extras: Iterable<readonly [string, string]>;
  /** Media type of the call itself. Without one, any type is accepted, as Codex's HTTP library says. */
  readonly accept: string | undefined;
  readonly contentEncoding: string | undefined;
  readonly contentType: string | undefined;
  /** Where the credentials stand. Default: before the headers about the content. */
  readonly credentials?: RequestFormat["credentials"];
  /** `originator`, `user-agent`: only where the name is still absent. */
  readonly clientHeaders: Iterable<readonly [string, string]>;
  /** Only where no other layer has one. Default: none. */
  readonly acceptEncoding?: string | undefined;
}

/** Headers without credentials, in wire order. */
export interface LayeredHeaders {
  readonly headers: HeaderBag;
  /** How many of them stand before the credentials. */
  readonly beforeCredentials: number;
}

/** Headers of a request in wire order, without credentials. Source: docs/behavior/api.md 2.2; recorded requests. */
export function layeredHeaders(layers: HeaderLayers): LayeredHeaders {
  const headers = new HeaderBag(layers.provider.headers);
  for (const [name, value] of layers.extras) headers.set(name, value);
  if (layers.accept !== undefined) headers.set("accept", layers.accept);
  const beforeContent = headers.size;
  if (layers.contentEncoding !== undefined) headers.set("content-encoding", layers.contentEncoding);
  if (layers.contentType !== undefined) headers.setDefault("content-type", layers.contentType);
  const afterContent = headers.size;
  headers.setDefault("accept", "*/*");
  for (const [name, value] of layers.clientHeaders) headers.setDefault(name, value);
  if (layers.acceptEncoding !== undefined) {
    headers.setDefault("accept-encoding", layers.acceptEncoding);
  }
  const isBefore = layers.credentials !== "after_content_headers";
  return { headers, beforeCredentials: isBefore ? beforeContent : afterContent };
}

/** A request with its credentials, and the names of the headers that hold them. */
export interface AuthenticatedRequest {
  readonly request: OutboundRequest;
  readonly secretNames: ReadonlySet<string>;
}

/**
 * Adds credentials. The auth layer sees the final request, so that a signer can sign it; on the wire its headers stand
 * where Codex has them, see `LayeredHeaders`.
 */
export async function authenticate(
  auth: AuthProvider,
  request: OutboundRequest,
  beforeCredentials: number,
): Promise<AuthenticatedRequest> {
  const before = new Map(request.headers);
  let authenticated = request;
  if (auth.applyAuth === undefined) auth.addAuthHeaders(request.headers);
  else authenticated = await auth.applyAuth(request);
  const secretNames = new Set<string>();
  for (const [name, value] of authenticated.headers) {
    if (before.get(name) !== value) secretNames.add(name);
  }
  const all = [...authenticated.headers];
  const rest = all.filter(([name]) => before.has(name));
  const added = all.filter(([name]) => !before.has(name));
  const headers = new HeaderBag(rest.toSpliced(beforeCredentials, 0, ...added));
  return { request: { ...authenticated, headers }, secretNames };
}

/** Headers that say how a message is framed. (A `host` and `connection: close` of the caller are sent.) */
const FRAMING_HEADERS = ["transfer-encoding", "expect", "keep-alive", "upgrade"];

/**
 * Throws `RequestBuildError` for a header that would break the framing of the request. Codex sends them,
 * and with a wrong length only a part of the body.
 */
export function refuseFramingHeaders(headers: HeaderBag, body: Uint8Array | undefined): void {
  const length = headers.get("content-length");
  const fits = length === undefined || Number(length) === body?.length;
  const name = fits ? FRAMING_HEADERS.find((framing) => headers.has(framing)) : "content-length";
  if (name === undefined) return;
  throw new RequestBuildError(
    `the transport writes the header ${name} itself: remove it from the headers of the provider or the call`,
  );
}

/** Names of provider headers whose values must not be shown. */
export function providerSecretNames(provider: ApiProvider): Set<string> {
  const names = new Set<string>();
  for (const [name] of provider.headers ?? []) {
    if (!isSettingHeader(name)) names.add(name.toLowerCase());
  }
  return names;
}
