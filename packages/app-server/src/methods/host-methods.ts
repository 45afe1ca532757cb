import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { readMcpResource, readMcpServers } from "@codex-ts/core";
import type { McpResourceReading, Skill } from "@codex-ts/core";
import type { Compatibility } from "@codex-ts/protocol";
import { INTERNAL_ERROR, RpcError } from "../connection/rpc-error.ts";
import type { ClientSession } from "../threads/session.ts";
import { newer } from "../wire/generation.ts";
import { toMcpServer } from "../wire/mcp-server.ts";
import type { Methods } from "./method.ts";
import { pageOf } from "./page.ts";

/** Methods that show what the host knows: configuration, login, skills. */
export function hostMethods(session: ClientSession): Methods {
  const { host, cwd: serverCwd } = session.options;
  return {
    "config/read": async ({ cwd, includeLayers }) => {
      const { config, origins } = await host.config(cwd);
      return { config, origins, ...(includeLayers === true && { layers: [] }) };
    },
    "account/read": async () => {
      const { account, requiresOpenaiAuth } = await host.account();
      const { userId = null, ...shown } =
        account?.type === "chatgpt" ? account : { ...account, userId: null };
      return {
        account: account === null ? null : shown,
        ...newer(session.generation, { userId }),
        requiresOpenaiAuth,
        ...newer(session.generation, { workspaceRouting: null }),
      };
    },
    // The token itself is not handed out.
    getAuthStatus: async () => {
      const { account, requiresOpenaiAuth } = await host.account();
      const authMethod = account && (account.type === "apiKey" ? "apikey" : "chatgpt");
      return { authMethod, authToken: null, requiresOpenaiAuth };
    },
    "skills/list": async ({ cwds }) => {
      const directories = cwds?.length ? cwds : [serverCwd];
      const data = directories.map(async (directory) => {
        const cwd = resolve(serverCwd, directory);
        const { skills, warnings } = await host.skills(cwd);
        const errors = warnings.map((message) => ({ path: cwd, message }));
        return {
          cwd: directory,
          skills: skills.map((skill) => showSkill(skill, session.options.codexHome)),
          errors,
        };
      });
      return { data: await Promise.all(data) };
    },
    "mcpServerStatus/list": async (page) => {
      const options = await host.threadOptions({ client: session.client });
      const servers = await readMcpServers(options);
      const { data, nextCursor } = pageOf(servers, page);
      return { data: data.map((server) => toMcpServer(session.generation, server)), nextCursor };
    },
    "mcpServer/resource/read": async ({ threadId, server, uri }) => {
      const address = { server, uri };
      const reading =
        threadId === undefined
          ? await readMcpResource(await host.threadOptions({ client: session.client }), address)
          : await session.get(threadId).thread.readMcpResource(address);
      const { contents } = requireContents(reading, { server, generation: session.generation });
      return { contents, ...newer(session.generation, { originCallId: null }) };
    },
  };
}

/** Throws `RpcError` where the resource was not read. Machine-read texts, the same in Codex. */
function requireContents(
  reading: McpResourceReading,
  { server, generation }: { readonly server: string; readonly generation: Compatibility },
): Extract<McpResourceReading, { readonly type: "read" }> {
  switch (reading.type) {
    case "read":
      return reading;
    case "unknown_server":
      throw new RpcError(INTERNAL_ERROR, `unknown MCP server '${server}'`);
    case "not_started":
      throw new RpcError(
        INTERNAL_ERROR,
        `failed to get client: MCP startup failed: ${reading.reason}`,
      );
    case "failed": {
      const { error, reason } = reading;
      // 0.171 hands the server's own error on.
      if (error !== undefined && generation !== "0.140") {
        throw new RpcError(error.code, error.message);
      }
      throw new RpcError(INTERNAL_ERROR, reason);
    }
    default:
      return reading satisfies never;
  }
}

function showSkill({ name, description, path, root }: Skill, codexHome: string): object {
  const isOfUser = [codexHome, join(homedir(), ".agents")].some((home) => root.startsWith(home));
  return { name, description, path, scope: isOfUser ? "user" : "repo", enabled: true };
}
