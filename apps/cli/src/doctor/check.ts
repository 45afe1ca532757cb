/** Outcome of one check. `warning`: runs work all the same. `skipped`: something before it failed. */
export type CheckStatus = "ok" | "warning" | "fail" | "skipped";

/** Result of looking at one thing. */
export interface Finding {
  readonly status: CheckStatus;
  /** One line for a person: what is so. */
  readonly summary: string;
  /** One line: what to do about it. */
  readonly remediation?: string | undefined;
  /** Further facts, without secrets. */
  readonly details?: Readonly<Record<string, string | undefined>> | undefined;
}

/** A finding under its name. The members are those of `codex doctor --json`, which has a category per check. */
export interface Check extends Finding {
  /** Stable name for programs, e.g. `network.websocket_reachability`. */
  readonly id: CheckId;
  readonly durationMs: number;
}

/** Names of all checks with their categories, in the order of the report. Those that Codex has are named as there. */
export const CHECKS = {
  "runtime.provenance": "runtime",
  "state.paths": "state",
  "config.load": "config",
  "sandbox.helpers": "sandbox",
  "network.env": "network",
  "network.provider_reachability": "reachability",
  "network.certificates": "certificates",
  "auth.credentials": "auth",
  "model.configured": "model",
  "system.clock": "clock",
  "network.websocket_reachability": "websocket",
} as const;

export type CheckId = keyof typeof CHECKS;

/** The check `id`, timed. */
export async function check(id: CheckId, look: () => Finding | Promise<Finding>): Promise<Check> {
  const startedAtMs = performance.now();
  const finding = await look();
  return { id, ...finding, durationMs: Math.round(performance.now() - startedAtMs) };
}

/** The finding about something that cannot be looked at. */
export function skipped(reason: string): Finding {
  return { status: "skipped", summary: `not checked: ${reason}` };
}
