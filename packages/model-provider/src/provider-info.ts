import type { Secret } from "./secret.ts";

/** One `[model_providers.<id>]` table with its defaults applied. Source: docs/behavior/model-provider.md 2.1. */
export interface ModelProviderInfo {
  /** Display name; `OpenAI` (exact) means first party, `azure` (any case) selects Azure behavior. */
  readonly name: string;
  /** Default: by credential, docs/behavior/model-provider.md 4.1. */
  readonly baseUrl?: string | undefined;
  /** Name of the variable that holds the API key. */
  readonly envKey?: string | undefined;
  /** Appended to the error about a missing variable. */
  readonly envKeyInstructions?: string | undefined;
  /** Literal token. The configuration reader wraps it, so that printing the record does not reveal it. */
  readonly experimentalBearerToken?: string | Secret | undefined;
  /** A program that prints a token; excludes every other kind of credential. */
  readonly auth?: TokenCommandInfo | undefined;
  /** Only for the id `amazon-bedrock`. */
  readonly aws?: AwsProviderInfo | undefined;
  readonly wireApi: "responses";
  readonly queryParams?: Readonly<Record<string, string>> | undefined;
  readonly httpHeaders?: Readonly<Record<string, string>> | undefined;
  /** Header name to variable name. */
  readonly envHttpHeaders?: Readonly<Record<string, string>> | undefined;
  /** Default 4, at most 100. */
  readonly requestMaxRetries: number;
  /** Default 5, at most 100. */
  readonly streamMaxRetries: number;
  /** Default 300000. */
  readonly streamIdleTimeoutMs: number;
  /** Default 15000. */
  readonly websocketConnectTimeoutMs: number;
  /** Default false. Only such a provider is given the stored login. */
  readonly requiresOpenaiAuth: boolean;
  /** Default false. */
  readonly supportsWebsockets: boolean;
}

/**
 * `[model_providers.<id>.auth]`: a program whose output is the bearer token.
 * Source: docs/behavior/model-provider.md 2.2.
 */
export interface TokenCommandInfo {
  /** Absolute path, path relative to `cwd`, or bare name looked up on `PATH`. Never run through a shell. */
  readonly command: string;
  readonly args: readonly string[];
  /** Default 5000, at least 1. */
  readonly timeoutMs: number;
  /** Oldest token that is used without asking again. Default 300000; 0: ask again only after a 401. */
  readonly refreshIntervalMs: number;
  /** Absolute. Default: the working directory of the process. */
  readonly cwd?: string | undefined;
}

/** `[model_providers.amazon-bedrock.aws]`. */
export interface AwsProviderInfo {
  readonly profile?: string | undefined;
  readonly region?: string | undefined;
}

/** Default `request_max_retries`. */
const DEFAULT_REQUEST_MAX_RETRIES = 4;
/** Default `stream_max_retries`. */
const DEFAULT_STREAM_MAX_RETRIES = 5;
/** Neither retry number can be configured higher than this. */
export const MAX_CONFIGURED_RETRIES = 100;
/** Default `stream_idle_timeout_ms`. */
const DEFAULT_STREAM_IDLE_TIMEOUT_MS = 300_000;
/** Default `websocket_connect_timeout_ms`. */
const DEFAULT_WEBSOCKET_CONNECT_TIMEOUT_MS = 15_000;

/** A provider record with every default of docs/behavior/model-provider.md 2.1; `overrides` wins. */
export function providerInfoWithDefaults(
  overrides: Partial<ModelProviderInfo> & Pick<ModelProviderInfo, "name">,
): ModelProviderInfo {
  return {
    wireApi: "responses",
    requestMaxRetries: DEFAULT_REQUEST_MAX_RETRIES,
    streamMaxRetries: DEFAULT_STREAM_MAX_RETRIES,
    streamIdleTimeoutMs: DEFAULT_STREAM_IDLE_TIMEOUT_MS,
    websocketConnectTimeoutMs: DEFAULT_WEBSOCKET_CONNECT_TIMEOUT_MS,
    requiresOpenaiAuth: false,
    supportsWebsockets: false,
    ...overrides,
  };
}
