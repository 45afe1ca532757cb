import { type Environment, readVariable } from "./environment.ts";
import { type ModelProviderInfo, providerInfoWithDefaults } from "./provider-info.ts";

/** The provider used when nothing else is configured. */
export const DEFAULT_PROVIDER_ID = "openai";
/** The only built-in provider whose table may be changed (region and profile). */
export const BEDROCK_PROVIDER_ID = "amazon-bedrock";

/** Selects the Bedrock implementation, under any id. */
export const BEDROCK_PROVIDER_NAME = "Amazon Bedrock";

const OLLAMA_DEFAULT_PORT = 11_434;
const LMSTUDIO_DEFAULT_PORT = 1_234;

/** Settings of the built-in table. */
export interface BuiltInProvidersOptions {
  /** Sent as the `version` header of the built-in `openai` provider, e.g. `0.140.0`. */
  readonly clientVersion: string;
  readonly env: Environment;
  /** Top-level `openai_base_url`; blank counts as unset. */
  readonly openaiBaseUrl?: string | undefined;
}

/** The providers that exist without configuration, by id. Source: docs/behavior/model-provider.md 2.4. */
export function builtInProviders(options: BuiltInProvidersOptions): Map<string, ModelProviderInfo> {
  const { env } = options;
  return new Map([
    [DEFAULT_PROVIDER_ID, openAiProvider(options)],
    [BEDROCK_PROVIDER_ID, bedrockProvider()],
    ["ollama", createOssProviderWithBaseUrl(ossBaseUrl(env, OLLAMA_DEFAULT_PORT))],
    ["lmstudio", createOssProviderWithBaseUrl(ossBaseUrl(env, LMSTUDIO_DEFAULT_PORT))],
  ]);
}

/** A local provider without credentials at `baseUrl`; everything else is default. */
export function createOssProviderWithBaseUrl(
  baseUrl: string,
  wireApi: "responses" = "responses",
): ModelProviderInfo {
  return providerInfoWithDefaults({ name: "gpt-oss", baseUrl, wireApi });
}

function openAiProvider({
  clientVersion,
  openaiBaseUrl,
}: BuiltInProvidersOptions): ModelProviderInfo {
  const baseUrl = openaiBaseUrl?.trim();
  return providerInfoWithDefaults({
    name: "OpenAI",
    ...(baseUrl ? { baseUrl } : {}),
    httpHeaders: { version: clientVersion },
    envHttpHeaders: {
      "OpenAI-Organization": "OPENAI_ORGANIZATION",
      "OpenAI-Project": "OPENAI_PROJECT",
    },
    requiresOpenaiAuth: true,
    supportsWebsockets: true,
  });
}

function bedrockProvider(): ModelProviderInfo {
  return providerInfoWithDefaults({
    name: BEDROCK_PROVIDER_NAME,
    baseUrl: "https://bedrock-mantle.us-east-1.api.aws/openai/v1",
    httpHeaders: { "x-amzn-mantle-client-agent": "codex" },
    aws: {},
  });
}

function ossBaseUrl(env: Environment, defaultPort: number): string {
  const configured = readVariable(env, "CODEX_OSS_BASE_URL");
  if (configured !== undefined) return configured;
  return `http://localhost:${readPort(env["CODEX_OSS_PORT"]) ?? defaultPort}/v1`;
}

function readPort(text: string | undefined): number | undefined {
  if (text === undefined || !/^\+?\d{1,5}$/.test(text)) return undefined;
  const port = Number(text);
  return port <= 65_535 ? port : undefined;
}
