import type { RateLimitSnapshot } from "@codex-ts/protocol";
import type { SecretSet } from "../secrets/secret-set.ts";

/** A snapshot without credentials in the texts that a server chooses: names, plan and balance. */
export function scrubRateLimits(
  snapshot: RateLimitSnapshot,
  secrets: SecretSet,
): RateLimitSnapshot {
  const { credits } = snapshot;
  return {
    ...secrets.scrubMembers(snapshot),
    credits: credits && secrets.scrubMembers(credits),
  };
}
