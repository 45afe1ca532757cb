/** State of one family of rate limits, as the server last reported it. */
export interface RateLimitSnapshot {
  readonly limit_id: string | null;
  readonly limit_name: string | null;
  readonly primary: RateLimitWindow | null;
  readonly secondary: RateLimitWindow | null;
  readonly credits: CreditsSnapshot | null;
  readonly individual_limit: SpendControlLimitSnapshot | null;
  readonly plan_type: string | null;
  readonly rate_limit_reached_type: RateLimitReachedType | null;
}

export interface RateLimitWindow {
  /** 0 to 100. */
  readonly used_percent: number;
  readonly window_minutes: number | null;
  /** Unix seconds. */
  readonly resets_at: number | null;
}

export interface CreditsSnapshot {
  readonly has_credits: boolean;
  readonly unlimited: boolean;
  readonly balance: string | null;
}

export interface SpendControlLimitSnapshot {
  readonly limit: string;
  readonly used: string;
  readonly remaining_percent: number;
  /** Unix seconds. */
  readonly resets_at: number;
}

export type RateLimitReachedType =
  | "rate_limit_reached"
  | "workspace_owner_credits_depleted"
  | "workspace_member_credits_depleted"
  | "workspace_owner_usage_limit_reached"
  | "workspace_member_usage_limit_reached";
