import type { McpServerOptions, McpServers } from "@codex-ts/core";
import { z } from "zod";
import type { LoadedConfig } from "./config-file.ts";
import { CommandError } from "./errors.ts";
import { given } from "./given.ts";
import { misspeltKey } from "./nearest.ts";
import { clipId } from "./render/clip.ts";
import { ignoredKeysLine } from "./unknown-keys.ts";

const approvalMode = z.enum(["auto", "prompt", "approve"]);
const seconds = z.number().positive();
const names = z.array(z.string());
const texts = z.record(z.string(), z.string());

/** One table of `mcp_servers`, keys as in the file. */
const server = z.object({
  command: z.exactOptional(z.string()),
  args: z.exactOptional(names),
  env: z.exactOptional(texts),
  // Newer files say in a table where a variable comes from; here there is one place.
  env_vars: z.exactOptional(z.array(z.union([z.string(), z.object({ name: z.string() })]))),
  cwd: z.exactOptional(z.string()),
  url: z.exactOptional(z.string()),
  bearer_token_env_var: z.exactOptional(z.string()),
  http_headers: z.exactOptional(texts),
  env_http_headers: z.exactOptional(texts),
  enabled: z.exactOptional(z.boolean()),
  required: z.exactOptional(z.boolean()),
  startup_timeout_sec: z.exactOptional(seconds),
  startup_timeout_ms: z.exactOptional(seconds),
  tool_timeout_sec: z.exactOptional(seconds),
  enabled_tools: z.exactOptional(names),
  disabled_tools: z.exactOptional(names),
  default_tools_approval_mode: z.exactOptional(approvalMode),
  tools: z.exactOptional(
    z.record(z.string(), z.object({ approval_mode: z.exactOptional(approvalMode) })),
  ),
  supports_parallel_tool_calls: z.exactOptional(z.boolean()),
});

type ServerTable = z.output<typeof server>;

/** Keys that mean something here, and those that mean something to Codex alone. */
export const MCP_SERVER_KEYS: readonly string[] = Object.keys(server.shape);
const CODEX_ONLY_KEYS: ReadonlySet<string> = new Set(
  "environment_id experimental_environment name oauth oauth_resource scopes".split(" "),
);

/**
 * The servers of the configuration. Throws `CommandError` for a table that cannot be used, with its place; keys nobody
 * knows are a warning. Values are never shown: many are credentials.
 */
export function mcpServers(
  { config, values, sourceOf }: Pick<LoadedConfig, "config" | "values" | "sourceOf">,
  warn: (message: string) => void,
): McpServers | undefined {
  refuseLostName(values["mcp_servers"], sourceOf);
  const tables = Object.entries(config.mcp_servers ?? {});
  if (tables.length === 0) return undefined;
  const ignored = ignoredKeysLine(tables.flatMap(([name, table]) => unknownKeys(name, table)));
  if (ignored !== undefined) warn(ignored);
  return Object.fromEntries(
    tables.map(([name, table]) => {
      const path = ["mcp_servers", name];
      if (table["bearer_token"] !== undefined) {
        throw problem(sourceOf([...path, "bearer_token"]), [...path, "bearer_token"], {
          expected:
            "tokens do not belong into this file; put it into an environment variable and name that in bearer_token_env_var",
        });
      }
      const read = server.safeParse(table);
      if (read.success) return [name, serverOptions(read.data)];
      const [issue] = read.error.issues;
      const at = [...path, ...(issue?.path ?? []).map(String)];
      const expected =
        issue?.message.replace(/^Invalid (input|option): /, "") ?? "unexpected shape";
      throw problem(sourceOf(at), at, { expected });
    }),
  );
}

/** The check of the tables leaves this name out, and the server would be missed without a word. */
function refuseLostName(table: unknown, sourceOf: LoadedConfig["sourceOf"]): void {
  const path = ["mcp_servers", "__proto__"];
  if (typeof table !== "object" || table === null || !Object.hasOwn(table, "__proto__")) return;
  throw problem(sourceOf(path), path, { expected: "no server can have this name; rename it" });
}

function unknownKeys(name: string, table: object): Parameters<typeof ignoredKeysLine>[0] {
  return Object.keys(table)
    .filter(
      (key) =>
        !MCP_SERVER_KEYS.includes(key) && !CODEX_ONLY_KEYS.has(key) && key !== "bearer_token",
    )
    .map((key) => ({
      path: `mcp_servers.${name}.${key}`,
      meant: misspeltKey(key, MCP_SERVER_KEYS),
    }));
}

function problem(
  source: string,
  path: readonly string[],
  { expected }: { readonly expected: string },
): CommandError {
  return new CommandError(`${source}: ${clipId(path.join("."))}: ${expected}`);
}

/** Core checks the rest: what both kinds of servers need, names, URLs. */
function serverOptions(table: ServerTable): McpServerOptions {
  const { startup_timeout_sec, startup_timeout_ms, tool_timeout_sec, tools } = table;
  const startupMs =
    startup_timeout_sec === undefined ? startup_timeout_ms : startup_timeout_sec * 1000;
  const options = given({
    command: table.command,
    args: table.args,
    env: table.env,
    envVars: table.env_vars?.map((entry) => (typeof entry === "string" ? entry : entry.name)),
    cwd: table.cwd,
    url: table.url,
    bearerTokenEnvVar: table.bearer_token_env_var,
    httpHeaders: table.http_headers,
    envHttpHeaders: table.env_http_headers,
    enabled: table.enabled,
    required: table.required,
    startupTimeoutMs: startupMs,
    toolTimeoutMs: tool_timeout_sec === undefined ? undefined : tool_timeout_sec * 1000,
    enabledTools: table.enabled_tools,
    disabledTools: table.disabled_tools,
    defaultToolsApprovalMode: table.default_tools_approval_mode,
    tools:
      tools &&
      Object.fromEntries(
        Object.entries(tools).map(([tool, { approval_mode }]) => [
          tool,
          given({ approvalMode: approval_mode }),
        ]),
      ),
    supportsParallelToolCalls: table.supports_parallel_tool_calls,
  });
  return options as McpServerOptions;
}
