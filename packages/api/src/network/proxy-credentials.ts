import type { Dispatcher } from "undici";

/** Which proxy a dispatcher made here uses for a URL. */
const proxyForOf = new WeakMap<Dispatcher, (url: URL) => string | undefined>();

/** Notes how `dispatcher` chooses its proxies. */
export function choosesProxies(
  dispatcher: Dispatcher,
  proxyFor: (url: URL) => string | undefined,
): void {
  proxyForOf.set(dispatcher, proxyFor);
}

/** URL of the proxy that carries a request, with its user and password; `undefined`: none, or none that is known. */
export function proxyOf(dispatcher: Dispatcher, url: string): string | undefined {
  const parsed = URL.parse(url);
  return parsed === null ? undefined : proxyForOf.get(dispatcher)?.(parsed);
}
