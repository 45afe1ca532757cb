import { toWireRateLimitSnapshot } from "@codex-ts/protocol";
import type { JsonObject, TokenCountEvent, TokenUsage } from "@codex-ts/protocol";
import type { SessionGeneration } from "./session-line.ts";

/** Limits of which a server has said nothing. */
const UNKNOWN_LIMITS: JsonObject = {
  limit_id: "codex",
  limit_name: null,
  primary: null,
  secondary: null,
  credits: null,
  individual_limit: null,
  plan_type: null,
  rate_limit_reached_type: null,
};

/** The counts of a response as session files have them. */
export function wireUsage(usage: TokenUsage, generation: SessionGeneration): JsonObject {
  const { input_tokens, cached_input_tokens, output_tokens } = usage;
  const { reasoning_output_tokens, total_tokens } = usage;
  return {
    input_tokens,
    cached_input_tokens,
    ...(generation === "0.171" && {
      cache_write_input_tokens: usage.cache_write_input_tokens ?? 0,
    }),
    output_tokens,
    reasoning_output_tokens,
    total_tokens,
  };
}

/**
 * `token_count` as session files have it. `hasAllReasoning`: the last usage counts the reasoning of earlier turns, as
 * an estimate of new history does, and a response of a responses-lite model.
 */
export function wireTokenCount(
  event: TokenCountEvent,
  generation: SessionGeneration,
  { hasAllReasoning = false }: { readonly hasAllReasoning?: boolean } = {},
): JsonObject {
  const { info, rate_limits } = event;
  return {
    type: "token_count",
    info: info && {
      total_token_usage: wireUsage(info.total_token_usage, generation),
      last_token_usage: wireUsage(info.last_token_usage, generation),
      ...(generation === "0.171" && { last_usage_includes_reasoning: hasAllReasoning }),
      model_context_window: info.model_context_window,
    },
    rate_limits: {
      ...(rate_limits === null ? UNKNOWN_LIMITS : toWireRateLimitSnapshot(rate_limits)),
      ...(generation === "0.171" && { spend_control_reached: null }),
    },
  };
}
