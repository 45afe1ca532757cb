import { parse } from "smol-toml";
import { editConfig } from "./config-edit.ts";
import type { ConfigTable } from "./config-overrides.ts";
import { CommandError } from "./errors.ts";
import { stripToOneLine } from "./render/strip-control.ts";
import { withTable, withoutTable } from "./toml-edit.ts";

/**
 * Writes into `config.toml` that a tool of a server is called without asking. Throws `CommandError`, also where the server is
 * configured elsewhere: a table with nothing but tools is no server.
 */
export function allowMcpTool(home: string, server: string, tool: string): void {
  editConfig(home, (text) => {
    const configured = tableAt(parse(text), ["mcp_servers", server]);
    if (configured === undefined) {
      throw new CommandError(
        `the MCP server ${stripToOneLine(server)} is not configured in config.toml of ${home}`,
      );
    }
    const path = ["mcp_servers", server, "tools", tool];
    const table = { ...tableAt(configured, ["tools", tool]), approval_mode: "approve" };
    return withTable(withoutTable(text, path), path, table);
  });
}

function tableAt(document: unknown, path: readonly string[]): ConfigTable | undefined {
  let value: unknown = document;
  for (const key of path) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, key)) return undefined;
    value = (value as ConfigTable)[key];
  }
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as ConfigTable)
    : undefined;
}
