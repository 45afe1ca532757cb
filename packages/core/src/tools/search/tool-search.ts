import { isJsonObject } from "@codex-ts/protocol";
import type { JsonObject, JsonValue } from "@codex-ts/protocol";
import { objectSchema, text } from "../function-spec.ts";
import { namespaceSpec } from "../namespace-spec.ts";
import { ToolError } from "../tool.ts";
import type { Tool } from "../tool.ts";
import { rankTexts } from "./rank-texts.ts";

const DEFAULT_LIMIT = 8;

/** Definition of the search for tools that requests do not list. */
export const TOOL_SEARCH_SPEC: JsonObject = {
  type: "tool_search",
  execution: "client",
  description:
    "Find tools that are not listed here, by words of their names, descriptions and parameters. What is found can be called from the next response on. Tools of MCP servers and tools for other agents are found this way.",
  parameters: objectSchema(
    {
      limit: { type: "number", description: `Most tools to find. Default ${DEFAULT_LIMIT}.` },
      query: text("Words that say what the tool is for."),
    },
    ["query"],
  ),
};

/** Tools that requests do not list. */
export function foundBySearch(tools: readonly Tool[]): readonly Tool[] {
  return tools.map((tool) => ({ ...tool, exposure: "deferred" }));
}

/** The arguments of a search. */
export interface ToolQuery {
  readonly query: string;
  readonly limit: number;
}

/** The arguments of a call; `undefined`: they are none. */
export function readToolQuery(args: JsonValue): ToolQuery | undefined {
  if (!isJsonObject(args)) return undefined;
  const { query } = args;
  const limit = args["limit"] ?? DEFAULT_LIMIT;
  const isCount = typeof limit === "number" && Number.isInteger(limit) && limit >= 0;
  return typeof query === "string" && isCount ? { query, limit } : undefined;
}

/** Definitions of the tools that fit best, those of a namespace as one, as requests list tools. Throws `ToolError`. */
export function searchTools(
  { query, limit }: ToolQuery,
  tools: readonly Tool[],
): readonly JsonObject[] {
  if (query.trim() === "") throw new ToolError("query must not be empty");
  if (limit === 0) throw new ToolError("limit must be greater than zero");
  const found = rankTexts(query, tools.map(searchedText))
    .slice(0, limit)
    .flatMap((index) => tools[index] ?? []);
  const namespaces = new Set(found.map(({ namespace }) => namespace?.name));
  return [...namespaces].flatMap((name) => {
    const members = found.filter(({ namespace }) => namespace?.name === name);
    const specs = members.map(({ spec }) => deferred(spec));
    const namespace = members[0]?.namespace;
    return namespace === undefined ? specs : [namespaceSpec(namespace, specs)];
  });
}

/** Names are read as words, too. */
function searchedText({ name, namespace, spec }: Tool): string {
  const { description, parameters } = spec;
  const properties = isJsonObject(parameters) ? parameters["properties"] : undefined;
  const members = isJsonObject(properties) ? Object.entries(properties) : [];
  return [
    name.replaceAll("_", " "),
    namespace?.name.replaceAll("_", " "),
    namespace?.description,
    description,
    ...members.flatMap(([member, schema]) => [
      member.replaceAll("_", " "),
      isJsonObject(schema) ? schema["description"] : undefined,
    ]),
  ]
    .filter((part) => typeof part === "string")
    .join(" ");
}

function deferred({ parameters, ...head }: JsonObject): JsonObject {
  return { ...head, defer_loading: true, ...(parameters !== undefined && { parameters }) };
}
