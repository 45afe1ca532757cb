import type { Schema } from "../wire-log-schema.ts";

/**
 * Where a value differs from a schema, as a path; `undefined`: nowhere. Members the schema does not name are as they are,
 * and longer texts than a writer writes do no harm.
 */
export function misfit(value: unknown, schema: Schema, path = ""): string | undefined {
  if (schema.const !== undefined) return value === schema.const ? undefined : path;
  if (schema.enum !== undefined) {
    return schema.enum.includes(value as string | number) ? undefined : path;
  }
  if (schema.type !== undefined && !hasType(value, schema.type)) return path;
  if (typeof value === "number") return isInRange(value, schema) ? undefined : path;
  if (Array.isArray(value)) return misfitOfItems(value, schema, path);
  if (typeof value === "object" && value !== null) return misfitOfMembers(value, schema, path);
  return undefined;
}

function hasType(value: unknown, type: NonNullable<Schema["type"]>): boolean {
  const types = typeof type === "string" ? [type] : type;
  return types.some((each) => {
    switch (each) {
      case "null":
        return value === null;
      case "array":
        return Array.isArray(value);
      case "object":
        return typeof value === "object" && value !== null && !Array.isArray(value);
      case "integer":
        return Number.isSafeInteger(value);
      default:
        return typeof value === each;
    }
  });
}

function isInRange(value: number, { minimum = -Infinity, maximum = Infinity }: Schema): boolean {
  return value >= minimum && value <= maximum;
}

function misfitOfItems(
  items: readonly unknown[],
  { minItems = 0, maxItems = Infinity, items: each, prefixItems }: Schema,
  path: string,
): string | undefined {
  if (items.length < minItems || items.length > maxItems) return path;
  for (const [index, item] of items.entries()) {
    const schema = prefixItems?.[index] ?? each;
    const found = schema && misfit(item, schema, `${path}/${index}`);
    if (found !== undefined) return found;
  }
  return undefined;
}

function misfitOfMembers(
  value: object,
  { required = [], properties = {} }: Schema,
  path: string,
): string | undefined {
  for (const [name, schema] of Object.entries(properties)) {
    const at = `${path}/${name}`;
    if (!Object.hasOwn(value, name)) {
      if (required.includes(name)) return at;
      continue;
    }
    const found = misfit(Reflect.get(value, name), schema, at);
    if (found !== undefined) return found;
  }
  return undefined;
}
