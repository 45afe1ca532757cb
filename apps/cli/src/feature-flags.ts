import type { ConfigOverride } from "./config-overrides.ts";
import { CommandError } from "./errors.ts";
import { FEATURE_NAMES } from "./feature-names.ts";
import { nearestWords } from "./nearest.ts";

/**
 * The overrides of `--enable` and `--disable`: `features.<name>`, those that are switched off last, as in Codex. Throws
 * `CommandError` for a name nobody knows, as Codex does.
 */
export function featureOverrides({
  enable = [],
  disable = [],
}: {
  readonly enable?: readonly string[] | undefined;
  readonly disable?: readonly string[] | undefined;
}): readonly ConfigOverride[] {
  for (const name of [...enable, ...disable]) refuseUnknown(name);
  return [
    ...enable.map((name) => ({ path: ["features", name], value: true })),
    ...disable.map((name) => ({ path: ["features", name], value: false })),
  ];
}

function refuseUnknown(name: string): void {
  if (FEATURE_NAMES.includes(name)) return;
  const nearest = nearestWords(name, FEATURE_NAMES);
  const hint =
    nearest.length > 0
      ? `did you mean ${nearest.join(" or ")}?`
      : "codex-ts features list shows those there are";
  throw new CommandError(`unknown feature "${name}": ${hint}`);
}
