/** Whether a person is asked before a tool is called: by the rule, always, or never. */
export type McpApprovalMode = "auto" | "prompt" | "approve";

/** Settings of any server. */
export interface McpServerSettings {
  /** False: the server is not started. Default true. */
  readonly enabled?: boolean;
  /** Whether a thread without the server is refused. Default false: a warning, and the model does without its tools. */
  readonly required?: boolean;
  /** Longest start, to the list of its tools, in milliseconds. Default 30,000. */
  readonly startupTimeoutMs?: number;
  /** Longest call of a tool, in milliseconds. Default 60,000. */
  readonly toolTimeoutMs?: number;
  /** Tools the model is offered, by the server's names. Default: all. */
  readonly enabledTools?: readonly string[];
  /** Tools the model is not offered, by the server's names; wins over `enabledTools`. */
  readonly disabledTools?: readonly string[];
  /**
   * Whether a person is asked before a tool is called: by `prompt` each time, by `approve` never. By `auto`, the default, that
   * is so unless the tool says that it only reads, or there is full access and the approval policy `never`.
   */
  readonly defaultToolsApprovalMode?: McpApprovalMode;
  /** Settings of single tools, by the server's names. */
  readonly tools?: Readonly<Record<string, { readonly approvalMode?: McpApprovalMode }>>;
  /** Whether calls of its tools may run beside others. Default false. */
  readonly supportsParallelToolCalls?: boolean;
}

/** A server that is a program, spoken to over its standard input and output. */
export interface McpStdioServer extends McpServerSettings {
  /** Program to run, a path or a name to look up in `PATH`. */
  readonly command: string;
  readonly args?: readonly string[];
  /** Variables besides those every server gets (`HOME`, `PATH` and the like). */
  readonly env?: Readonly<Record<string, string>>;
  /** Names of variables of the thread's `env` that the server gets too. */
  readonly envVars?: readonly string[];
  /** Working directory, absolute. Default: that of the thread. */
  readonly cwd?: string;
}

/** A server on the network, spoken to over streamable HTTP. */
export interface McpHttpServer extends McpServerSettings {
  /** An `http:` or `https:` URL. */
  readonly url: string;
  /** Name of the variable of the thread's `env` that holds a bearer token. */
  readonly bearerTokenEnvVar?: string;
  /** Headers of every request. Their values are secrets. */
  readonly httpHeaders?: Readonly<Record<string, string>>;
  /** Headers whose values are in variables of the thread's `env`; a variable that is not set leaves its header out. */
  readonly envHttpHeaders?: Readonly<Record<string, string>>;
}

/** A server of the Model Context Protocol, in the words of Codex's `mcp_servers`. */
export type McpServerOptions = McpStdioServer | McpHttpServer;

/** Servers by name. */
export type McpServers = Readonly<Record<string, McpServerOptions>>;

export const DEFAULT_STARTUP_TIMEOUT_MS = 30_000;
export const DEFAULT_TOOL_TIMEOUT_MS = 60_000;
