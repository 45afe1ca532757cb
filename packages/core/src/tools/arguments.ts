import { isJsonObject } from "@codex-ts/protocol";
import type { JsonObject, JsonValue } from "@codex-ts/protocol";
import { ToolError } from "./tool.ts";

/** Reads members of a function call's arguments; what is missing or of another type is reported to the model. */
export class ArgumentReader {
  readonly #members: JsonObject;

  /** `source`: the arguments as text, or an object among them. */
  constructor(source: string | JsonObject) {
    this.#members = typeof source === "string" ? parseArguments(source) : source;
  }

  /** Refuses members of other names. */
  allowOnly(names: readonly string[]): void {
    const other = Object.keys(this.#members).find((name) => !names.includes(name));
    if (other === undefined) return;
    const expected = names.map((name) => `\`${name}\``).join(", ");
    failArguments(`unknown field \`${other}\`, expected ${expected}`);
  }

  requiredString(name: string): string {
    return this.string(name) ?? failArguments(`missing field \`${name}\``);
  }

  /** A finite number that may be negative: where the tool has its own words for one it cannot use. */
  signedNumber(name: string): number | undefined {
    const value = this.#member(name);
    if (value === undefined) return undefined;
    if (typeof value === "number" && Number.isFinite(value)) return value;
    return wrongType(name, "a number");
  }

  string(name: string): string | undefined {
    const value = this.#member(name);
    return value === undefined || typeof value === "string" ? value : wrongType(name, "a string");
  }

  /** A non-negative finite number. */
  number(name: string): number | undefined {
    const value = this.#member(name);
    if (value === undefined) return undefined;
    if (typeof value === "number" && Number.isFinite(value) && value >= 0) return value;
    return wrongType(name, "a non-negative number");
  }

  boolean(name: string): boolean | undefined {
    const value = this.#member(name);
    return value === undefined || typeof value === "boolean" ? value : wrongType(name, "a boolean");
  }

  /** A list, of anything. */
  list(name: string): readonly JsonValue[] | undefined {
    const value = this.#member(name);
    return value === undefined || Array.isArray(value) ? value : wrongType(name, "a list");
  }

  /** A list of texts. */
  strings(name: string): readonly string[] | undefined {
    const values = this.list(name);
    return values === undefined || areTexts(values) ? values : wrongType(name, "a list of strings");
  }

  #member(name: string): JsonObject[string] {
    return this.#members[name] ?? undefined;
  }
}

/** Deepest nesting of arguments, that of Codex's own parser: what handles them may be recursive. */
const MAX_DEPTH = 128;

/**
 * The arguments of a function call. Throws `ToolError` for what is no JSON object, is nested too deeply, or has a member
 * `__proto__` anywhere: a tool that copies such a member would change the prototype of its copy.
 */
export function parseArguments(text: string): JsonObject {
  let value: JsonValue;
  try {
    value = JSON.parse(text) as JsonValue;
  } catch (error) {
    return failArguments(error instanceof Error ? error.message : String(error));
  }
  if (!isJsonObject(value)) return failArguments("expected an object");
  let level: readonly JsonValue[] = [value];
  for (let depth = 1; level.length > 0; depth += 1) {
    if (depth > MAX_DEPTH) return failArguments(`nested more than ${MAX_DEPTH} levels deep`);
    level = level.flatMap(containersIn);
  }
  return value;
}

function containersIn(container: JsonValue): JsonValue[] {
  if (isJsonObject(container) && Object.hasOwn(container, "__proto__")) {
    return failArguments("a member must not be named `__proto__`");
  }
  return Object.values(container as JsonObject).filter(
    (member): member is JsonValue => typeof member === "object" && member !== null,
  );
}

function areTexts(values: readonly JsonValue[]): values is readonly string[] {
  return values.every((value) => typeof value === "string");
}

function wrongType(name: string, expected: string): never {
  return failArguments(`invalid type of \`${name}\`, expected ${expected}`);
}

/** Throws the error the model reads for arguments it cannot have meant. Machine-read, the same in Codex. */
export function failArguments(reason: string): never {
  throw new ToolError(`failed to parse function arguments: ${reason}`);
}
