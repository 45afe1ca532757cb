/** Environment variables by name. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Which proxy carries which requests. Values are URLs; `undefined` means a direct connection. */
export interface ProxySettings {
  /** For `http:` and `ws:`. */
  readonly http: string | undefined;
  /** For `https:` and `wss:`. */
  readonly https: string | undefined;
  /** Hosts that are reached directly: `NO_PROXY` as it is. */
  readonly noProxy: string;
}

/**
 * Reads `HTTP_PROXY`, `HTTPS_PROXY`, `ALL_PROXY` and `NO_PROXY` in either case, lower case first. Loopback hosts are
 * not exempt by themselves. Inside the macOS sandbox there are no proxies. Source: docs/behavior/api.md 3.
 */
export function readProxySettings(env: Environment): ProxySettings {
  if (env["CODEX_SANDBOX"] === "seatbelt") {
    return { http: undefined, https: undefined, noProxy: "" };
  }
  const read = (name: string): string | undefined =>
    nonEmpty(env[name.toLowerCase()]) ?? nonEmpty(env[name]);
  const all = read("ALL_PROXY");
  return {
    http: withScheme(read("HTTP_PROXY") ?? all),
    https: withScheme(read("HTTPS_PROXY") ?? all),
    noProxy: read("NO_PROXY") ?? "",
  };
}

/** The proxy for a URL, or `undefined` for a direct connection. */
export function proxyForUrl(settings: ProxySettings, url: URL): string | undefined {
  const secure = url.protocol === "https:" || url.protocol === "wss:";
  const proxy = secure ? settings.https : settings.http;
  return proxy === undefined || isExempt(settings.noProxy, url) ? undefined : proxy;
}

/** Entries are hosts (sub-domains included), `.host`, `*.host`, addresses, each with an optional port, or `*`. */
function isExempt(noProxy: string, url: URL): boolean {
  const host = bareHost(url.hostname);
  const port = url.port || DEFAULT_PORTS[url.protocol];
  return noProxy
    .split(/[,\s]+/)
    .filter((entry) => entry !== "")
    .some((entry) => {
      const { name, entryPort } = splitPort(entry.toLowerCase());
      if (entryPort !== undefined && entryPort !== port) return false;
      if (name === "*") return true;
      const domain = name.replace(/^\*?\./, "");
      return host === domain || host.endsWith(`.${domain}`);
    });
}

const DEFAULT_PORTS: Readonly<Record<string, string>> = {
  "http:": "80",
  "ws:": "80",
  "https:": "443",
  "wss:": "443",
};

function splitPort(entry: string): { readonly name: string; readonly entryPort?: string } {
  const bracketed = /^\[(.+)\](?::(\d+))?$/.exec(entry);
  if (bracketed !== null) return withPort(bracketed[1] ?? "", bracketed[2]);
  // More than one colon is an address without a port.
  const plain = /^([^:]+):(\d+)$/.exec(entry);
  return plain === null ? { name: entry } : withPort(plain[1] ?? "", plain[2]);
}

function withPort(name: string, port: string | undefined) {
  return port === undefined ? { name } : { name, entryPort: port };
}

function bareHost(hostname: string): string {
  return hostname
    .replace(/^\[(.+)\]$/, "$1")
    .replace(/\.$/, "")
    .toLowerCase();
}

function withScheme(proxy: string | undefined): string | undefined {
  return proxy === undefined || proxy.includes("://") ? proxy : `http://${proxy}`;
}

function nonEmpty(value: string | undefined): string | undefined {
  return value === undefined || value.trim() === "" ? undefined : value.trim();
}
