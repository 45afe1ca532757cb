import { BEDROCK_PROVIDER_NAME } from "./builtin-providers.ts";
import type { ModelProviderInfo } from "./provider-info.ts";

/** Abilities of a provider's endpoint. Source: docs/behavior/model-provider.md 5, 12. */
export interface ProviderCapabilities {
  readonly namespaceTools: boolean;
  readonly imageGeneration: boolean;
  readonly webSearch: boolean;
  /** Models the client uses for work of its own. */
  readonly helperModels: {
    readonly approvalReview: string;
    readonly memoryExtraction: string;
    readonly memoryConsolidation: string;
  };
}

const BEDROCK_HELPER_MODEL = "openai.gpt-5.4";

/** Everything for everybody, but no image generation and no web search on Amazon Bedrock. */
export function providerCapabilities(info: ModelProviderInfo): ProviderCapabilities {
  const isBedrock = info.name === BEDROCK_PROVIDER_NAME;
  return {
    namespaceTools: true,
    imageGeneration: !isBedrock,
    webSearch: !isBedrock,
    helperModels: {
      approvalReview: isBedrock ? BEDROCK_HELPER_MODEL : "codex-auto-review",
      memoryExtraction: isBedrock ? BEDROCK_HELPER_MODEL : "gpt-5.4-mini",
      memoryConsolidation: isBedrock ? BEDROCK_HELPER_MODEL : "gpt-5.4",
    },
  };
}
