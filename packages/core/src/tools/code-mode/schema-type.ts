import { isJsonObject } from "@codex-ts/protocol";
import type { JsonObject, JsonValue } from "@codex-ts/protocol";

/** Deeper ones are `unknown`: schemas of servers can be as deep as they like. */
const MAX_DEPTH = 12;

/** A JSON schema as a type of TypeScript, for a model to read. What has no short form is `unknown`. */
export function schemaType(schema: JsonValue | undefined, depth = 0): string {
  if (!isJsonObject(schema) || depth > MAX_DEPTH) return "unknown";
  if ("const" in schema) return JSON.stringify(schema["const"]);
  const { enum: values, anyOf, oneOf, type } = schema;
  if (Array.isArray(values)) return union(values.map((value) => JSON.stringify(value)));
  const choices = Array.isArray(anyOf) ? anyOf : oneOf;
  if (Array.isArray(choices)) return union(choices.map((choice) => schemaType(choice, depth + 1)));
  if (Array.isArray(type)) {
    return union(type.map((each) => schemaType({ ...schema, type: each }, depth + 1)));
  }
  if (type === "string" || type === "boolean" || type === "null") return type;
  if (type === "number" || type === "integer") return "number";
  if (type === "array") return `Array<${schemaType(schema["items"], depth + 1)}>`;
  return type === "object" || "properties" in schema ? objectType(schema, depth) : "unknown";
}

function union(types: readonly string[]): string {
  return [...new Set(types)].join(" | ") || "unknown";
}

function objectType(
  { properties, required, additionalProperties }: JsonObject,
  depth: number,
): string {
  const names = new Set(Array.isArray(required) ? required : []);
  const indent = "  ".repeat(depth + 1);
  const lines = Object.entries(isJsonObject(properties) ? properties : {}).flatMap(
    ([name, schema]) => {
      const key = /^[A-Za-z_$][\w$]*$/.test(name) ? name : JSON.stringify(name);
      const type = schemaType(schema, depth + 1);
      const about = isJsonObject(schema) ? schema["description"] : undefined;
      const comment =
        typeof about === "string" ? [`${indent}// ${about.replace(/\s+/g, " ")}`] : [];
      return [...comment, `${indent}${key}${names.has(name) ? "" : "?"}: ${type};`];
    },
  );
  if (isJsonObject(additionalProperties)) {
    lines.push(`${indent}[key: string]: ${schemaType(additionalProperties, depth + 1)};`);
  }
  return lines.length === 0 ? "{}" : `{\n${lines.join("\n")}\n${"  ".repeat(depth)}}`;
}
