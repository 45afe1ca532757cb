import type { UsageLimitReachedKind } from "./codex-error.ts";
import { readPlanType } from "./plan-type.ts";

/** Where "today" and the time of day are taken from. */
export interface UsageLimitTextOptions {
  /** Unix milliseconds. Default: the system clock. */
  readonly now?: (() => number) | undefined;
  /** IANA name, e.g. `Europe/Berlin`. Default: the system's. */
  readonly timeZone?: string | undefined;
}

/**
 * The text for a person when a usage limit is reached: which one, what helps, and when it ends. The composition follows
 * Codex (limit name, workspace, offer, plan, in this order); the words are ours.
 */
export function usageLimitText(
  error: Omit<UsageLimitReachedKind, "kind">,
  options: UsageLimitTextOptions = {},
): string {
  const time = error.resetsAt === null ? undefined : resetTime(error.resetsAt, options);
  const orAgain = time === undefined ? " or try again later." : ` or try again at ${time}.`;
  if (error.limitName !== null && error.limitName.toLowerCase() !== "codex") {
    return `the usage limit of ${error.limitName} is reached; switch to another model${orAgain}`;
  }
  const workspace = WORKSPACE_TEXTS.get(error.reachedType);
  if (workspace !== undefined) return workspace;
  const promotion = error.promoMessage?.trim() ?? "";
  if (promotion !== "") return `the usage limit is reached; ${promotion},${orAgain}`;
  const help = PLAN_HELP.get(readPlanType(error.planType));
  if (help !== undefined) return `the usage limit is reached; ${help}${orAgain}`;
  const again = time === undefined ? " Try again later." : ` Try again at ${time}.`;
  return `the usage limit is reached.${again}`;
}

const WORKSPACE_TEXTS = new Map<string | null, string>([
  ["workspace_owner_credits_depleted", "the workspace has no credits left; add credits to go on"],
  [
    "workspace_member_credits_depleted",
    "the workspace has no credits left; ask its owner to add some",
  ],
  [
    "workspace_owner_usage_limit_reached",
    "the workspace has reached its spending limit; raise the limit to go on",
  ],
  [
    "workspace_member_usage_limit_reached",
    "the workspace has reached its spending limit; ask its owner to raise it",
  ],
]);

const ASK_ADMINISTRATOR = "ask your administrator for more";
const BUY_CREDITS = "buy credits";

const PLAN_HELP = new Map<string | undefined, string>([
  ["plus", "upgrade to Pro, buy credits,"],
  ["free", "upgrade to Plus"],
  ["go", "upgrade to Plus"],
  ["team", ASK_ADMINISTRATOR],
  ["business", ASK_ADMINISTRATOR],
  ["self_serve_business_usage_based", ASK_ADMINISTRATOR],
  ["enterprise_cbp_usage_based", ASK_ADMINISTRATOR],
  ["pro", BUY_CREDITS],
  ["prolite", BUY_CREDITS],
]);

/** `3:33 AM` when that is today, else `May 18th, 2033 3:33 AM`, in local time. */
function resetTime(resetsAtSeconds: number, options: UsageLimitTextOptions): string | undefined {
  const reset = new Date(resetsAtSeconds * 1000);
  if (Number.isNaN(reset.getTime())) return undefined;
  const format = new Intl.DateTimeFormat("en-US", {
    timeZone: options.timeZone,
    year: "numeric",
    month: "short",
    day: "numeric",
    hour: "numeric",
    minute: "2-digit",
    hour12: true,
  });
  // The parts are joined by hand: what the runtime puts between them differs from version to version.
  const partsOf = (date: Date): Record<string, string> =>
    Object.fromEntries(format.formatToParts(date).map(({ type, value }) => [type, value]));
  const at = partsOf(reset);
  const today = partsOf(new Date((options.now ?? Date.now)()));
  const clock = `${at["hour"]}:${at["minute"]} ${at["dayPeriod"]}`;
  const isToday = ["year", "month", "day"].every((part) => at[part] === today[part]);
  return isToday ? clock : `${at["month"]} ${ordinal(Number(at["day"]))}, ${at["year"]} ${clock}`;
}

function ordinal(day: number): string {
  const isTeen = day >= 11 && day <= 13;
  const suffix = isTeen ? undefined : { 1: "st", 2: "nd", 3: "rd" }[day % 10];
  return `${day}${suffix ?? "th"}`;
}
