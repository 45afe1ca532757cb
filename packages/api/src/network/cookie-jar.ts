/**
 * Keeps the cookies of ChatGPT's front door and no others: infrastructure cookies of Cloudflare, for `https` URLs of
 * ChatGPT hosts, in memory. Session and account cookies are dropped on receipt and again on send.
 * Source: docs/behavior/api.md 3.
 */
export class CloudflareCookieJar {
  readonly #cookies = new Map<string, Cookie>();
  readonly #now: () => number;

  /** `now` returns Unix milliseconds. Default `Date.now`. */
  constructor(options: { readonly now?: () => number } = {}) {
    this.#now = options.now ?? Date.now;
  }

  /** Takes in the `set-cookie` values of a response. */
  store(url: URL, setCookies: readonly string[]): void {
    if (!isCookieUrl(url)) return;
    for (const text of setCookies) {
      const cookie = parseSetCookie(text, url, this.#now());
      if (cookie === undefined) continue;
      const key = `${cookie.domain} ${cookie.path} ${cookie.name}`;
      if (cookie.expiresAtMs <= this.#now()) this.#cookies.delete(key);
      else this.#cookies.set(key, cookie);
    }
  }

  /** Value of the `cookie` header for a request; `undefined` when there is nothing to send. */
  headerFor(url: URL): string | undefined {
    if (!isCookieUrl(url)) return undefined;
    const nowMs = this.#now();
    const pairs: string[] = [];
    for (const cookie of this.#cookies.values()) {
      const applies =
        cookie.expiresAtMs > nowMs &&
        isAllowedName(cookie.name) &&
        hostMatches(cookie, url.hostname) &&
        pathMatches(cookie.path, url.pathname);
      if (applies) pairs.push(`${cookie.name}=${cookie.value}`);
    }
    return pairs.length === 0 ? undefined : pairs.join("; ");
  }
}

interface Cookie {
  readonly name: string;
  readonly value: string;
  readonly domain: string;
  /** True when the server named no domain: sent to that host alone. */
  readonly hostOnly: boolean;
  readonly path: string;
  readonly expiresAtMs: number;
}

const COOKIE_HOSTS: ReadonlySet<string> = new Set([
  "chatgpt.com",
  "chat.openai.com",
  "chatgpt-staging.com",
]);
const PARENT_DOMAINS = [".chatgpt.com", ".chatgpt-staging.com"];
const COOKIE_NAMES: ReadonlySet<string> = new Set([
  "__cf_bm",
  "__cflb",
  "__cfruid",
  "__cfseq",
  "__cfwaitingroom",
  "_cfuvid",
  "cf_clearance",
  "cf_ob_info",
  "cf_use_ob",
]);
const CHALLENGE_PREFIX = "cf_chl_";

function isCookieUrl(url: URL): boolean {
  return url.protocol === "https:" && isCookieHost(url.hostname);
}

function isCookieHost(host: string): boolean {
  return COOKIE_HOSTS.has(host) || PARENT_DOMAINS.some((parent) => host.endsWith(parent));
}

function isAllowedName(name: string): boolean {
  return COOKIE_NAMES.has(name) || name.startsWith(CHALLENGE_PREFIX);
}

function parseSetCookie(text: string, url: URL, nowMs: number): Cookie | undefined {
  const [pair = "", ...attributes] = text.split(";");
  const equals = pair.indexOf("=");
  const name = pair.slice(0, Math.max(0, equals)).trim();
  const value = pair.slice(equals + 1).trim();
  if (equals < 1 || !isAllowedName(name) || !/^[\x21-\x7e]*$/.test(value)) return undefined;
  const attributeValues = new Map(attributes.map(splitAttribute));
  const domain = attributeValues.get("domain")?.replace(/^\./, "").toLowerCase() || undefined;
  // A domain the host does not belong to, or one above the ChatGPT hosts, is refused.
  if (domain !== undefined && !(isCookieHost(domain) && isWithin(url.hostname, domain))) {
    return undefined;
  }
  const path = attributeValues.get("path");
  return {
    name,
    value,
    domain: domain ?? url.hostname,
    hostOnly: domain === undefined,
    path: path?.startsWith("/") ? path : defaultPath(url.pathname),
    expiresAtMs: expiry(attributeValues, nowMs),
  };
}

function splitAttribute(attribute: string): [name: string, value: string] {
  const equals = attribute.indexOf("=");
  return equals < 0
    ? [attribute.trim().toLowerCase(), ""]
    : [attribute.slice(0, equals).trim().toLowerCase(), attribute.slice(equals + 1).trim()];
}

function expiry(attributes: ReadonlyMap<string, string>, nowMs: number): number {
  const maxAge = attributes.get("max-age");
  if (maxAge !== undefined && /^-?\d+$/.test(maxAge)) return nowMs + Number(maxAge) * 1000;
  const expires = Date.parse(attributes.get("expires") ?? "");
  return Number.isNaN(expires) ? Number.POSITIVE_INFINITY : expires;
}

function hostMatches(cookie: Cookie, host: string): boolean {
  return cookie.hostOnly ? host === cookie.domain : isWithin(host, cookie.domain);
}

function isWithin(host: string, domain: string): boolean {
  return host === domain || host.endsWith(`.${domain}`);
}

function pathMatches(cookiePath: string, requestPath: string): boolean {
  if (requestPath === cookiePath) return true;
  const prefix = cookiePath.endsWith("/") ? cookiePath : `${cookiePath}/`;
  return requestPath.startsWith(prefix);
}

function defaultPath(pathname: string): string {
  const end = pathname.lastIndexOf("/");
  return end <= 0 ? "/" : pathname.slice(0, end);
}
