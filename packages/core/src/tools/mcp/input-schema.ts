import { isJsonObject } from "@codex-ts/protocol";
import type { JsonObject, JsonValue } from "@codex-ts/protocol";
import { compactSchema } from "./compact-schema.ts";

const TYPES: ReadonlySet<string> = new Set([
  "string",
  "number",
  "boolean",
  "integer",
  "object",
  "array",
  "null",
]);
const COMBINATIONS = ["anyOf", "oneOf", "allOf"] as const;
const DEFINITIONS = ["$defs", "definitions"] as const;

/** Deeper schemas are taken for hostile: what walks them is recursive. */
const MAX_DEPTH = 100;

/** A server's schema cannot be sent: its tool is left out. */
class UnusableSchema extends Error {}

/**
 * The schema of a tool's arguments in the form requests send it: the keywords models are served with, types filled in
 * where others imply them, definitions nobody refers to left out, and what makes it too large. `undefined`: no schema can be made of it.
 * Source: docs/behavior/core-tools.md 5.
 */
export function toInputSchema(schema: unknown): JsonObject | undefined {
  const given = isJsonObject(schema) ? schema : undefined;
  if (given === undefined) return undefined;
  try {
    const root = object(given, 0, true);
    const definitions = definitionsOf(given, root);
    return compactSchema({ ...root, ...definitions });
  } catch (error) {
    if (error instanceof UnusableSchema) return undefined;
    throw error;
  }
}

/**
 * The same for a tool of a client, whose arguments need not be an object, and whose schema may be `true` or `false`. `undefined`
 * also for arguments that could be nothing but null. Source: docs/behavior/app-server.md 5.
 */
export function toClientSchema(schema: JsonValue): JsonObject | undefined {
  try {
    const root = sanitize(schema, 0);
    if (root["type"] === "null") return undefined;
    return compactSchema({ ...root, ...(isJsonObject(schema) && definitionsOf(schema, root)) });
  } catch (error) {
    if (error instanceof UnusableSchema) return undefined;
    throw error;
  }
}

function sanitize(schema: JsonValue | undefined, depth: number): JsonObject {
  if (depth > MAX_DEPTH) throw new UnusableSchema();
  // `true` and `false` are schemas too.
  if (typeof schema === "boolean") return { type: "string" };
  if (!isJsonObject(schema)) throw new UnusableSchema();
  return object(schema, depth, false);
}

function object(schema: JsonObject, depth: number, isRoot: boolean): JsonObject {
  const { $ref, description, encrypted } = schema;
  const types = typesOf(schema, isRoot);
  const combinations = COMBINATIONS.filter((key) => Array.isArray(schema[key]));
  const hasRef = typeof $ref === "string";
  if (types === undefined && !hasRef && combinations.length === 0) return {};
  const values = "const" in schema ? [schema["const"] ?? null] : schema["enum"];
  return {
    ...(hasRef && { $ref }),
    ...(types !== undefined && { type: types.length === 1 ? (types[0] ?? "string") : types }),
    ...(typeof description === "string" && { description }),
    ...(typeof encrypted === "boolean" && { encrypted }),
    ...(Array.isArray(values) && { enum: values }),
    ...(types?.includes("array") && { items: itemsOf(schema, depth) }),
    ...((types?.includes("object") || isRoot) && propertiesOf(schema, depth)),
    ...Object.fromEntries(
      combinations.map((key) => [
        key,
        (schema[key] as readonly JsonValue[]).map((member) => sanitize(member, depth + 1)),
      ]),
    ),
  };
}

function typesOf(schema: JsonObject, isRoot: boolean): string[] | undefined {
  const { type } = schema;
  const named = (Array.isArray(type) ? type : [type]).filter(
    (name): name is string => typeof name === "string" && TYPES.has(name),
  );
  if (named.length > 0) return named;
  if (isRoot) return ["object"];
  const hasOther = typeof schema["$ref"] === "string" || COMBINATIONS.some((key) => key in schema);
  const implied = hasOther ? undefined : impliedType(schema);
  return implied === undefined ? undefined : [implied];
}

function impliedType(schema: JsonObject): string | undefined {
  const has = (...keys: readonly string[]): boolean => keys.some((key) => key in schema);
  if (has("properties", "required", "additionalProperties")) return "object";
  if (has("items", "prefixItems")) return "array";
  if (has("enum", "const", "format")) return "string";
  if (has("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"))
    return "number";
  return undefined;
}

function itemsOf({ items }: JsonObject, depth: number): JsonObject {
  return items === undefined ? { type: "string" } : sanitize(items, depth + 1);
}

function propertiesOf(schema: JsonObject, depth: number): JsonObject {
  const { properties, required, additionalProperties: others } = schema;
  if (properties !== undefined && properties !== null && !isJsonObject(properties)) {
    throw new UnusableSchema();
  }
  const areNames = Array.isArray(required) && required.every((name) => typeof name === "string");
  if (required !== undefined && required !== null && !areNames) throw new UnusableSchema();
  return {
    properties: Object.fromEntries(
      Object.entries(properties ?? {})
        .toSorted(([one], [other]) => (one < other ? -1 : 1))
        .map(([name, member]) => [name, sanitize(member, depth + 1)]),
    ),
    ...(areNames && { required }),
    ...(others !== undefined &&
      others !== null && {
        additionalProperties: typeof others === "boolean" ? others : sanitize(others, depth + 1),
      }),
  };
}

/** The definitions something refers to, maybe from another definition. */
function definitionsOf(given: JsonObject, root: JsonObject): JsonObject {
  const kept = new Map<string, Map<string, JsonObject>>();
  const waiting: JsonValue[] = [root];
  for (let value = waiting.pop(); value !== undefined; value = waiting.pop()) {
    if (typeof value !== "object" || value === null) continue;
    waiting.push(...(Object.values(value) as JsonValue[]));
    const ref = isJsonObject(value) ? value["$ref"] : undefined;
    const [, table, name] =
      (typeof ref === "string" && /^#\/(\$defs|definitions)\/([^/]+)$/.exec(ref)) || [];
    if (table === undefined || name === undefined) continue;
    const definitions = given[table];
    const key = name.replaceAll("~1", "/").replaceAll("~0", "~");
    if (!isJsonObject(definitions) || !Object.hasOwn(definitions, key)) continue;
    const known = kept.get(table) ?? new Map<string, JsonObject>();
    kept.set(table, known);
    if (known.has(key)) continue;
    const definition = sanitize(definitions[key], 1);
    known.set(key, definition);
    waiting.push(definition);
  }
  return Object.fromEntries(
    DEFINITIONS.flatMap((table) => {
      const definitions = kept.get(table);
      if (definitions === undefined) return [];
      const sorted = [...definitions].toSorted(([one], [other]) => (one < other ? -1 : 1));
      return [[table, Object.fromEntries(sorted)]];
    }),
  );
}
