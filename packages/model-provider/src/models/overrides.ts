import type { ModelInfo } from "@codex-ts/protocol";

/** A byte budget for a number of tokens, where a model counts in bytes. */
const BYTES_PER_TOKEN = 4;

/** Settings of a configuration that change what is known about a model. */
export interface ModelInfoOverrides {
  /** `model_supports_reasoning_summaries`; only `true` has an effect. */
  readonly supportsReasoningSummaries?: boolean | undefined;
  /** `model_context_window`, in tokens; never above the model's maximum. */
  readonly contextWindow?: number | undefined;
  /** `model_auto_compact_token_limit`. */
  readonly autoCompactTokenLimit?: number | undefined;
  /** `tool_output_token_limit`, in tokens. */
  readonly toolOutputTokenLimit?: number | undefined;
  /** Replaces the model's own system text and everything it varies it with. */
  readonly baseInstructions?: string | undefined;
}

/** The model as the configuration wants it. Source: docs/behavior/model-provider.md 15. */
export function withModelOverrides(model: ModelInfo, overrides: ModelInfoOverrides): ModelInfo {
  const { contextWindow, autoCompactTokenLimit, toolOutputTokenLimit, baseInstructions } =
    overrides;
  return {
    ...model,
    ...(overrides.supportsReasoningSummaries === true
      ? { supports_reasoning_summaries: true }
      : {}),
    ...(contextWindow === undefined
      ? {}
      : { context_window: Math.min(contextWindow, model.max_context_window ?? Infinity) }),
    ...(autoCompactTokenLimit === undefined
      ? {}
      : { auto_compact_token_limit: autoCompactTokenLimit }),
    ...(toolOutputTokenLimit === undefined
      ? {}
      : { truncation_policy: outputLimit(model, toolOutputTokenLimit) }),
    ...(baseInstructions === undefined
      ? {}
      : { base_instructions: baseInstructions, model_messages: undefined }),
  };
}

function outputLimit(model: ModelInfo, tokens: number): ModelInfo["truncation_policy"] {
  const { mode } = model.truncation_policy;
  return { mode, limit: mode === "tokens" ? tokens : tokens * BYTES_PER_TOKEN };
}
