import type { ApiProvider, RetryPolicy } from "@codex-ts/api";
import { HeaderBag } from "@codex-ts/api";
import type { AuthMode } from "@codex-ts/protocol";
import { usesCodexBackend } from "./auth/codex-backend.ts";
import { type Environment, readRawVariable } from "./environment.ts";
import { withHiddenValues } from "./internal/unprintable.ts";
import type { ModelProviderInfo } from "./provider-info.ts";

const CHATGPT_BASE_URL = "https://chatgpt.com/backend-api/codex";
const API_BASE_URL = "https://api.openai.com/v1";
const RETRY_BASE_DELAY_MS = 200;

/** Where requests go: the configured base URL, else the home of the credential that is attached. */
function resolveBaseUrl(info: ModelProviderInfo, attachedMode: AuthMode | undefined): string {
  if (info.baseUrl !== undefined) return info.baseUrl;
  return attachedMode !== undefined && usesCodexBackend(attachedMode)
    ? CHATGPT_BASE_URL
    : API_BASE_URL;
}

/** Static headers, then those read from the environment, which win. Blank variables add nothing. */
function resolveHeaders(info: ModelProviderInfo, env: Environment): HeaderBag {
  const headers = new HeaderBag(Object.entries(info.httpHeaders ?? {}));
  for (const [name, variable] of Object.entries(info.envHttpHeaders ?? {})) {
    const value = readRawVariable(env, variable);
    if (value !== undefined && value.trim() !== "") headers.set(name, value);
  }
  return headers;
}

/** Transport settings of one provider for requests that carry a credential of `attachedMode`. */
export function toApiProvider(
  info: ModelProviderInfo,
  env: Environment,
  attachedMode: AuthMode | undefined,
): ApiProvider {
  return {
    name: info.name,
    baseUrl: resolveBaseUrl(info, attachedMode),
    queryParams: encodeQuery(info.queryParams),
    headers: resolveHeaders(info, env),
    retry: toRetryPolicy(info),
    streamIdleTimeoutMs: info.streamIdleTimeoutMs,
  };
}

/**
 * Escapes keys and values, so that `a&b=c` stays one value; the transport joins them as they are. Codex does not escape,
 * which lets a value add parameters.
 */
function encodeQuery(
  parameters: Readonly<Record<string, string>> | undefined,
): Readonly<Record<string, string>> | undefined {
  if (parameters === undefined) return undefined;
  return withHiddenValues(
    Object.fromEntries(
      Object.entries(parameters).map(([key, value]) => [encodePart(key), encodePart(value)]),
    ),
  );
}

function encodePart(text: string): string {
  const [encoded = ""] = new URLSearchParams([[text, ""]]).toString().split("=");
  return encoded.replaceAll("+", "%20");
}

/**
 * 429 is never retried: the server has said to wait, and the caller decides. Source: docs/behavior/model-provider.md 3.
 */
function toRetryPolicy(info: ModelProviderInfo): RetryPolicy {
  return {
    maxRetries: info.requestMaxRetries,
    baseDelayMs: RETRY_BASE_DELAY_MS,
    retry429: false,
    retry5xx: true,
    retryTransport: true,
  };
}
