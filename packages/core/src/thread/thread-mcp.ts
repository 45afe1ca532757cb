import { compatibilityProfile } from "../compatibility/compatibility-profile.ts";
import { ThreadError } from "../errors.ts";
import { McpServerSet } from "../tools/mcp/mcp-server-set.ts";
import type { McpSetSettings } from "../tools/mcp/mcp-server-set.ts";
import type { ResolvedOptions } from "./resolve-options.ts";

/** The servers of a thread, none of them started; `undefined` when it has none. */
export function threadMcpServers(
  options: ResolvedOptions,
  parts: Pick<McpSetSettings, "threadId" | "emit" | "warn">,
): McpServerSet | undefined {
  const { mcpServers, env, cwd, clientVersion = "0.0.0", dispatcher, network } = options;
  if (mcpServers === undefined) return undefined;
  return McpServerSet.of({
    ...parts,
    servers: mcpServers,
    env,
    cwd,
    codexHome: options.codexHome,
    clientVersion,
    dispatcher: dispatcher ?? network?.dispatcher,
    form: compatibilityProfile(options.compatibility).mcp,
    approvalPolicy: options.approvalPolicy,
    onElicitation: options.onMcpElicitation,
  });
}

/** Rejects with `ThreadError` (`mcp_server_missing`) when a server that is required has not started. */
export async function requireMcpServers(servers: McpServerSet | undefined): Promise<void> {
  if (servers === undefined || !servers.hasRequired) return;
  await servers.ready;
  const [missing, ...others] = servers.missing;
  if (missing === undefined) return;
  const names = [missing, ...others].map(({ name }) => `\`${name}\``).join(", ");
  throw new ThreadError(
    "mcp_server_missing",
    `required MCP servers did not start: ${names}; ${missing.name}: ${missing.reason}`,
  );
}
