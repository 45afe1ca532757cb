import type { JsonObject } from "@codex-ts/protocol";
import type { CodeModeForm } from "../../compatibility/compatibility-profile.ts";
import type { Tool } from "../tool.ts";
import type { NestedToolFace } from "./cell-protocol.ts";
import { schemaType } from "./schema-type.ts";

/** A tool that scripts can call. */
export interface NestedTool extends NestedToolFace {
  readonly tool: Tool;
  /** Its use, in the tool's own words. */
  readonly about: string;
  /** How it is called. */
  readonly declaration: string;
}

/** Tools that ask a person, or run scripts themselves, are for the model alone. */
const NOT_NESTED: ReadonlySet<string> = new Set(["exec", "wait", "request_user_input"]);

export function canBeNested({ name, isForModelOnly = false }: Tool): boolean {
  return !isForModelOnly && !NOT_NESTED.has(name);
}

/** The tools of scripts by name. */
export function nestedTools(
  tools: readonly Tool[],
  { listsGroups }: Pick<CodeModeForm, "listsGroups">,
): readonly NestedTool[] {
  const names = new Set<string>();
  return tools
    .filter((tool) => canBeNested(tool) && tool.exposure !== "hidden")
    .map((tool) => {
      const name = freeName(identifier(joinedName(tool)), names);
      names.add(name);
      const { spec, namespace } = tool;
      const about = typeof spec["description"] === "string" ? spec["description"] : "";
      const declaration = declarationOf(tool, name);
      // Whoever finds it in the list of all tools has not read about its group.
      const group = (listsGroups ? namespace?.description : undefined) ?? [];
      const description = [about, group, declaration].flat().join("\n\n");
      return { name, description, tool, about, declaration };
    })
    .toSorted((one, other) => (one.name < other.name ? -1 : 1));
}

/** A group and a name with `__` between them, or what one of them has there already. */
function joinedName({ name, namespace }: Tool): string {
  if (namespace === undefined) return name;
  const isJoined = namespace.name.endsWith("_") || name.startsWith("_");
  return `${namespace.name}${isJoined ? "" : "__"}${name}`;
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

function declarationOf({ kind, spec, scriptResult, givesMcpResult }: Tool, name: string): string {
  const parameters = kind === "custom" ? "input: string" : `args: ${schemaType(argumentsOf(spec))}`;
  const value = scriptResult === undefined ? "unknown" : schemaType(scriptResult);
  const result = givesMcpResult === true ? mcpResultType(value) : value;
  const declaration = `declare const tools: { ${name}(${parameters}): Promise<${result}>; };`;
  return `exec tool declaration:\n\`\`\`ts\n${declaration}\n\`\`\``;
}

function mcpResultType(structured: string): string {
  return structured === "unknown" ? "CallToolResult" : `CallToolResult<${structured}>`;
}

function argumentsOf({ parameters }: JsonObject): JsonObject {
  return typeof parameters === "object" && parameters !== null && !Array.isArray(parameters)
    ? (parameters as JsonObject)
    : {};
}
