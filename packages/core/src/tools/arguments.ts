import { isJsonObject } from "@codex-ts/protocol";
import type { JsonObject } from "@codex-ts/protocol";
import { ToolError } from "./tool.ts";

/** Reads members of a function call's arguments; what is missing or of another type is reported to the model. */
export class ToolArguments {
  readonly #members: JsonObject;

  constructor(text: string) {
    this.#members = parse(text);
  }

  requiredString(name: string): string {
    return this.string(name) ?? fail(`missing field \`${name}\``);
  }

  requiredNumber(name: string): number {
    return this.number(name) ?? fail(`missing field \`${name}\``);
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

  #member(name: string): JsonObject[string] {
    return this.#members[name] ?? undefined;
  }
}

function parse(text: string): JsonObject {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return fail(error instanceof Error ? error.message : String(error));
  }
  return isJsonObject(value) ? value : fail("expected an object");
}

function wrongType(name: string, expected: string): never {
  return fail(`invalid type of \`${name}\`, expected ${expected}`);
}

function fail(reason: string): never {
  throw new ToolError(`failed to parse function arguments: ${reason}`);
}
