import type { McpServerReading } from "@codex-ts/core";
import type { JsonObject } from "@codex-ts/protocol";
import { newer } from "./generation.ts";
import type { Generation } from "./generation.ts";

/** A server of the configuration, as clients read about it. */
export function toMcpServer(generation: Generation, server: McpServerReading): object {
  const { name, info, capabilities, tools, resources, resourceTemplates, error } = server;
  return {
    name,
    ...newer(generation, {
      environmentId: null,
      runtimeStatus: null,
      pluginId: null,
      httpOrigin: server.httpOrigin ?? null,
    }),
    serverInfo: info === undefined ? null : withAbsent(INFO_MEMBERS, info),
    ...newer(generation, { serverCapabilities: capabilities ?? null, toolListMeta: null }),
    tools: byName(tools),
    ...newer(generation, { toolsError: error ?? null }),
    resources,
    resourceTemplates,
    authStatus: server.sendsToken ? "bearerToken" : "unsupported",
  };
}

function byName(tools: readonly JsonObject[]): object {
  return Object.fromEntries(
    tools.flatMap((tool) => (typeof tool["name"] === "string" ? [[tool["name"], tool]] : [])),
  );
}

const INFO_MEMBERS = ["name", "title", "version", "description", "icons", "websiteUrl"];

function withAbsent(members: readonly string[], value: JsonObject): object {
  return Object.fromEntries(members.map((member) => [member, value[member] ?? null]));
}
