import {
  EMPTY_TOKEN_USAGE,
  appendTokenUsage,
  effectiveContextWindowTokens,
  fillContextWindow,
} from "@codex-ts/protocol";
import type {
  ModelInfo,
  RateLimitSnapshot,
  TokenCountEvent,
  TokenUsage,
  TokenUsageInfo,
} from "@codex-ts/protocol";

/** Usage and limits of a thread, as the server last reported them. */
export class TokenCount {
  #windowTokens: number | null;
  #info: TokenUsageInfo | null = null;
  #rateLimits: RateLimitSnapshot | null = null;
  /** The server has refused the context as too long. */
  #isFull = false;

  constructor(model: ModelInfo) {
    this.#windowTokens = effectiveContextWindowTokens(model) ?? null;
  }

  /** Sum over all responses of the thread. */
  get total(): TokenUsage {
    return this.#info?.total_token_usage ?? EMPTY_TOKEN_USAGE;
  }

  /**
   * Tokens of the context as the last response counted them, or as they were estimated after a compaction. The whole
   * window after a server found the context too long.
   */
  get lastTokens(): number {
    if (this.#isFull) return this.#windowTokens ?? 0;
    return this.#info?.last_token_usage.total_tokens ?? 0;
  }

  /** The next responses are those of this model. */
  useModel(model: ModelInfo): void {
    this.#windowTokens = effectiveContextWindowTokens(model) ?? null;
  }

  /** The context is another one now, and nobody has counted it yet. */
  estimate(tokens: number): void {
    this.#isFull = false;
    this.#info = {
      total_token_usage: this.total,
      last_token_usage: { ...EMPTY_TOKEN_USAGE, total_tokens: tokens },
      model_context_window: this.#windowTokens,
    };
  }

  add(usage: TokenUsage | null): void {
    this.#isFull = false;
    this.#info = appendTokenUsage({
      info: this.#info,
      last: usage,
      windowTokens: this.#windowTokens,
    });
  }

  /** The counts of a thread that is resumed. */
  restore(info: TokenUsageInfo | null, rateLimits: RateLimitSnapshot | null): void {
    this.#info = info;
    this.#rateLimits = rateLimits;
  }

  /** Goes back to counts as they were. */
  useInfo(info: TokenUsageInfo | null): void {
    this.#isFull = false;
    this.#info = info;
  }

  /** The server said that the context is full, regardless of the count. */
  fill(): void {
    this.#isFull = true;
    if (this.#windowTokens !== null) this.#info = fillContextWindow(this.#info, this.#windowTokens);
  }

  /**
   * The newest snapshot replaces the one before; credits and plan stay known when it does not mention them. Source:
   * docs/behavior/protocol.md 6; seen in 0.140 and 0.169.
   */
  noteRateLimits(snapshot: RateLimitSnapshot): void {
    this.#rateLimits = {
      ...snapshot,
      limit_id: snapshot.limit_id ?? "codex",
      credits: snapshot.credits ?? this.#rateLimits?.credits ?? null,
      plan_type: snapshot.plan_type ?? this.#rateLimits?.plan_type ?? null,
    };
  }

  event(): TokenCountEvent {
    return { type: "token_count", info: this.#info, rate_limits: this.#rateLimits };
  }
}
