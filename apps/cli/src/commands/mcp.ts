import type { McpServerOptions } from "@codex-ts/core";
import type { CliProcess } from "../cli-process.ts";
import { codexHome } from "../codex-home.ts";
import { editConfig } from "../config-edit.ts";
import { loadConfigFor } from "../config-file.ts";
import type { ConfigTable } from "../config-overrides.ts";
import { hideArguments, hideCredentials } from "../config-syntax.ts";
import { CommandError, UsageError } from "../errors.ts";
import type { GlobalOptions } from "../global-options.ts";
import { mcpServers } from "../mcp-servers.ts";
import { stripToOneLine } from "../render/strip-control.ts";
import { renderTable } from "../render/table.ts";
import { withTable, withoutTable } from "../toml-edit.ts";

/** Shown in the place of values that may be credentials, however long they are. */
const HIDDEN = "*****";
/** Names Codex accepts. */
const SERVER_NAME = /^[A-Za-z0-9_:@/.-]+$/;

export interface McpListOptions extends GlobalOptions {
  readonly json?: boolean;
}

export interface McpAddOptions extends GlobalOptions {
  /** `NAME=VALUE`, in order. */
  readonly env?: readonly string[];
  readonly url?: string;
  readonly bearerTokenEnvVar?: string;
}

/** `codex-ts mcp list`: the servers of the configuration. */
export function runMcpList(options: McpListOptions, cliProcess: CliProcess): number {
  const servers = Object.entries(readServers(options, cliProcess)).toSorted(([one], [other]) =>
    one < other ? -1 : 1,
  );
  if (options.json === true) {
    printJson(
      cliProcess,
      servers.map(([name, server]) => toJson(name, server)),
    );
    return 0;
  }
  if (servers.length === 0) {
    cliProcess.stdout.write(
      `no MCP servers; add one: ${cliProcess.commandName} mcp add NAME -- COMMAND\n`,
    );
    return 0;
  }
  const rows = servers.map(([name, server]) => [
    name,
    "command" in server
      ? [server.command, ...hideArguments(server.args ?? [])].join(" ")
      : hideCredentials(server.url),
    settingsOf(server),
    server.enabled === false ? "disabled" : "enabled",
  ]);
  const shown = rows.map((row) => row.map(stripToOneLine));
  cliProcess.stdout.write(
    renderTable([["name", "command or URL", "settings", "status"], ...shown]),
  );
  return 0;
}

/** `codex-ts mcp get NAME`: one server of the configuration. */
export function runMcpGet(name: string, options: McpListOptions, cliProcess: CliProcess): number {
  const server = readServers(options, cliProcess)[name];
  if (server === undefined) throw unknownServer(name);
  if (options.json === true) {
    printJson(cliProcess, toJson(name, server));
    return 0;
  }
  const lines = [
    ["enabled", String(server.enabled ?? true)],
    ...("command" in server
      ? [
          ["transport", "stdio"],
          ["command", server.command],
          ["args", hideArguments(server.args ?? []).join(" ")],
          ["cwd", server.cwd],
          ["env", hiddenValues(server.env)],
          ["env_vars", server.envVars?.join(", ")],
        ]
      : [
          ["transport", "streamable_http"],
          ["url", hideCredentials(server.url)],
          ["bearer_token_env_var", server.bearerTokenEnvVar],
          ["http_headers", hiddenValues(server.httpHeaders)],
          ["env_http_headers", namedValues(server.envHttpHeaders)],
        ]),
    ["enabled_tools", server.enabledTools?.join(", ")],
    ["disabled_tools", server.disabledTools?.join(", ")],
    ["remove", `${cliProcess.commandName} mcp remove ${name}`],
  ].map(([key, value]) => `  ${key}: ${stripToOneLine(value || "-")}\n`);
  cliProcess.stdout.write(`${name}\n${lines.join("")}`);
  return 0;
}

/** `codex-ts mcp add NAME`: puts a server into `config.toml`, in the place of one of that name. */
export function runMcpAdd(
  name: string,
  command: readonly string[],
  options: McpAddOptions,
  cliProcess: CliProcess,
): number {
  if (!SERVER_NAME.test(name)) {
    throw new UsageError("a server name has letters, digits, and - _ : @ / . only");
  }
  const table =
    options.url === undefined ? programTable(command, options) : addressTable(command, options);
  const home = codexHome(cliProcess);
  const path = ["mcp_servers", name];
  editConfig(home, (text) => withTable(withoutTable(text, path), path, table));
  cliProcess.stderr.write(`added MCP server ${name}\n`);
  return 0;
}

/** `codex-ts mcp remove NAME`: takes a server out of `config.toml`. Exit code 0 also when there was none, as in Codex. */
export function runMcpRemove(name: string, cliProcess: CliProcess): number {
  let wasThere = false;
  editConfig(codexHome(cliProcess), (text) => {
    const left = withoutTable(text, ["mcp_servers", name]);
    wasThere = left !== text;
    return left;
  });
  cliProcess.stderr.write(
    wasThere ? `removed MCP server ${name}\n` : `there is no MCP server ${stripToOneLine(name)}\n`,
  );
  return 0;
}

export function unknownServer(name: string): CommandError {
  return new CommandError(
    `there is no MCP server ${stripToOneLine(name)} in the configuration; \`mcp list\` shows those there are`,
  );
}

export function readServers(
  options: GlobalOptions,
  cliProcess: CliProcess,
): Readonly<Record<string, McpServerOptions>> {
  const loaded = loadConfigFor(options, codexHome(cliProcess));
  const warn = (message: string): void => void cliProcess.stderr.write(`warning: ${message}\n`);
  return mcpServers(loaded, warn) ?? {};
}

function programTable(command: readonly string[], options: McpAddOptions): ConfigTable {
  const [program, ...args] = command;
  if (program === undefined) {
    throw new UsageError("say how the server is reached: --url URL, or the program after --");
  }
  if (options.bearerTokenEnvVar !== undefined) {
    throw new UsageError("--bearer-token-env-var is for servers with --url");
  }
  const env = Object.fromEntries((options.env ?? []).map(variable));
  return {
    command: program,
    ...(args.length > 0 && { args }),
    ...(options.env !== undefined && { env }),
  };
}

function addressTable(command: readonly string[], options: McpAddOptions): ConfigTable {
  const { url = "", env, bearerTokenEnvVar } = options;
  if (command.length > 0) throw new UsageError("--url and a program exclude each other");
  if (env !== undefined) throw new UsageError("--env is for servers that are programs");
  const protocol = URL.canParse(url) ? new URL(url).protocol : "";
  if (protocol !== "http:" && protocol !== "https:") {
    throw new UsageError("--url: expected an http: or https: URL");
  }
  return {
    url,
    ...(bearerTokenEnvVar !== undefined && { bearer_token_env_var: bearerTokenEnvVar }),
  };
}

/** The value is not repeated: it may be a credential. */
function variable(text: string): [string, string] {
  const end = text.indexOf("=");
  if (end <= 0) throw new UsageError("--env: expected NAME=VALUE");
  return [text.slice(0, end), text.slice(end + 1)];
}

function settingsOf(server: McpServerOptions): string {
  if ("command" in server) return hiddenValues(server.env) || "-";
  const { bearerTokenEnvVar, httpHeaders, envHttpHeaders } = server;
  const token = bearerTokenEnvVar === undefined ? [] : [`token from ${bearerTokenEnvVar}`];
  const all = [...token, hiddenValues(httpHeaders), namedValues(envHttpHeaders)];
  return all.filter((text) => text !== "").join(", ") || "-";
}

function hiddenValues(values: Readonly<Record<string, string>> = {}): string {
  return Object.keys(values)
    .toSorted()
    .map((name) => `${name}=${HIDDEN}`)
    .join(", ");
}

function namedValues(values: Readonly<Record<string, string>> = {}): string {
  return Object.entries(values)
    .map(([header, name]) => `${header} from ${name}`)
    .join(", ");
}

function printJson({ stdout }: CliProcess, value: unknown): void {
  stdout.write(`${JSON.stringify(value, undefined, 2)}\n`);
}

/** Members as Codex prints them; values that may be credentials are hidden. */
function toJson(name: string, server: McpServerOptions): object {
  const hide = (values: Readonly<Record<string, string>> | undefined): object | null =>
    values === undefined
      ? null
      : Object.fromEntries(Object.keys(values).map((key) => [key, HIDDEN]));
  const seconds = (ms: number | undefined): number | null => (ms === undefined ? null : ms / 1000);
  return {
    name,
    enabled: server.enabled ?? true,
    disabled_reason: null,
    transport:
      "command" in server
        ? {
            type: "stdio",
            command: server.command,
            args: hideArguments(server.args ?? []),
            env: hide(server.env),
            env_vars: server.envVars ?? [],
            cwd: server.cwd ?? null,
          }
        : {
            type: "streamable_http",
            url: hideCredentials(server.url),
            bearer_token_env_var: server.bearerTokenEnvVar ?? null,
            http_headers: hide(server.httpHeaders),
            env_http_headers: server.envHttpHeaders ?? null,
          },
    enabled_tools: server.enabledTools ?? null,
    disabled_tools: server.disabledTools ?? null,
    startup_timeout_sec: seconds(server.startupTimeoutMs),
    tool_timeout_sec: seconds(server.toolTimeoutMs),
  };
}
