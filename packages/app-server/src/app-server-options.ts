import type { ApprovalPolicy, KeptThreadOptions, SandboxMode, Skill } from "@codex-ts/core";
import type { Compatibility, JsonObject, ModelInfo } from "@codex-ts/protocol";

/** The program that uses the server, as it has introduced itself. */
export interface ClientInfo {
  readonly name: string;
  readonly title: string | null;
  readonly version: string;
}

/** A thread that a client asks for. What it leaves out is as configured. */
export interface ThreadRequest {
  readonly client: ClientInfo;
  /** Working directory of the agent, absolute where the client says so. */
  readonly cwd?: string | undefined;
  readonly model?: string | undefined;
  /** Id of a model provider of the configuration. */
  readonly modelProvider?: string | undefined;
  readonly approvalPolicy?: ApprovalPolicy | undefined;
  readonly sandboxMode?: SandboxMode | undefined;
  /** Configuration values that win over the others, by dotted key. */
  readonly config?: JsonObject | undefined;
  readonly baseInstructions?: string | undefined;
  readonly developerInstructions?: string | undefined;
  readonly serviceTier?: string | undefined;
  readonly ephemeral?: boolean | undefined;
  /** Who asks for the thread, e.g. `user`. */
  readonly threadSource?: string | undefined;
}

/** The configuration as `config/read` shows it. */
export interface ConfigReading {
  /** Without secrets. */
  readonly config: JsonObject;
  /** Where values come from, by dotted key. */
  readonly origins: JsonObject;
}

/** Who is logged in, for `account/read`. */
export interface AccountReading {
  readonly account:
    | { readonly type: "apiKey" }
    | {
        readonly type: "chatgpt";
        readonly email: string | null;
        readonly planType: string;
        readonly userId: string | null;
      }
    | null;
  /** Whether requests of the configured provider need a login. */
  readonly requiresOpenaiAuth: boolean;
}

/**
 * The program the server runs in: its configuration, login, models. Each function is called anew for every request; the
 * client receives the text of the error it rejects with.
 */
export interface AppServerHost {
  /** Options of a thread, from configuration, login and what the client asks for. */
  threadOptions(request: ThreadRequest): Promise<KeptThreadOptions>;
  /** Metadata of the model of that name; for turns with another model than their thread's. */
  model(slug: string, client: ClientInfo): Promise<string | ModelInfo>;
  /** The models to choose from. */
  models(client: ClientInfo): Promise<readonly ModelInfo[]>;
  config(cwd: string | undefined): Promise<ConfigReading>;
  account(): Promise<AccountReading>;
  /**
   * Keeps that a tool of an MCP server, by the server's own names, is called without asking from now on. Without it clients are
   * offered approvals for the session only.
   */
  allowMcpTool?(server: string, tool: string): Promise<void>;
  /** Skills of a directory, and what is wrong with some. */
  skills(cwd: string): Promise<{
    readonly skills: readonly Skill[];
    readonly warnings: readonly string[];
  }>;
}

/** Options of {@link createAppServer}. */
export interface AppServerOptions {
  readonly host: AppServerHost;
  /** Codex's home directory, absolute: where threads are kept. */
  readonly codexHome: string;
  /** Working directory of threads whose client names none, absolute. */
  readonly cwd: string;
  /** Which Codex's messages are sent: those of 0.171, today's, or of 0.140. Default `0.171`. */
  readonly compatibility?: Compatibility;
  /** Version of this program, told to clients. Default `0.0.0`. */
  readonly version?: string;
  /** UUID of this installation. */
  readonly installationId: string;
  /**
   * Makes the user agent that `initialize` returns. It has to begin with the client's name, `/` and `codexVersion`: clients
   * read there which Codex they talk to, and refuse too old a one. Default: nothing more than that.
   */
  readonly userAgent?: (client: ClientInfo, codexVersion: string) => string;
  /** Unix milliseconds. Default `Date.now`. */
  readonly now?: () => number;
}
