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
export const DEFAULT_SCHEMA: SchemaRules = SCHEMA_3;

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
  /** `undefined` for a bundle of a schema that is not known: nothing can be made of it. */
  readonly rules: SchemaRules | undefined;
  /** Whether the manifest does not fit, and Codex refuses the bundle for it. */
  readonly isUnsupported: boolean;
}

/** The schemas that are known, for people. */
export const KNOWN_SCHEMAS: string = Object.keys(RULES).join(", ");

/**
 * The manifest decides. If it can not, because it is lost or from the future, the first event does: `firstEvent` is the
 * version it claims, `undefined` when there is no event. A strict reader ignores the manifest where Codex's does, a
 * tolerant one where its events can not be read by it.
 */
export function chooseRules(
  manifest: number | undefined,
  firstEvent: unknown,
  isStrict: boolean,
): ChosenRules {
  const known = findRules(manifest);
  const claimed = findRules(firstEvent);
  if (known !== undefined) {
    const fits = isStrict || claimed === undefined || claimed.container === known.container;
    return { rules: fits ? known : claimed, isUnsupported: !fits };
  }
  if (manifest === undefined) {
    const isUnknown = claimed === undefined && firstEvent !== undefined;
    return { rules: isUnknown ? undefined : (claimed ?? DEFAULT_SCHEMA), isUnsupported: isUnknown };
  }
  const reader =
    firstEvent === undefined
      ? Object.values(RULES).find(({ log }) => log.isManifestVersionIgnored)
      : claimed;
  if (isStrict && reader?.log.isManifestVersionIgnored === true)
    return { rules: reader, isUnsupported: false };
  return { rules: claimed, isUnsupported: true };
}
