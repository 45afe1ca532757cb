import type { JsonObject } from "@codex-ts/protocol";
import { threadMcpServers } from "../../thread/thread-mcp.ts";
import { resolveOptions } from "../../thread/resolve-options.ts";
import type { ThreadOptions } from "../../thread/thread-options.ts";
import { checkMcpServers } from "./check-mcp-servers.ts";
import { serverStatuses } from "./mcp-server-status.ts";
import type { McpServerStatus } from "./mcp-server-status.ts";
import { toolTimeoutMs } from "./mcp-server-set.ts";
import type { ReadyServer } from "./mcp-server-set.ts";

/** A server, and everything it has to offer. */
export interface McpServerReading extends McpServerStatus {
  /** In the server's own words. */
  readonly resources: readonly JsonObject[];
  readonly resourceTemplates: readonly JsonObject[];
  /** Origin of a server on the network. */
  readonly httpOrigin: string | undefined;
  /** Whether its settings have it sent a bearer token. */
  readonly sendsToken: boolean;
}

/**
 * Starts the servers of a thread's options, asks what they offer, and ends them. One that does not start says why in
 * `error`. Rejects with `ThreadError` (`invalid_option`) for settings that cannot work.
 */
export async function readMcpServers(options: ThreadOptions): Promise<readonly McpServerReading[]> {
  const { mcpServers = {} } = options;
  checkMcpServers(mcpServers);
  const servers = threadMcpServers(resolveOptions(options), {
    threadId: "",
    emit: () => undefined,
    warn: () => undefined,
  });
  servers?.begin();
  try {
    await servers?.ready;
    const readyServers = new Map(servers?.readyServers.map((server) => [server.name, server]));
    const known = new Map(serverStatuses(servers).map((status) => [status.name, status]));
    const names = Object.keys(mcpServers).toSorted();
    return await Promise.all(
      names.map(async (name): Promise<McpServerReading> => {
        const settings = mcpServers[name];
        const ready = readyServers.get(name);
        return {
          ...(known.get(name) ?? OFF),
          name,
          resources: await listOf(ready, "resources/list", "resources"),
          resourceTemplates: await listOf(ready, "resources/templates/list", "resourceTemplates"),
          httpOrigin: settings && "url" in settings ? new URL(settings.url).origin : undefined,
          sendsToken:
            settings !== undefined && "url" in settings && settings.bearerTokenEnvVar !== undefined,
        };
      }),
    );
  } finally {
    await servers?.close();
  }
}

const OFF: McpServerStatus = {
  name: "",
  status: "off",
  error: undefined,
  info: undefined,
  capabilities: undefined,
  tools: [],
};

async function listOf(
  server: ReadyServer | undefined,
  method: string,
  member: string,
): Promise<readonly JsonObject[]> {
  if (server === undefined || !("resources" in server.connection.about.capabilities)) return [];
  try {
    return await server.connection.list(method, member, {
      timeoutMs: toolTimeoutMs(server.options),
    });
  } catch {
    // It says that it has some, and does not list them.
    return [];
  }
}
