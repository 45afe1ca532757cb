import type { Compatibility } from "@codex-ts/protocol";

/** The version of Codex whose models a provider is asked for: a list is for one. */
export function listVersion(compatibility: Compatibility = "0.171"): string {
  return `${compatibility}.0`;
}
