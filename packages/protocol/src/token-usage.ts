import type { Codec } from "./internal/codec.ts";
import { integer } from "./internal/codec.ts";
import { nullable, objectOf, optional, required } from "./internal/object-codec.ts";
import type { JsonObject, JsonValue } from "./json.ts";
import { isJsonObject } from "./json.ts";

/** Token counts of one response. All are non-negative integers. */
export interface TokenUsage {
  readonly input_tokens: number;
  readonly cached_input_tokens: number;
  /** Reported by newer servers only; absent otherwise. */
  readonly cache_write_input_tokens?: number;
  readonly output_tokens: number;
  readonly reasoning_output_tokens: number;
  readonly total_tokens: number;
}

/** Usage of a thread so far, and of its last response. */
export interface TokenUsageInfo {
  readonly total_token_usage: TokenUsage;
  readonly last_token_usage: TokenUsage;
  /** Usable size of the model's context window in tokens; `null` when unknown. */
  readonly model_context_window: number | null;
}

/** Prompts and tools every request carries; not counted when the free part of the window is shown. */
const BASELINE_TOKENS = 12_000;

/** No tokens at all. */
export const EMPTY_TOKEN_USAGE: TokenUsage = Object.freeze({
  input_tokens: 0,
  cached_input_tokens: 0,
  output_tokens: 0,
  reasoning_output_tokens: 0,
  total_tokens: 0,
});

const tokenUsageCodec: Codec<TokenUsage> = objectOf<TokenUsage>({
  input_tokens: required(integer),
  cached_input_tokens: required(integer),
  cache_write_input_tokens: optional(integer),
  output_tokens: required(integer),
  reasoning_output_tokens: required(integer),
  total_tokens: required(integer),
});

export const tokenUsageInfoCodec: Codec<TokenUsageInfo> = objectOf<TokenUsageInfo>({
  total_token_usage: required(tokenUsageCodec),
  last_token_usage: required(tokenUsageCodec),
  model_context_window: nullable(integer),
});

/**
 * The counts in the `usage` member of a `response.completed` event.
 *
 * A count that is missing, null or no integer is unknown: it follows from the other two where these are known, and is 0
 * otherwise. Returns `undefined` when neither input, output nor total is known. Codex fails the response
 * instead. Source: docs/behavior/api.md 7.3.
 */
export function readResponseUsage(usage: unknown): TokenUsage | undefined {
  if (!isJsonObject(usage)) return undefined;
  const input = count(usage["input_tokens"]);
  const output = count(usage["output_tokens"]);
  const total = count(usage["total_tokens"]);
  if (input === undefined && output === undefined && total === undefined) return undefined;
  const cacheWrite = readDetail(usage, "input_tokens_details", "cache_write_tokens");
  return {
    input_tokens: input ?? difference(total, output),
    cached_input_tokens: readDetail(usage, "input_tokens_details", "cached_tokens") ?? 0,
    ...(cacheWrite === undefined ? undefined : { cache_write_input_tokens: cacheWrite }),
    output_tokens: output ?? difference(total, input),
    reasoning_output_tokens: readDetail(usage, "output_tokens_details", "reasoning_tokens") ?? 0,
    total_tokens: total ?? (input ?? 0) + (output ?? 0),
  };
}

function count(value: JsonValue | undefined): number | undefined {
  return Number.isSafeInteger(value) ? (value as number) : undefined;
}

/** The part that is left of a total; 0 when one of the two is unknown. */
function difference(total: number | undefined, part: number | undefined): number {
  return total === undefined || part === undefined ? 0 : Math.max(0, total - part);
}

function readDetail(usage: JsonObject, group: string, member: string): number | undefined {
  const details = usage[group];
  return isJsonObject(details) ? count(details[member]) : undefined;
}

/** Input tokens that were not served from the prompt cache. */
export function nonCachedInputTokens(usage: TokenUsage): number {
  return Math.max(0, usage.input_tokens - Math.max(0, usage.cached_input_tokens));
}

/** "Tokens used" for a person: input that was not cached plus output. */
export function blendedTotalTokens(usage: TokenUsage): number {
  return nonCachedInputTokens(usage) + Math.max(0, usage.output_tokens);
}

/**
 * Percent (0 to 100, whole) of the context window that is still free after a response with this usage. The first
 * 12 000 tokens are not counted, on either side; a window no larger than that is always full.
 */
export function contextWindowPercentLeft(usage: TokenUsage, windowTokens: number): number {
  if (windowTokens <= BASELINE_TOKENS) return 0;
  const usable = windowTokens - BASELINE_TOKENS;
  const used = Math.max(0, usage.total_tokens - BASELINE_TOKENS);
  const percent = Math.round((100 * Math.max(0, usable - used)) / usable);
  return Math.min(100, Math.max(0, percent));
}

/** Member-wise sum. Cache writes are absent only when neither side reports any. */
export function addTokenUsage(left: TokenUsage, right: TokenUsage): TokenUsage {
  const reportsCacheWrites =
    left.cache_write_input_tokens !== undefined || right.cache_write_input_tokens !== undefined;
  return {
    input_tokens: left.input_tokens + right.input_tokens,
    cached_input_tokens: left.cached_input_tokens + right.cached_input_tokens,
    ...(reportsCacheWrites && {
      cache_write_input_tokens:
        (left.cache_write_input_tokens ?? 0) + (right.cache_write_input_tokens ?? 0),
    }),
    output_tokens: left.output_tokens + right.output_tokens,
    reasoning_output_tokens: left.reasoning_output_tokens + right.reasoning_output_tokens,
    total_tokens: left.total_tokens + right.total_tokens,
  };
}

/** Usage so far and the new usage, for {@link appendTokenUsage}. */
export interface AppendTokenUsageOptions {
  /** Usage so far; `null` before the first response. */
  readonly info: TokenUsageInfo | null;
  /** Usage of the latest response; `null` when the server reported none. */
  readonly last: TokenUsage | null;
  /** Window of the current model in tokens; `null` keeps the one known before. */
  readonly windowTokens: number | null;
}

/** Usage after one more response. Stays `null` while nothing was ever reported. */
export function appendTokenUsage(options: AppendTokenUsageOptions): TokenUsageInfo | null {
  const { info, last, windowTokens } = options;
  if (info === null && last === null) return null;
  const total = info?.total_token_usage ?? EMPTY_TOKEN_USAGE;
  return {
    total_token_usage: last === null ? total : addTokenUsage(total, last),
    last_token_usage: last ?? info?.last_token_usage ?? EMPTY_TOKEN_USAGE,
    model_context_window: windowTokens ?? info?.model_context_window ?? null,
  };
}

/** Usage after the server said that the context window is full: the total becomes the window. */
export function fillContextWindow(
  info: TokenUsageInfo | null,
  windowTokens: number,
): TokenUsageInfo {
  const previousTokens = info?.total_token_usage.total_tokens ?? 0;
  return {
    total_token_usage: { ...EMPTY_TOKEN_USAGE, total_tokens: windowTokens },
    last_token_usage: {
      ...EMPTY_TOKEN_USAGE,
      total_tokens: Math.max(0, windowTokens - previousTokens),
    },
    model_context_window: windowTokens,
  };
}

/** Reads usage in the form events, session files and traces store it. */
export function readTokenUsage(value: unknown): TokenUsage | undefined {
  return tokenUsageCodec.read(value);
}

/** Reads accumulated usage in the form events store it. */
export function readTokenUsageInfo(value: unknown): TokenUsageInfo | undefined {
  return tokenUsageInfoCodec.read(value);
}
