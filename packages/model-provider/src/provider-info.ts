/** One `[model_providers.<id>]` table with its defaults applied. Source: model-provider spec, section 2.1. */
export interface ModelProviderInfo {
  /** Display name; `OpenAI` (exact) means first party, `azure` (any case) selects Azure behaviour. */
  readonly name: string;
  /** Default: by credential, section 4.1 of the spec. */
  readonly baseUrl?: string | undefined;
  /** Name of the variable that holds the API key. */
  readonly envKey?: string | undefined;
  /** Appended to the error about a missing variable. */
  readonly envKeyInstructions?: string | undefined;
  readonly experimentalBearerToken?: string | undefined;
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
  /** Default false. */
  readonly requiresOpenaiAuth: boolean;
  /** Default false. */
  readonly supportsWebsockets: boolean;
}
