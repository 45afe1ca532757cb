/** Name of a tool, with the namespace of the server or group that offers it. */
export interface ToolName {
  readonly name: string;
  readonly namespace: string | null;
}

/** How a tool is shown and logged: the namespace, if any, immediately followed by the name. */
export function toolNameText(tool: ToolName): string {
  return `${tool.namespace ?? ""}${tool.name}`;
}
