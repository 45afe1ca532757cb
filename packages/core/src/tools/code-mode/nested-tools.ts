import type { JsonObject } from "@codex-ts/protocol";
import type { Tool } from "../tool.ts";
import type { NestedToolFace } from "./cell-protocol.ts";
import { schemaType } from "./schema-type.ts";

/** A tool that scripts can call. */
export interface NestedTool extends NestedToolFace {
  readonly tool: Tool;
}

/** Tools that ask a person, or run scripts themselves, are for the model alone. */
const NOT_NESTED: ReadonlySet<string> = new Set(["exec", "wait", "request_user_input"]);

export function canBeNested({ name, isForModelOnly = false }: Tool): boolean {
  return !isForModelOnly && !NOT_NESTED.has(name);
}

/** The tools of scripts by name. */
export function nestedTools(tools: readonly Tool[]): readonly NestedTool[] {
  const names = new Set<string>();
  return tools
    .filter((tool) => canBeNested(tool) && tool.exposure !== "hidden")
    .map((tool) => {
      const name = freeName(identifier(tool.scriptName ?? tool.name), names);
      names.add(name);
      return { name, description: described(tool, name), tool };
    })
    .toSorted((one, other) => (one.name < other.name ? -1 : 1));
}

/** The tool's name as scripts can write it. */
function identifier(name: string): string {
  const word = name.replace(/[^\w$]/g, "_");
  return /^\d/.test(word) ? `_${word}` : word;
}

function freeName(name: string, taken: ReadonlySet<string>): string {
  let free = name;
  for (let count = 2; taken.has(free); count += 1) free = `${name}_${count}`;
  return free;
}

function described({ kind, spec, scriptResult }: Tool, name: string): string {
  const text = typeof spec["description"] === "string" ? spec["description"] : "";
  const parameters = kind === "custom" ? "input: string" : `args: ${schemaType(argumentsOf(spec))}`;
  const result = scriptResult === undefined ? "unknown" : schemaType(scriptResult);
  const declaration = `declare const tools: { ${name}(${parameters}): Promise<${result}>; };`;
  return `${text}\n\nexec tool declaration:\n\`\`\`ts\n${declaration}\n\`\`\``;
}

function argumentsOf({ parameters }: JsonObject): JsonObject {
  return typeof parameters === "object" && parameters !== null && !Array.isArray(parameters)
    ? (parameters as JsonObject)
    : {};
}
