import type { NestedTool } from "./nested-tools.ts";

/** The types of MCP that results of servers are made of, as far as scripts need them. */
const MCP_TYPES = `type Meta = { [key: string]: unknown };
type Resource = { uri: string; mimeType?: string; _meta?: Meta } & ({ text: string } | { blob: string });
type ContentBlock = { annotations?: Meta; _meta?: Meta } & (
  | { type: "text"; text: string }
  | { type: "image" | "audio"; data: string; mimeType: string }
  | { type: "resource"; resource: Resource }
  | { type: "resource_link"; uri: string; name: string; title?: string; description?: string; mimeType?: string; size?: number }
);
type CallToolResult<Structured = { [key: string]: unknown }> = {
  content: ContentBlock[];
  structuredContent?: Structured;
  isError?: boolean;
  _meta?: Meta;
};`;

/** The text about tools for a model that calls them by scripts alone: those of a group together, behind the others. */
export function describedTools(tools: readonly NestedTool[]): string {
  const listed = tools.filter(({ tool }) => tool.exposure !== "deferred");
  const groups = new Map<string | undefined, NestedTool[]>();
  for (const one of [...listed.filter(isAlone), ...listed.filter((each) => !isAlone(each))]) {
    const name = one.tool.namespace?.name;
    groups.set(name, [...(groups.get(name) ?? []), one]);
  }
  const sections = [...groups.values()].flatMap((members) => {
    const group = members[0]?.tool.namespace;
    const about = group?.description;
    return [
      ...(group === undefined || about === undefined ? [] : [`## ${group.name}\n${about}`]),
      ...members.map(({ name, about: use, declaration }) =>
        [`### \`${name}\``, ...(use === "" ? [] : [`${use}\n`]), declaration].join("\n"),
      ),
    ];
  });
  const hasMcp = tools.some(({ tool }) => tool.givesMcpResult === true);
  if (hasMcp) sections.unshift(`Types of MCP results:\n\`\`\`ts\n${MCP_TYPES}\n\`\`\``);
  return sections.join("\n\n");
}

function isAlone({ tool }: NestedTool): boolean {
  return tool.namespace === undefined;
}
