import { isJsonObject } from "@codex-ts/protocol";
import type { JsonObject, JsonValue } from "@codex-ts/protocol";
import { JSON_DEPTH_LIMIT } from "./parse-exact.ts";

const SURROGATE_ESCAPE = /\\u[dD][89a-fA-F]/;

/**
 * `JSON.parse` that refuses what the original refuses and `JSON.parse` lets pass: half of a surrogate pair written as
 * an escape, and nesting of 128 levels or more. Throws `SyntaxError`; its message never quotes the text.
 */
export function parseStrictJson(text: string): JsonValue {
  const value = parseQuietly(text);
  requireStrict(text, value);
  return value;
}

/**
 * The same for an object of which only the members `names` are read. The original passes over the others, so any depth
 * and any string will do there.
 */
export function parseStrictMembers(text: string, names: ReadonlySet<string>): JsonValue {
  const value = parseQuietly(text);
  if (!isJsonObject(value)) requireStrict(text, value);
  else if (hasSurrogateEscape(text) || openersReach(text, JSON_DEPTH_LIMIT))
    requireStrict(text, withoutOthers(value, names));
  return value;
}

function withoutOthers(value: JsonObject, names: ReadonlySet<string>): JsonObject {
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [name, names.has(name) ? member : null]),
  );
}

/** The checks of {@link parseStrictJson} for a value that was parsed from the text. */
export function requireStrict(text: string, value: JsonValue): void {
  // Depth first: what is not too deep can be walked through.
  if (openersReach(text, JSON_DEPTH_LIMIT) && isDeeperThan(value, JSON_DEPTH_LIMIT - 1))
    throw new SyntaxError("json is nested too deeply");
  if (hasSurrogateEscape(text) && !isWellFormed(value))
    throw new SyntaxError("json string holds half of a surrogate pair");
}

/** `JSON.parse` whose error does not repeat the text, which may be a prompt. */
export function parseQuietly(text: string): JsonValue {
  try {
    return JSON.parse(text) as JsonValue;
  } catch {
    throw new SyntaxError("not valid json");
  }
}

/** Few texts have an escape of this kind at all, and that is found out faster. */
function hasSurrogateEscape(text: string): boolean {
  return text.includes("\\u") && SURROGATE_ESCAPE.test(text);
}

/** A cheap bound: a text with fewer opening brackets can not be deep. */
function openersReach(text: string, limit: number): boolean {
  if (text.length < limit) return false;
  let openers = 0;
  for (let index = 0; index < text.length; index += 1) {
    const unit = text.charCodeAt(index);
    if ((unit === 0x7b || unit === 0x5b) && (openers += 1) >= limit) return true;
  }
  return false;
}

function isDeeperThan(value: JsonValue, levels: number): boolean {
  if (typeof value !== "object" || value === null) return false;
  if (levels === 0) return true;
  return Object.values(value).some(
    (member) => member !== undefined && isDeeperThan(member, levels - 1),
  );
}

function isWellFormed(value: JsonValue): boolean {
  if (typeof value === "string") return value.isWellFormed();
  if (typeof value !== "object" || value === null) return true;
  return Object.entries(value).every(
    ([key, member]) => key.isWellFormed() && (member === undefined || isWellFormed(member)),
  );
}
