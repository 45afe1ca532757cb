import { createHash } from "node:crypto";
import { isJsonObject } from "@codex-ts/protocol";
import type { JsonObject, JsonValue } from "@codex-ts/protocol";

/** Hashes of definitions of tools by name: of a group without its tools, and of each tool as `group.tool`. */
export type ToolHashes = Readonly<Record<string, string>>;

/** The hashes of definitions, as 0.171 writes them down. */
export function toolHashes(tools: readonly JsonObject[]): ToolHashes {
  return Object.fromEntries(tools.flatMap(hashesOf));
}

function hashesOf(tool: JsonObject): readonly (readonly [string, string])[] {
  const { tools: _tools, ...head } = tool;
  const name = toolName(tool);
  return [
    [name, hashOf(head)],
    ...membersOf(tool).map((each) => [`${name}.${toolName(each)}`, hashOf(each)] as const),
  ];
}

/** The tools of a group; none of a tool. */
export function membersOf({ tools }: JsonObject): readonly JsonObject[] {
  return Array.isArray(tools) ? tools.filter(isJsonObject) : [];
}

/** The name of a definition. Those of the API itself have their type for one. */
export function toolName({ name, type }: JsonObject): string {
  if (typeof name === "string") return name;
  return typeof type === "string" ? type : "";
}

/** Of the JSON text with its members sorted. */
function hashOf(value: JsonObject): string {
  return sha1(JSON.stringify(sorted(value)));
}

function sorted(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map(sorted);
  if (!isJsonObject(value)) return value;
  const members = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(members.map(([name, member]) => [name, sorted(member as JsonValue)]));
}

export function sha1(text: string): string {
  return createHash("sha1").update(text).digest("hex");
}
