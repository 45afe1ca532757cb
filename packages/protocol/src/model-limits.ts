import type { ModelInfo } from "./model-info.ts";

type Window = Pick<ModelInfo, "context_window" | "max_context_window">;

/** Size of the model's context window in tokens; `undefined` when the catalog does not say. */
export function contextWindowTokens(model: Window): number | undefined {
  return model.context_window ?? model.max_context_window;
}

/** The part of the window that is used, in tokens: 95 % of it unless the model says otherwise. */
export function effectiveContextWindowTokens(
  model: Window & Pick<ModelInfo, "effective_context_window_percent">,
): number | undefined {
  const tokens = contextWindowTokens(model);
  return tokens === undefined
    ? undefined
    : Math.floor((tokens * model.effective_context_window_percent) / 100);
}

/**
 * Tokens in the context at which history is compacted: the model's own limit, but at most 90 % of its window.
 * `undefined` when neither is known.
 */
export function autoCompactTokenLimit(
  model: Window & Pick<ModelInfo, "auto_compact_token_limit">,
): number | undefined {
  const tokens = contextWindowTokens(model);
  const ceiling = tokens === undefined ? Infinity : Math.floor((tokens * 9) / 10);
  const limit = Math.min(model.auto_compact_token_limit ?? Infinity, ceiling);
  return limit === Infinity ? undefined : limit;
}
