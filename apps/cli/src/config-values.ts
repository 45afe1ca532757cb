import { MODEL_PROVIDER_KEYS } from "@codex-ts/model-provider";
import type { ConfigTable } from "./config-overrides.ts";
import { CONFIG_KEYS } from "./config-schema.ts";
import { MCP_SERVER_KEYS } from "./mcp-servers.ts";
import { HIDDEN_KEYS, hideArguments, hideCredentials } from "./config-syntax.ts";

/** One value of a configuration, as it may be shown. */
export interface ConfigValue {
  readonly path: readonly string[];
  /** The path as TOML writes it. */
  readonly key: string;
  /** The value as TOML writes it. */
  readonly text: string;
  /** The value; a text that may be a credential is `null`. */
  readonly shown: unknown;
  readonly isHidden: boolean;
}

/** Every value that is no table, in the order of the file. */
export function configValues(table: ConfigTable, parents: readonly string[] = []): ConfigValue[] {
  return Object.entries(table).flatMap(([name, value]) => {
    const path = [...parents, name];
    if (isTable(value) && Object.keys(value).length > 0) return configValues(value, path);
    const shown = shownValue(path, value);
    const key = path.map(toKey).join(".");
    return [
      { path, key, text: toText(shown), shown: shown ?? null, isHidden: shown === undefined },
    ];
  });
}

/** A configuration without the values that may be credentials, and without tables that had nothing else. */
export function shownTable(table: ConfigTable, parents: readonly string[] = []): ConfigTable {
  const shown = Object.entries(table).flatMap(([name, value]): [string, unknown][] => {
    const path = [...parents, name];
    if (!isTable(value)) {
      const text = shownValue(path, value);
      return text === undefined ? [] : [[name, text]];
    }
    const inner = shownTable(value, path);
    const isAllHidden = Object.keys(inner).length === 0 && Object.keys(value).length > 0;
    return isAllHidden ? [] : [[name, inner]];
  });
  return Object.fromEntries(shown);
}

/** `undefined` where the value may be a credential: numbers and switches are none. */
function shownValue(path: readonly string[], value: unknown): unknown {
  if (typeof value === "number" || typeof value === "boolean") return value;
  if (!isShownPath(path, value)) return undefined;
  if (typeof value === "string") return hideCredentials(value);
  if (isTextList(value)) return hideArguments(value);
  return value;
}

function isTextList(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((member) => typeof member === "string");
}

function isShownPath([top = "", second, key = ""]: readonly string[], value: unknown): boolean {
  if (top === "model_providers") {
    if (key === "env_key") return isVariableName(value);
    return MODEL_PROVIDER_KEYS.includes(key) && !HIDDEN_KEYS.has(key) && key !== "auth";
  }
  if (top === "mcp_servers") {
    if (key === "bearer_token_env_var" || key === "env_http_headers") return isVariableName(value);
    return MCP_SERVER_KEYS.includes(key) && !HIDDEN_KEYS.has(key) && key !== "env";
  }
  // Values for the environment of commands.
  if (top === "shell_environment_policy" && second === "set") return false;
  return CONFIG_KEYS.includes(top);
}

/** A key pasted in the place of a variable's name does not look like one. */
function isVariableName(value: unknown): boolean {
  return typeof value === "string" && /^[A-Z_][A-Z0-9_]*$/.test(value);
}

function toKey(name: string): string {
  return /^[\w-]+$/.test(name) ? name : JSON.stringify(name);
}

function toText(shown: unknown): string {
  if (shown === undefined) return "***";
  if (Array.isArray(shown)) return `[${shown.map(toText).join(", ")}]`;
  if (isTable(shown)) return "{}";
  // Dates print themselves as TOML writes them.
  return shown instanceof Date ? shown.toISOString() : JSON.stringify(shown);
}

function isTable(value: unknown): value is ConfigTable {
  return (
    typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Date)
  );
}
