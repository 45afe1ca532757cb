import type { JsonObject } from "@codex-ts/protocol";

/** Definition of a function tool in requests: names and types of Codex, descriptions of our own. */
export function functionSpec(
  name: string,
  description: string,
  properties: JsonObject,
  required: readonly string[] = [],
): JsonObject {
  return {
    type: "function",
    name,
    description,
    strict: false,
    parameters: objectSchema(properties, required),
  };
}

/** Schema of an object with these members and no others. */
export function objectSchema(properties: JsonObject, required: readonly string[]): JsonObject {
  return {
    type: "object",
    properties,
    ...(required.length > 0 && { required }),
    additionalProperties: false,
  };
}

/** Schema of a text. */
export function text(description: string): JsonObject {
  return { type: "string", description };
}
