import { isJsonObject } from "@codex-ts/protocol";
import type { JsonObject, JsonValue } from "@codex-ts/protocol";

/** A schema beyond this size, as JSON, is cut down: every request sends it. */
const MAX_SCHEMA_BYTES = 5000;
/** Levels of properties that are kept of one that is much too large. */
const KEPT_LEVELS = 3;

const COMBINATIONS = ["anyOf", "oneOf", "allOf"] as const;

/** Makes one schema out of another, level by level. */
type Step = (schema: JsonObject, depth: number) => JsonObject;

/** Steps by which a large schema is cut down, in this order and only as long as it is too large. */
const STEPS: readonly Step[] = [
  ({ description: _description, ...rest }) => rest,
  ({ $defs: _defs, definitions: _definitions, ...rest }) => ("$ref" in rest ? {} : rest),
  (schema, depth) => (depth >= KEPT_LEVELS && isComplex(schema) ? {} : schema),
  (schema) => (COMBINATIONS.some((key) => key in schema) ? {} : schema),
];

/**
 * A sanitized schema in a size that requests can carry: without descriptions, then without definitions, without what is
 * deep, without alternatives. A model that needs what is left out learns it from the errors of the tool. Observed in 0.140
 * and 0.171.
 */
export function compactSchema(schema: JsonObject): JsonObject {
  let compacted = schema;
  for (const step of STEPS) {
    if (Buffer.byteLength(JSON.stringify(compacted)) <= MAX_SCHEMA_BYTES) return compacted;
    compacted = apply(step, compacted, 0);
  }
  return compacted;
}

function apply(step: Step, schema: JsonObject, depth: number): JsonObject {
  const stepped = step(schema, depth);
  return Object.fromEntries(
    Object.entries(stepped).map(([key, value = null]): [string, JsonValue] => {
      if (key === "properties" || key === "$defs" || key === "definitions") {
        return [key, applyToEach(step, value, depth + 1)];
      }
      if (key === "items" || key === "additionalProperties") {
        return [key, isJsonObject(value) ? apply(step, value, depth + 1) : value];
      }
      const isCombination = (COMBINATIONS as readonly string[]).includes(key);
      if (!isCombination || !Array.isArray(value)) return [key, value];
      return [
        key,
        value.map((one: JsonValue) => (isJsonObject(one) ? apply(step, one, depth) : one)),
      ];
    }),
  );
}

function applyToEach(step: Step, members: JsonValue, depth: number): JsonValue {
  if (!isJsonObject(members)) return members;
  return Object.fromEntries(
    Object.entries(members).map(([name, member = null]) => [
      name,
      isJsonObject(member) ? apply(step, member, depth) : member,
    ]),
  );
}

function isComplex(schema: JsonObject): boolean {
  return ["properties", "items", "additionalProperties", ...COMBINATIONS].some(
    (key) => key in schema,
  );
}
