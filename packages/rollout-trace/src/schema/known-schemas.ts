import type { TraceSchemaVersion } from "../format/raw-event.ts";
import { SCHEMA_1 } from "./schema-1.ts";
import { SCHEMA_2 } from "./schema-2.ts";
import { SCHEMA_3 } from "./schema-3.ts";
import type { SchemaRules } from "./schema-rules.ts";

const RULES: { readonly [version in TraceSchemaVersion]: SchemaRules } = {
  1: SCHEMA_1,
  2: SCHEMA_2,
  3: SCHEMA_3,
};

/** The schema that is written by default, and assumed for a bundle that names none. */
export const DEFAULT_SCHEMA: SchemaRules = SCHEMA_2;

/** The rules of a schema; throws a `RangeError` for one that is not known. */
export function rulesOf(version: TraceSchemaVersion): SchemaRules {
  const rules = findRules(version);
  if (rules === undefined) throw new RangeError(`unknown trace schema ${version}`);
  return rules;
}

function findRules(version: unknown): SchemaRules | undefined {
  return Object.values(RULES).find((rules) => rules.version === version);
}

/** The rules by which a bundle is read. */
export interface ChosenRules {
  readonly rules: SchemaRules;
  /** Whether the manifest has a schema that is not known, and Codex refuses the bundle for it. */
  readonly isUnsupported: boolean;
}

/**
 * The manifest decides. If it can not, because it is lost or from the future, the first event does: `firstEvent` is the
 * version it claims, `undefined` when there is no event. A strict reader ignores the manifest where Codex's does.
 */
export function chooseRules(
  manifest: number | undefined,
  firstEvent: unknown,
  isStrict: boolean,
): ChosenRules {
  const known = findRules(manifest);
  if (known !== undefined) return { rules: known, isUnsupported: false };
  const claimed = findRules(firstEvent);
  const rules = claimed ?? DEFAULT_SCHEMA;
  if (manifest === undefined) return { rules, isUnsupported: false };
  const reader =
    firstEvent === undefined
      ? Object.values(RULES).find(({ log }) => log.isManifestVersionIgnored)
      : claimed;
  if (isStrict && reader?.log.isManifestVersionIgnored === true)
    return { rules: reader, isUnsupported: false };
  return { rules, isUnsupported: true };
}
