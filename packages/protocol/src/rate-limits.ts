import type { Codec } from "./internal/codec.ts";
import { boolean, integer, number, oneOf, text, unknownAsAbsent } from "./internal/codec.ts";
import { nullable, objectOf, required } from "./internal/object-codec.ts";
import type { JsonObject } from "./json.ts";
import { snapshotPlanCodec } from "./plan-type.ts";

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

/** How much of one time window is used. */
export interface RateLimitWindow {
  /** 0 to 100. */
  readonly used_percent: number;
  readonly window_minutes: number | null;
  /** Unix seconds. */
  readonly resets_at: number | null;
}

/** Credits that go on after the included usage. */
export interface CreditsSnapshot {
  readonly has_credits: boolean;
  readonly unlimited: boolean;
  /** Amount as the server words it. */
  readonly balance: string | null;
}

/** A limit an administrator set for one person; amounts as the server words them. */
export interface SpendControlLimitSnapshot {
  readonly limit: string;
  readonly used: string;
  readonly remaining_percent: number;
  /** Unix seconds. */
  readonly resets_at: number;
}

/** Which kind of limit stopped a request (0.140 and later). */
export type RateLimitReachedType =
  | "rate_limit_reached"
  | "workspace_owner_credits_depleted"
  | "workspace_member_credits_depleted"
  | "workspace_owner_usage_limit_reached"
  | "workspace_member_usage_limit_reached";

const windowCodec: Codec<RateLimitWindow> = objectOf<RateLimitWindow>({
  used_percent: required(number),
  window_minutes: nullable(integer),
  resets_at: nullable(integer),
});

const reachedTypeCodec: Codec<RateLimitReachedType> = oneOf([
  "rate_limit_reached",
  "workspace_owner_credits_depleted",
  "workspace_member_credits_depleted",
  "workspace_owner_usage_limit_reached",
  "workspace_member_usage_limit_reached",
]);

export const rateLimitSnapshotCodec: Codec<RateLimitSnapshot> = objectOf<RateLimitSnapshot>({
  limit_id: nullable(text),
  limit_name: nullable(text),
  primary: nullable(windowCodec),
  secondary: nullable(windowCodec),
  credits: nullable(
    objectOf<CreditsSnapshot>({
      has_credits: required(boolean),
      unlimited: required(boolean),
      balance: nullable(text),
    }),
  ),
  individual_limit: nullable(
    objectOf<SpendControlLimitSnapshot>({
      limit: required(text),
      used: required(text),
      remaining_percent: required(integer),
      resets_at: required(integer),
    }),
  ),
  plan_type: nullable<string>(snapshotPlanCodec),
  // A kind newer than this version says no more than none does; it must not cost the whole snapshot.
  rate_limit_reached_type: nullable(unknownAsAbsent(reachedTypeCodec)),
});

/**
 * Reads a snapshot: absent parts become `null`, a plan this version does not know becomes `unknown`, a reached type it
 * does not know `null`. `undefined` when a part has the wrong type.
 */
export function readRateLimitSnapshot(value: unknown): RateLimitSnapshot | undefined {
  return rateLimitSnapshotCodec.read(value);
}

/** The snapshot as JSON: every member is written, unknown ones are `null` or left out. */
export function toWireRateLimitSnapshot(snapshot: RateLimitSnapshot): JsonObject {
  return rateLimitSnapshotCodec.write(snapshot) as JsonObject;
}

/** The reached type a server named; `undefined` for one this version does not know, to be treated as none. */
export function readRateLimitReachedType(value: unknown): RateLimitReachedType | undefined {
  return reachedTypeCodec.read(value);
}
