import type { JsonObject } from "@codex-ts/protocol";
import type { McpServerSet } from "./mcp-server-set.ts";

/** How an MCP server of a thread is doing. */
export interface McpServerStatus {
  readonly name: string;
  /** `off`: its settings say so. `ready` also when it has ended since. */
  readonly status: "off" | "starting" | "ready" | "failed";
  /** Why it failed; without credentials. */
  readonly error: string | undefined;
  /** Name, version and the like in its own words; `undefined` before it is ready. */
  readonly info: JsonObject | undefined;
  readonly capabilities: JsonObject | undefined;
  /** Every tool it lists, in its own words, also those the model is not offered. */
  readonly tools: readonly JsonObject[];
}

export function serverStatuses(servers: McpServerSet | undefined): readonly McpServerStatus[] {
  return [...(servers?.states ?? [])].map(([name, state]) => {
    const ready = state.status === "ready" ? state.server : undefined;
    return {
      name,
      status: state.status,
      error: state.status === "failed" ? state.reason : undefined,
      info: ready?.connection.about.info,
      capabilities: ready?.connection.about.capabilities,
      tools: ready?.tools.map(({ raw }) => raw) ?? [],
    };
  });
}
