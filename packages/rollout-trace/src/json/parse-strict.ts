import { isJsonObject } from "@codex-ts/protocol";
import type { JsonValue } from "@codex-ts/protocol";
import { JSON_DEPTH_LIMIT } from "./parse-exact.ts";

/**
 * `JSON.parse` that refuses what the original refuses and `JSON.parse` lets pass: half of a surrogate pair written as
 * an escape, and nesting of 128 levels or more, of which `outerLevels` are around the text. Throws `SyntaxError`; its
 * message never quotes the text.
 */
export function parseStrictJson(text: string, outerLevels = 0): JsonValue {
  const value = parseQuietly(text);
  requireWithin(value, DEEPEST_LEVEL - outerLevels);
  return value;
}

/**
 * The same for an object of which only the members `names` are read. The original passes over the others, so any depth
 * and any string will do there.
 */
export function parseStrictMembers(text: string, names: ReadonlySet<string>): JsonValue {
  const value = parseQuietly(text);
  try {
    requireStrict(value);
  } catch (error) {
    if (!isJsonObject(value)) throw error;
    for (const name in value) {
      requireWellFormed(name);
      if (names.has(name)) requireWithin(value[name] ?? null, DEEPEST_LEVEL - 1);
    }
  }
  return value;
}

/** The checks of {@link parseStrictJson} for a value that was parsed from a text. */
export function requireStrict(value: JsonValue): void {
  requireWithin(value, DEEPEST_LEVEL);
}

/** `JSON.parse` whose error does not repeat the text, which may be a prompt. */
export function parseQuietly(text: string): JsonValue {
  try {
    return JSON.parse(text) as JsonValue;
  } catch {
    throw new SyntaxError("not valid json");
  }
}

const DEEPEST_LEVEL = JSON_DEPTH_LIMIT - 1;

/** Looks at the value, not at the text: nearly all of a text is in a few strings, which are looked at natively. */
function requireWithin(value: JsonValue, levels: number): void {
  if (typeof value === "string") requireWellFormed(value);
  if (typeof value !== "object" || value === null) return;
  if (levels === 0) throw new SyntaxError("json is nested too deeply");
  if (Array.isArray(value)) {
    const elements = value as readonly JsonValue[];
    for (let index = 0; index < elements.length; index += 1)
      requireWithin(elements[index] ?? null, levels - 1);
    return;
  }
  if (!isJsonObject(value)) return;
  for (const name in value) {
    requireWellFormed(name);
    requireWithin(value[name] ?? null, levels - 1);
  }
}

/** Valid UTF-8 holds no half of a surrogate pair, so it was written as an escape. */
function requireWellFormed(text: string): void {
  if (!text.isWellFormed()) throw new SyntaxError("json string holds half of a surrogate pair");
}
