import type {
  CodexErrorInfo,
  RateLimitSnapshot,
  RateLimitWindow,
  TokenUsage,
  TokenUsageInfo,
} from "@codex-ts/protocol";
import { newer } from "./generation.ts";
import type { Generation } from "./generation.ts";

/** Why a turn failed, or what it will try again after. */
export interface TurnError {
  readonly message: string;
  readonly codexErrorInfo: string | object | null;
  readonly additionalDetails: string | null;
}

export function toTurnError(
  generation: Generation,
  error: {
    readonly message: string;
    readonly info: CodexErrorInfo | null;
    readonly details?: string | null | undefined;
  },
): TurnError {
  return {
    message: error.message,
    codexErrorInfo: error.info === null ? null : toErrorInfo(error.info),
    additionalDetails: error.details ?? null,
    ...newer(generation, { misalignment: null }),
  };
}

function toErrorInfo(info: CodexErrorInfo): string | object {
  if (typeof info === "string") return info === "invalid_prompt" ? "other" : camel(info);
  const [name = "other", facts] = Object.entries(info)[0] ?? [];
  const members = Object.entries(facts as object).map(([key, value]) => [camel(key), value]);
  return { [camel(name)]: Object.fromEntries(members) as object };
}

/** `response_stream_disconnected` as `responseStreamDisconnected`. */
export function camel(name: string): string {
  return name.replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

export function toTokenUsage(generation: Generation, info: TokenUsageInfo): object {
  return {
    total: toUsage(generation, info.total_token_usage),
    last: toUsage(generation, info.last_token_usage),
    modelContextWindow: info.model_context_window,
  };
}

function toUsage(generation: Generation, usage: TokenUsage): object {
  return {
    totalTokens: usage.total_tokens,
    inputTokens: usage.input_tokens,
    cachedInputTokens: usage.cached_input_tokens,
    ...newer(generation, { cacheWriteInputTokens: usage.cache_write_input_tokens ?? 0 }),
    outputTokens: usage.output_tokens,
    reasoningOutputTokens: usage.reasoning_output_tokens,
  };
}

export function toRateLimits(generation: Generation, limits: RateLimitSnapshot): object {
  const { credits, individual_limit: individual } = limits;
  return {
    limitId: limits.limit_id,
    limitName: limits.limit_name,
    ...newer(generation, { normalModelSlug: null }),
    primary: toWindow(limits.primary),
    secondary: toWindow(limits.secondary),
    credits: credits && {
      hasCredits: credits.has_credits,
      unlimited: credits.unlimited,
      balance: credits.balance,
    },
    individualLimit: individual && {
      limit: individual.limit,
      used: individual.used,
      remainingPercent: individual.remaining_percent,
      resetsAt: individual.resets_at,
    },
    ...newer(generation, { spendControlReached: null }),
    planType: limits.plan_type,
    rateLimitReachedType: limits.rate_limit_reached_type,
  };
}

function toWindow(window: RateLimitWindow | null): object | null {
  return (
    window && {
      // Clients read whole percents.
      usedPercent: Math.round(window.used_percent),
      windowDurationMins: window.window_minutes,
      resetsAt: window.resets_at,
    }
  );
}
