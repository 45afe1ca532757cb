import type { Compatibility } from "@codex-ts/protocol";

/** Which Codex's messages are followed. */
export type Generation = Compatibility;

/** Members that only today's Codex has. */
export function newer<Members extends object>(
  generation: Generation,
  members: Members,
): Partial<Members> {
  return generation === "0.171" ? members : {};
}
