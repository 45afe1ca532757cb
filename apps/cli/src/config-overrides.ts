import { parse } from "smol-toml";
import { UsageError } from "./errors.ts";

/** One `-c key=value`: where it goes and what it sets. */
export interface ConfigOverride {
  /** `model_providers.mock.env_key` split at its dots. */
  readonly path: readonly string[];
  readonly value: unknown;
}

/** TOML values, keyed by name. */
export type ConfigTable = Record<string, unknown>;

/**
 * Reads `key=value`. The key may be dotted; the value is TOML (`3`, `true`, `["a"]`, `{a = 1}`) and plain text when it
 * is not. Throws `UsageError`.
 */
export function parseOverride(text: string): ConfigOverride {
  const separator = text.indexOf("=");
  if (separator < 0) throw new UsageError(`-c ${text}: expected key=value`);
  const path = text
    .slice(0, separator)
    .split(".")
    .map((part) => part.trim());
  if (path.some((part) => part === "" || part === "__proto__")) {
    // The value may be a secret.
    const key = text.slice(0, separator);
    throw new UsageError(`-c ${key}=…: expected a key of names joined by dots before "="`);
  }
  return { path, value: parseValue(text.slice(separator + 1).trim()) };
}

/** A copy of `table` in which every override is set, later ones winning. Tables on the way are made where missing. */
export function applyOverrides(
  table: ConfigTable,
  overrides: readonly ConfigOverride[],
): ConfigTable {
  const result = structuredClone(table);
  for (const { path, value } of overrides) {
    let target = result;
    for (const part of path.slice(0, -1)) target = childTable(target, part);
    target[path.at(-1) ?? ""] = value;
  }
  return result;
}

/** Both tables as one: tables within are joined, other values of `over` replace those of `base`. */
export function mergeTables(base: ConfigTable, over: ConfigTable): ConfigTable {
  const changed = Object.entries(over).map(([key, value]): [string, unknown] => {
    const existing = Object.hasOwn(base, key) ? base[key] : undefined;
    return [key, isTable(existing) && isTable(value) ? mergeTables(existing, value) : value];
  });
  // Not by assignment: a key may be named like a part of the language.
  return Object.fromEntries([...Object.entries(base), ...changed]);
}

function parseValue(text: string): unknown {
  try {
    const document = parse(`value = ${text}`);
    // A line break would start a second key: such text is no value.
    if (Object.keys(document).length === 1) return document["value"];
  } catch {
    // Not TOML: plain text, so that shells need no second pair of quotes.
  }
  return text;
}

function childTable(table: ConfigTable, name: string): ConfigTable {
  const existing = Object.hasOwn(table, name) ? table[name] : undefined;
  if (isTable(existing)) return existing;
  const created: ConfigTable = {};
  table[name] = created;
  return created;
}

function isTable(value: unknown): value is ConfigTable {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
