import { isAbsolute } from "node:path";
import { ThreadError } from "../../errors.ts";
import type {
  McpHttpServer,
  McpServerOptions,
  McpServers,
  McpStdioServer,
} from "./mcp-server-options.ts";

/** Names Codex accepts (0.171). */
const SERVER_NAME = /^[A-Za-z0-9_:@/.-]+$/;
const MAX_NAME_LENGTH = 200;
const HEADER_NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
const MAX_TIMEOUT_MS = 2 ** 31 - 1;

/** Throws `ThreadError` (`invalid_option`) for servers that cannot work, and says which and why. Never quotes a value. */
export function checkMcpServers(servers: McpServers = {}): void {
  for (const [name, server] of Object.entries(servers)) {
    if (!SERVER_NAME.test(name) || name.length > MAX_NAME_LENGTH) {
      throw invalid(
        name.slice(0, MAX_NAME_LENGTH),
        "a name is 1 to 200 letters, digits, and `_ - : @ / .`; rename it",
      );
    }
    checkTimeouts(name, server);
    const { command, url } = server as Partial<McpStdioServer & McpHttpServer>;
    if ((command === undefined) === (url === undefined)) {
      throw invalid(
        name,
        "it needs either `command`, for a program, or `url`, for a server on the network",
      );
    }
    if ("command" in server) checkProgram(name, server);
    else checkAddress(name, server);
  }
}

function checkTimeouts(name: string, server: McpServerOptions): void {
  for (const key of ["startupTimeoutMs", "toolTimeoutMs"] as const) {
    const value = server[key];
    if (value === undefined || (value > 0 && value <= MAX_TIMEOUT_MS)) continue;
    throw invalid(name, `\`${key}\` must be more than 0 and at most ${MAX_TIMEOUT_MS}`);
  }
}

function checkProgram(name: string, { command, args = [], env = {}, cwd }: McpStdioServer): void {
  if (command.trim() === "") throw invalid(name, "`command` is empty");
  const texts = [command, ...args, ...Object.entries(env).flat(), cwd ?? ""];
  // A program would read up to there, and be another one.
  if (texts.some((text) => text.includes("\0"))) throw invalid(name, "it holds a NUL character");
  if (Object.keys(env).some((variable) => variable === "" || variable.includes("="))) {
    throw invalid(name, "`env` has a name no variable can have");
  }
  if (cwd !== undefined && !isAbsolute(cwd)) throw invalid(name, "`cwd` must be an absolute path");
}

function checkAddress(
  name: string,
  { url, httpHeaders = {}, envHttpHeaders = {} }: McpHttpServer,
): void {
  const protocol = URL.canParse(url) ? new URL(url).protocol : undefined;
  if (protocol !== "http:" && protocol !== "https:") {
    throw invalid(name, "`url` must be an http: or https: URL");
  }
  for (const header of [...Object.keys(httpHeaders), ...Object.keys(envHttpHeaders)]) {
    if (!HEADER_NAME.test(header)) throw invalid(name, "a header has a name no header can have");
  }
  // oxlint-disable-next-line no-control-regex -- these end a header, or a request.
  if (Object.values(httpHeaders).some((value) => /[\0\r\n]/.test(value))) {
    throw invalid(name, "the value of a header has a line break");
  }
}

function invalid(name: string, reason: string): ThreadError {
  return new ThreadError("invalid_option", `MCP server ${JSON.stringify(name)}: ${reason}`);
}
