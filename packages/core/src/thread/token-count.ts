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
  readonly #windowTokens: number | null;
  #info: TokenUsageInfo | null = null;
  #rateLimits: RateLimitSnapshot | null = null;

  constructor(model: ModelInfo) {
    this.#windowTokens = effectiveContextWindowTokens(model) ?? null;
  }

  /** Sum over all responses of the thread. */
  get total(): TokenUsage {
    return this.#info?.total_token_usage ?? EMPTY_TOKEN_USAGE;
  }

  add(usage: TokenUsage | null): void {
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

  /** The server said that the context is full, regardless of the count. */
  fill(): void {
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
