import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { readMcpServers } from "@codex-ts/core";
import type { Skill } from "@codex-ts/core";
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
  };
}

function showSkill({ name, description, path, root }: Skill, codexHome: string): object {
  const isOfUser = [codexHome, join(homedir(), ".agents")].some((home) => root.startsWith(home));
  return { name, description, path, scope: isOfUser ? "user" : "repo", enabled: true };
}
