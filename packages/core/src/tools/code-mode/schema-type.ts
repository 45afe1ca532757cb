import { isJsonObject } from "@codex-ts/protocol";
import type { JsonObject, JsonValue } from "@codex-ts/protocol";

/** Deeper ones are `unknown`: schemas of servers can be as deep as they like. */
const MAX_DEPTH = 24;
/** Schemas of one type; further ones are `unknown`. Definitions that use each other would become a type without end. */
const MAX_SCHEMAS = 2000;
/** How often a definition may stand in itself. */
const MAX_NESTED_USES = 2;

/** A JSON schema as a type of TypeScript, for a model to read. What has no short form is `unknown`. The form is Codex's. */
export function schemaType(schema: JsonValue | undefined): string {
  return new TypeWriter(schema).write(schema, []);
}

class TypeWriter {
  readonly #root: JsonValue | undefined;
  #written = 0;

  constructor(root: JsonValue | undefined) {
    this.#root = root;
  }

  /** `path`: the references the schema is reached by, and an empty text for each level between them. */
  write(schema: JsonValue | undefined, path: readonly string[]): string {
    this.#written += 1;
    if (!isJsonObject(schema) || path.length > MAX_DEPTH || this.#written > MAX_SCHEMAS) {
      return "unknown";
    }
    const { $ref: ref, enum: values, anyOf, oneOf, allOf, type } = schema;
    if (typeof ref === "string") return this.#referredTo(ref, path);
    if ("const" in schema) return JSON.stringify(schema["const"]);
    if (Array.isArray(values)) return joined(values.map((value) => JSON.stringify(value)));
    const inner = [...path, ""];
    const choices = Array.isArray(anyOf) ? anyOf : oneOf;
    if (Array.isArray(choices)) return joined(choices.map((choice) => this.write(choice, inner)));
    if (Array.isArray(allOf))
      return joined(
        allOf.map((part) => this.write(part, inner)),
        " & ",
      );
    if (Array.isArray(type)) {
      return joined(type.map((each) => this.write({ ...schema, type: each }, inner)));
    }
    const named = type ?? impliedType(schema);
    return this.#ofType(typeof named === "string" ? named : "unknown", schema, inner);
  }

  #ofType(type: string, schema: JsonObject, inner: readonly string[]): string {
    switch (type) {
      case "string":
      case "boolean":
      case "null":
        return type;
      case "number":
      case "integer":
        return "number";
      case "array":
        return this.#array(schema, inner);
      case "object":
        return this.#object(schema, inner);
      default:
        return "unknown";
    }
  }

  #array({ items, prefixItems }: JsonObject, inner: readonly string[]): string {
    if (items !== undefined) return `Array<${this.write(items, inner)}>`;
    if (!Array.isArray(prefixItems)) return "unknown[]";
    return `[${prefixItems.map((item) => this.write(item, inner)).join(", ")}]`;
  }

  #object(
    { properties, required, additionalProperties: others }: JsonObject,
    inner: readonly string[],
  ): string {
    const needed = new Set(Array.isArray(required) ? required : []);
    const members = Object.entries(isJsonObject(properties) ? properties : {}).toSorted(
      ([one], [other]) => (one < other ? -1 : 1),
    );
    const lines = members.map(([name, schema]) => {
      const key = /^[A-Za-z_$][\w$]*$/.test(name) ? name : JSON.stringify(name);
      return `${key}${needed.has(name) ? "" : "?"}: ${this.write(schema, inner)};`;
    });
    const isOpen = others === true || (others === undefined && members.length === 0);
    if (isOpen) lines.push("[key: string]: unknown;");
    else if (isJsonObject(others)) lines.push(`[key: string]: ${this.write(others, inner)};`);
    if (lines.length === 0) return "{}";
    const comments = members.map(([, schema]) => commentOf(schema));
    // Without a comment it is short enough for one line; with some each member has lines of its own.
    if (comments.every((comment) => comment === undefined)) return `{ ${lines.join(" ")} }`;
    const text = lines.flatMap((line, index) => [...(comments[index] ?? []), line]);
    return `{\n${text.map((line) => `  ${line}\n`).join("")}}`;
  }

  #referredTo(ref: string, path: readonly string[]): string {
    if (path.filter((step) => step === ref).length >= MAX_NESTED_USES) return "unknown";
    return this.write(this.#resolve(ref), [...path, ref]);
  }

  /** Only what the schema itself defines. */
  #resolve(ref: string): JsonValue | undefined {
    if (ref !== "#" && !ref.startsWith("#/")) return undefined;
    let found = this.#root;
    for (const step of ref.split("/").slice(1)) {
      const name = step.replaceAll("~1", "/").replaceAll("~0", "~");
      if (typeof found !== "object" || found === null || !Object.hasOwn(found, name))
        return undefined;
      found = (found as JsonObject)[name];
    }
    return found;
  }
}

function joined(types: readonly string[], separator = " | "): string {
  return types.join(separator) || "unknown";
}

/** The type a schema without one is of. */
function impliedType(schema: JsonObject): string | undefined {
  if (["properties", "required", "additionalProperties"].some((name) => name in schema))
    return "object";
  return ["items", "prefixItems"].some((name) => name in schema) ? "array" : undefined;
}

/** The lines of a description; none of them can end the comment it is in. `undefined`: there is no description. */
function commentOf(schema: JsonValue | undefined): readonly string[] | undefined {
  const about = isJsonObject(schema) ? schema["description"] : undefined;
  if (typeof about !== "string") return undefined;
  return about
    .split(/[\n\r\u2028\u2029]/)
    .map((line) => line.trim())
    .filter((line) => line !== "")
    .map((line) => `// ${line}`);
}
