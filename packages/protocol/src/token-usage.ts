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
