import { ThreadError } from "../errors.ts";
import type { Tool } from "./tool.ts";

/** Names that servers accept, and Codex's app server too (0.140 and 0.171). */
const TOOL_NAME = /^[A-Za-z0-9_-]{1,128}$/;

/**
 * Checks the names of an application's tools against each other and the built-in ones. Throws a `ThreadError` that says
 * how to correct them.
 */
export function checkToolNames(builtin: readonly Tool[], own: readonly Tool[]): void {
  const builtinNames = new Set(
    builtin
      .filter(({ namespace, exposure }) => namespace === undefined && exposure !== "hidden")
      .map(({ name }) => name),
  );
  const seen = new Set<string>();
  for (const { name, namespace } of own) {
    if (typeof name !== "string" || !TOOL_NAME.test(name)) {
      throw invalid(
        name,
        "a name is 1 to 128 letters, digits, `_` and `-`; rename it, e.g. `get_weather`",
      );
    }
    if (namespace === undefined && builtinNames.has(name)) {
      throw invalid(name, "a built-in tool has that name; rename yours");
    }
    if (name === "mcp" || name.startsWith("mcp__")) {
      throw invalid(name, "tools of MCP servers have such names; rename it without `mcp`");
    }
    const key = JSON.stringify([namespace?.name, name]);
    if (seen.has(key)) {
      throw invalid(name, "two tools have that name; rename one or leave it out");
    }
    seen.add(key);
  }
}

function invalid(name: unknown, reason: string): ThreadError {
  return new ThreadError("invalid_option", `tool \`${String(name)}\` cannot be offered: ${reason}`);
}
