import { loginMcpServer, logoutMcpServer } from "@codex-ts/core";
import type { McpHttpServer } from "@codex-ts/core";
import { networkFromEnvironment } from "@codex-ts/api";
import type { CliProcess } from "../cli-process.ts";
import { codexHome } from "../codex-home.ts";
import { CommandError, describeError } from "../errors.ts";
import type { GlobalOptions } from "../global-options.ts";
import { readServers, unknownServer } from "./mcp.ts";

export interface McpLoginFlags extends GlobalOptions {
  /** Separated by commas. */
  readonly scopes?: string;
}

/** `codex-ts mcp login NAME`: logs in by a browser. Nothing is stored when it fails or is stopped. */
export async function runMcpLogin(
  name: string,
  options: McpLoginFlags,
  cliProcess: CliProcess,
): Promise<number> {
  const { url } = serverWithLogin(name, options, cliProcess);
  const { stderr, interrupted: signal } = cliProcess;
  const network = networkFromEnvironment(cliProcess.env);
  const scopes = options.scopes
    ?.split(",")
    .map((scope) => scope.trim())
    .filter((scope) => scope !== "");
  try {
    await loginMcpServer({
      server: name,
      url,
      codexHome: codexHome(cliProcess),
      network,
      signal,
      ...(scopes !== undefined && { scopes }),
      onUrl: (page) => {
        stderr.write(
          `log in on this page; if no browser opens, open it yourself:\n\n  ${page}\n\n`,
        );
        cliProcess.openUrl(page);
      },
    });
  } catch (error) {
    signal.throwIfAborted();
    throw new CommandError(describeError(error, false), { cause: error });
  } finally {
    await network.dispatcher.destroy();
  }
  stderr.write(`Successfully logged in to MCP server '${name}'.\n`);
  return 0;
}

/** `codex-ts mcp logout NAME`: exit code 0 with or without a login. */
export function runMcpLogout(name: string, options: GlobalOptions, cliProcess: CliProcess): number {
  const { url } = serverWithLogin(name, options, cliProcess);
  let wasLoggedIn: boolean;
  try {
    wasLoggedIn = logoutMcpServer({ server: name, url, codexHome: codexHome(cliProcess) });
  } catch (error) {
    throw new CommandError(describeError(error, false), { cause: error });
  }
  const said = wasLoggedIn
    ? `forgot the login to MCP server '${name}'\n`
    : `there is no login to MCP server '${name}'\n`;
  cliProcess.stderr.write(said);
  return 0;
}

function serverWithLogin(
  name: string,
  options: GlobalOptions,
  cliProcess: CliProcess,
): McpHttpServer {
  const server = readServers(options, cliProcess)[name];
  if (server === undefined) throw unknownServer(name);
  if ("url" in server) return server;
  throw new CommandError(
    `MCP server ${name} is a program: only servers with a url have logins; a program reads its own credentials`,
  );
}
