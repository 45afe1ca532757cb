import { isJsonObject } from "@codex-ts/protocol";
import type { JsonObject, JsonValue } from "@codex-ts/protocol";
import { isDeeper, isValueDeeper } from "./nesting.ts";
import { JSON_DEPTH_LIMIT } from "./parse-exact.ts";

/** Half of a surrogate pair can only come from such an escape: the text itself is valid UTF-8. */
const SURROGATE_ESCAPE = /\\u[dD][89a-fA-F]/;

/**
 * `JSON.parse` that refuses what Codex refuses and `JSON.parse` lets pass: half of a surrogate pair written as
 * an escape, and nesting of 128 levels or more, of which `outerLevels` are around the text. Throws `SyntaxError`; its
 * message never quotes the text.
 */
export function parseStrictJson(text: string, outerLevels = 0): JsonValue {
  const value = parseQuietly(text);
  requireStrict(text, value, outerLevels);
  return value;
}

/**
 * The same for an object of which only the members `names` are read. Codex passes over the others, so any depth
 * and any string will do there.
 */
export function parseStrictMembers(text: string, names: ReadonlySet<string>): JsonValue {
  const value = parseQuietly(text);
  try {
    requireStrict(text, value);
  } catch (error) {
    if (!isJsonObject(value)) throw error;
    requireStrict(text, withoutOthers(value, names));
  }
  return value;
}

function withoutOthers(value: JsonObject, names: ReadonlySet<string>): JsonObject {
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [name, names.has(name) ? member : null]),
  );
}

/** The checks of {@link parseStrictJson} for a value that was parsed from the text. */
export function requireStrict(text: string, value: JsonValue, outerLevels = 0): void {
  // Depth first: what is not too deep can be walked through.
  if (isValueDeeper(value, DEEPEST_LEVEL - outerLevels))
    throw new SyntaxError("json is nested too deeply");
  // Nearly every text holds no such escape at all, which a search for two characters says in half the time.
  if (text.includes("\\u") && SURROGATE_ESCAPE.test(text) && !isWellFormed(value))
    throw new SyntaxError("json string holds half of a surrogate pair");
}

/** `JSON.parse` whose error does not repeat the text, which may be a prompt. */
export function parseQuietly(text: string): JsonValue {
  if (text.length > SMALL_CHARACTERS && isDeeper(text, MAX_PARSED_LEVELS))
    throw new SyntaxError("json is nested too deeply");
  try {
    return JSON.parse(text) as JsonValue;
  } catch {
    throw new SyntaxError("not valid json");
  }
}

/** Levels take a hundred bytes and a microsecond each: shorter texts cannot hold too many. */
const SMALL_CHARACTERS = 1024 * 1024;
const MAX_PARSED_LEVELS = 100_000;

const DEEPEST_LEVEL = JSON_DEPTH_LIMIT - 1;

function isWellFormed(value: JsonValue): boolean {
  if (typeof value === "string") return value.isWellFormed();
  if (typeof value !== "object" || value === null) return true;
  return Object.entries(value).every(
    ([key, member]) => key.isWellFormed() && (member === undefined || isWellFormed(member)),
  );
}
