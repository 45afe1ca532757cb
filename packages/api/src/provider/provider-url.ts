import { RequestBuildError } from "../errors.ts";
import type { ApiProvider } from "./provider.ts";

/**
 * URL of `path` at a provider: base and path joined with one `/`, query parameters in insertion order. Parameters are
 * not escaped here; what must be escaped is when the URL is parsed for sending. Source: docs/behavior/api.md 1.
 */
export function providerUrl(provider: ApiProvider, path: string): string {
  const base = trimTrailingSlashes(provider.baseUrl);
  const relative = trimLeadingSlashes(path);
  const url = relative === "" ? base : `${base}/${relative}`;
  const query = Object.entries(provider.queryParams ?? {}).map(([key, value]) => `${key}=${value}`);
  return query.length === 0 ? url : `${url}?${query.join("&")}`;
}

/**
 * The same URL for a WebSocket: `http` becomes `ws`, `https` becomes `wss`, other schemes stay. Throws
 * `RequestBuildError` when the base is no URL.
 */
export function providerWebSocketUrl(provider: ApiProvider, path: string): string {
  const text = providerUrl(provider, path);
  const url = URL.parse(text);
  if (url === null) {
    throw new RequestBuildError(
      "failed to build websocket URL: the base URL of the provider is not a URL",
    );
  }
  // Assigning `protocol` refuses a change from special to non-special schemes, so the text is changed instead.
  if (url.protocol === "http:") return `ws:${url.href.slice("http:".length)}`;
  if (url.protocol === "https:") return `wss:${url.href.slice("https:".length)}`;
  return url.href;
}

const AZURE_HOST_MARKERS = [
  "openai.azure.",
  "cognitiveservices.azure.",
  "aoai.azure.",
  "azure-api.",
  "azurefd.",
  "windows.net/openai",
];

/** True for Azure endpoints, by provider name or base URL. They store responses and want item ids back. */
export function isAzureProvider(provider: Pick<ApiProvider, "name" | "baseUrl">): boolean {
  if (provider.name.toLowerCase() === "azure") return true;
  const base = provider.baseUrl.toLowerCase();
  return AZURE_HOST_MARKERS.some((marker) => base.includes(marker));
}

function trimTrailingSlashes(text: string): string {
  let end = text.length;
  while (end > 0 && text[end - 1] === "/") end -= 1;
  return text.slice(0, end);
}

function trimLeadingSlashes(text: string): string {
  let start = 0;
  while (text[start] === "/") start += 1;
  return text.slice(start);
}
