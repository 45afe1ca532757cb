import type { Compatibility } from "@codex-ts/protocol";

/** Which Codex's messages are followed. */
export type Generation = Compatibility;

/** Version of the Codex whose messages those of a generation are. */
export const CODEX_VERSIONS: Readonly<Record<Generation, string>> = {
  "0.171": "0.171.0",
  "0.140": "0.140.0",
};

/** Members that only today's Codex has. */
export function newer<Members extends object>(
  generation: Generation,
  members: Members,
): Partial<Members> {
  return generation === "0.171" ? members : {};
}
