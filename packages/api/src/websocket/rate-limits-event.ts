import type {
  CreditsSnapshot,
  JsonObject,
  JsonValue,
  RateLimitSnapshot,
  RateLimitWindow,
} from "@codex-ts/protocol";
import { isJsonObject } from "@codex-ts/protocol";
import { DEFAULT_LIMIT_ID, normalizeLimitId } from "../events/rate-limit-headers.ts";

/** The snapshot of a `codex.rate_limits` message. Windows are taken as given. Source: docs/behavior/api.md 10.5.2. */
export function readRateLimitsEvent(event: JsonObject): RateLimitSnapshot {
  const limits = isJsonObject(event["rate_limits"]) ? event["rate_limits"] : {};
  const name = text(event["metered_limit_name"]) ?? text(event["limit_name"]);
  return {
    limit_id: name === null ? DEFAULT_LIMIT_ID : normalizeLimitId(name),
    limit_name: null,
    primary: readWindow(limits["primary"]),
    secondary: readWindow(limits["secondary"]),
    credits: readCredits(event["credits"]),
    individual_limit: null,
    plan_type: text(event["plan_type"]),
    rate_limit_reached_type: null,
  };
}

function readWindow(value: JsonValue | undefined): RateLimitWindow | null {
  if (!isJsonObject(value) || typeof value["used_percent"] !== "number") return null;
  return {
    used_percent: value["used_percent"],
    window_minutes: integer(value["window_minutes"]),
    resets_at: integer(value["reset_at"]),
  };
}

function readCredits(value: JsonValue | undefined): CreditsSnapshot | null {
  if (!isJsonObject(value)) return null;
  const { has_credits: hasCredits, unlimited, balance } = value;
  if (typeof hasCredits !== "boolean" || typeof unlimited !== "boolean") return null;
  return { has_credits: hasCredits, unlimited, balance: text(balance) };
}

function text(value: JsonValue | undefined): string | null {
  return typeof value === "string" && value.trim() !== "" ? value : null;
}

function integer(value: JsonValue | undefined): number | null {
  return typeof value === "number" && Number.isInteger(value) ? value : null;
}
