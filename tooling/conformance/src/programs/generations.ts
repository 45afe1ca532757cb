import type { Compatibility } from "@codex-ts/protocol";

/** The version of Codex that ours of each generation is compared with. */
export const CODEX_VERSIONS: Readonly<Record<Compatibility, string>> = {
  "0.171": "0.171.0",
  "0.140": "0.140.0",
};

/** The generations of Codex that ours is compared with. */
export const GENERATIONS: readonly Compatibility[] = Object.keys(CODEX_VERSIONS) as Compatibility[];

/** All generations, or the one of `--compatibility`. Throws for one that is none, and where `--codex` may be of several. */
export function chosenGenerations({
  compatibility,
  codex,
}: {
  readonly compatibility?: string | undefined;
  readonly codex?: string | undefined;
}): readonly Compatibility[] {
  const chosen = GENERATIONS.filter(
    (each) => compatibility === undefined || compatibility === each,
  );
  if (chosen.length === 0) throw new Error(`--compatibility is one of ${GENERATIONS.join(", ")}`);
  if (codex !== undefined && chosen.length > 1)
    throw new Error("say with --compatibility which generation the binary of --codex is");
  return chosen;
}
