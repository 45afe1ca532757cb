import { isJsonObject } from "@codex-ts/protocol";
import type { JsonObject } from "@codex-ts/protocol";
import { ToolError } from "../tool.ts";

/** The input of an `exec` call. */
export interface Script {
  /** The JavaScript, without the pragma. */
  readonly source: string;
  readonly yieldMs: number | undefined;
  readonly maxOutputTokens: number | undefined;
}

const PRAGMA = /^[ \t]*\/\/ @exec:([^\r\n]*)(?:\r?\n([^]*))?$/;
const FIELDS: ReadonlySet<string> = new Set(["yield_time_ms", "max_output_tokens"]);

/** Reads the input of an `exec` call: a first line with settings, if there is one, and the source. Throws `ToolError`. */
export function readScript(input: string): Script {
  if (input.trim() === "") {
    throw new ToolError(
      'exec takes the text of a script in JavaScript and got none; a first line `// @exec: {"yield_time_ms": 10000, "max_output_tokens": 1000}` may stand before it',
    );
  }
  const [whole, json = "", source = ""] = PRAGMA.exec(input) ?? [];
  if (whole === undefined) return { source: input, yieldMs: undefined, maxOutputTokens: undefined };
  if (source.trim() === "") {
    throw new ToolError("exec got settings and no script; it begins in the line after them");
  }
  const settings = readSettings(json);
  return {
    source,
    yieldMs: count(settings, "yield_time_ms"),
    maxOutputTokens: count(settings, "max_output_tokens"),
  };
}

function readSettings(json: string): JsonObject {
  let settings: unknown;
  try {
    settings = JSON.parse(json);
  } catch (error) {
    throw new ToolError(
      `the settings of exec, \`yield_time_ms\` and \`max_output_tokens\`, are no JSON: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
  if (!isJsonObject(settings)) {
    throw new ToolError("the settings of exec must be a JSON object");
  }
  const unknown = Object.keys(settings).find((name) => !FIELDS.has(name));
  if (unknown !== undefined) {
    throw new ToolError(
      `exec has the settings \`yield_time_ms\` and \`max_output_tokens\`, not \`${unknown.slice(0, 100)}\``,
    );
  }
  return settings;
}

function count(settings: JsonObject, name: string): number | undefined {
  const value = settings[name];
  if (value === undefined || value === null) return undefined;
  if (typeof value === "number" && Number.isSafeInteger(value) && value >= 0) return value;
  throw new ToolError(`\`${name}\` of exec must be an integer of 0 or more`);
}
