import type { CreditsSnapshot, RateLimitSnapshot, RateLimitWindow } from "@codex-ts/protocol";
import type { ResponseHeaders } from "../headers/response-headers.ts";
import { headerText } from "../headers/response-headers.ts";

/** Family every response is about, reported even when no header names it. */
export const DEFAULT_LIMIT_ID = "codex";

/**
 * The rate-limit snapshots in response headers: `codex` always and first, then every other family that has a primary
 * window header and says something, sorted by id. Source: docs/behavior/api.md 5.1.
 */
export function readRateLimitHeaders(headers: ResponseHeaders): RateLimitSnapshot[] {
  const others = otherFamilies(headers)
    .map((id) => readRateLimitFamily(headers, id))
    .filter(
      (family) => family.primary !== null || family.secondary !== null || family.credits !== null,
    );
  return [readRateLimitFamily(headers, DEFAULT_LIMIT_ID), ...others];
}

/** The snapshot of one family; its id may be written with `-` or `_`. */
export function readRateLimitFamily(headers: ResponseHeaders, limitId: string): RateLimitSnapshot {
  const id = normalizeLimitId(limitId);
  const prefix = `x-${id.replaceAll("_", "-")}`;
  return {
    limit_id: id,
    limit_name: trimmedOrNull(headerText(headers, `${prefix}-limit-name`)),
    primary: readWindow(headers, `${prefix}-primary`),
    secondary: readWindow(headers, `${prefix}-secondary`),
    credits: readCredits(headers),
    individual_limit: null,
    plan_type: null,
    rate_limit_reached_type: null,
  };
}

/** Lower case, `-` as `_`. */
export function normalizeLimitId(limitId: string): string {
  return limitId.trim().toLowerCase().replaceAll("-", "_");
}

const FAMILY_SUFFIX = "-primary-used-percent";

function otherFamilies(headers: ResponseHeaders): string[] {
  const ids = new Set<string>();
  for (const name of Object.keys(headers)) {
    if (!name.startsWith("x-") || !name.endsWith(FAMILY_SUFFIX)) continue;
    const id = normalizeLimitId(name.slice("x-".length, -FAMILY_SUFFIX.length));
    if (id !== "" && id !== DEFAULT_LIMIT_ID) ids.add(id);
  }
  return [...ids].toSorted();
}

function readWindow(headers: ResponseHeaders, prefix: string): RateLimitWindow | null {
  const usedPercent = parseFloatStrict(headerText(headers, `${prefix}-used-percent`));
  if (usedPercent === undefined) return null;
  const windowMinutes = parseInteger(headerText(headers, `${prefix}-window-minutes`));
  const resetsAt = parseInteger(headerText(headers, `${prefix}-reset-at`));
  const hasData =
    usedPercent !== 0 ||
    (windowMinutes !== undefined && windowMinutes !== 0) ||
    resetsAt !== undefined;
  return hasData
    ? {
        used_percent: usedPercent,
        window_minutes: windowMinutes ?? null,
        resets_at: resetsAt ?? null,
      }
    : null;
}

function readCredits(headers: ResponseHeaders): CreditsSnapshot | null {
  const hasCredits = parseBoolean(headerText(headers, "x-codex-credits-has-credits"));
  const unlimited = parseBoolean(headerText(headers, "x-codex-credits-unlimited"));
  if (hasCredits === undefined || unlimited === undefined) return null;
  const balance = trimmedOrNull(headerText(headers, "x-codex-credits-balance"));
  return { has_credits: hasCredits, unlimited, balance };
}

function parseFloatStrict(text: string | undefined): number | undefined {
  if (text === undefined || !/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text)) return undefined;
  const value = Number(text);
  return Number.isFinite(value) ? value : undefined;
}

function parseInteger(text: string | undefined): number | undefined {
  if (text === undefined || !/^[+-]?\d+$/.test(text)) return undefined;
  const value = Number(text);
  return Number.isSafeInteger(value) ? value : undefined;
}

function parseBoolean(text: string | undefined): boolean | undefined {
  switch (text?.toLowerCase() ?? "") {
    case "true":
    case "1":
      return true;
    case "false":
    case "0":
      return false;
    default:
      return undefined;
  }
}

function trimmedOrNull(text: string | undefined): string | null {
  const trimmed = text?.trim();
  return trimmed === undefined || trimmed === "" ? null : trimmed;
}
