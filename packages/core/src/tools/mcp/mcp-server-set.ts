import { setImmediate as immediate } from "node:timers/promises";
import type { Network } from "@codex-ts/api";
import { SecretSet } from "@codex-ts/api/internal";
import type { JsonObject } from "@codex-ts/protocol";
import { isJsonObject } from "@codex-ts/protocol";
import type { McpForm } from "../../compatibility/compatibility-profile.ts";
import type { ThreadMsg } from "../../events/thread-event.ts";
import { mayAskAbout } from "../../policies.ts";
import type { ApprovalPolicy } from "../../policies.ts";
import type { ToolCall } from "../tool.ts";
import { readElicitation, readElicitationAnswer } from "./elicitation.ts";
import type { OnMcpElicitation } from "./elicitation.ts";
import type { ConnectionSettings, McpConnection } from "./mcp-connection.ts";
import { loadMcpLibrary } from "./mcp-library.ts";
import { DEFAULT_STARTUP_TIMEOUT_MS, DEFAULT_TOOL_TIMEOUT_MS } from "./mcp-server-options.ts";
import type { McpServerOptions, McpServers } from "./mcp-server-options.ts";

/** Needs of the servers of a thread. */
export interface McpSetSettings {
  readonly servers: McpServers;
  readonly threadId: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** Where logins are kept; `undefined`: there are none. */
  readonly codexHome: string | undefined;
  readonly clientVersion: string;
  readonly dispatcher: Network["dispatcher"] | undefined;
  readonly form: McpForm;
  readonly approvalPolicy: ApprovalPolicy;
  readonly onElicitation: OnMcpElicitation | undefined;
  readonly emit: (msg: Extract<ThreadMsg, { readonly type: `mcp_startup_${string}` }>) => void;
  readonly warn: (message: string) => void;
}

/** A tool as its server lists it. */
export interface ListedTool {
  readonly name: string;
  /** Its name for people. */
  readonly title: string | undefined;
  readonly description: string | undefined;
  readonly inputSchema: unknown;
  readonly annotations: JsonObject;
  /** The whole entry. */
  readonly raw: JsonObject;
}

/** A server that has started. */
export interface ReadyServer {
  readonly name: string;
  readonly options: McpServerOptions;
  readonly connection: McpConnection;
  /** All of its tools. */
  readonly tools: readonly ListedTool[];
}

/** A call a server may have questions about. */
type AskingCall = Pick<ToolCall, "threadId" | "turnId" | "approvalPolicy">;

/** How a server is doing. */
export type McpServerState =
  | { readonly status: "starting" | "off" }
  | { readonly status: "ready"; readonly server: ReadyServer }
  | { readonly status: "failed"; readonly reason: string };

/** The servers of a thread and of the agents it starts: they start side by side, and end together. */
export class McpServerSet {
  readonly #settings: McpSetSettings;
  readonly #states = new Map<string, McpServerState>();
  readonly #abort = new AbortController();
  readonly #secrets = new SecretSet();
  readonly #connections = new Set<McpConnection>();
  /** Those that are switched on; resolved when they have started or failed. */
  readonly #starts = new Map<string, PromiseWithResolvers<void>>();
  /** Running calls, the latest last: a question is of the latest. */
  readonly #calls: AskingCall[] = [];
  #closed: Promise<void> | undefined;
  #hasBegun = false;
  readonly #ready = Promise.withResolvers<void>();

  /** The servers that are switched on, none of them started; `undefined` when there are none. */
  static of(settings: McpSetSettings): McpServerSet | undefined {
    const servers = Object.values(settings.servers);
    return servers.some(({ enabled = true }) => enabled) ? new McpServerSet(settings) : undefined;
  }

  private constructor(settings: McpSetSettings) {
    this.#settings = settings;
    // Sorted, so that the same settings make the same requests.
    for (const [name, { enabled = true }] of Object.entries(settings.servers).toSorted(byName)) {
      this.#states.set(name, { status: enabled ? "starting" : "off" });
      if (enabled) this.#starts.set(name, Promise.withResolvers());
    }
  }

  /** Begins to start the servers. The caller closes the set. */
  begin(): void {
    this.#hasBegun = true;
    void this.#startAll().then(this.#ready.resolve, this.#ready.resolve);
  }

  /** Settles when every server has started or failed. Never rejects. */
  get ready(): Promise<void> {
    return this.#ready.promise;
  }

  /** The state of a server once it has started or failed; `undefined`: there is none of that name. Never rejects. */
  async settled(name: string): Promise<McpServerState | undefined> {
    await Promise.race([this.#starts.get(name)?.promise, this.ready]);
    return this.#states.get(name);
  }

  /** By name. */
  get states(): ReadonlyMap<string, McpServerState> {
    return this.#states;
  }

  /** Servers that have started, sorted by name. */
  get readyServers(): readonly ReadyServer[] {
    return [...this.#states.values()].flatMap((state) =>
      state.status === "ready" ? [state.server] : [],
    );
  }

  /** Whether the thread is not to go without one of them. */
  get hasRequired(): boolean {
    return Object.values(this.#settings.servers).some(
      ({ enabled = true, required = false }) => enabled && required,
    );
  }

  /** Why servers that are required did not start; call it once they are `ready`. */
  get missing(): readonly { readonly name: string; readonly reason: string }[] {
    return [...this.#states].flatMap(([name, state]) =>
      state.status === "failed" && this.#settings.servers[name]?.required === true
        ? [{ name, reason: state.reason }]
        : [],
    );
  }

  /** Runs a call, whose turn is then the one that questions of servers belong to. */
  async during<Result>(call: AskingCall, work: () => Promise<Result>): Promise<Result> {
    this.#calls.push(call);
    try {
      return await work();
    } finally {
      this.#calls.splice(this.#calls.lastIndexOf(call), 1);
    }
  }

  /** Ends all servers. Safe to call twice. */
  close(): Promise<void> {
    this.#closed ??= this.#end();
    return this.#closed;
  }

  async #end(): Promise<void> {
    this.#abort.abort(new Error("the thread is closed"));
    if (this.#hasBegun) await this.ready;
    else this.#ready.resolve();
    await Promise.all([...this.#connections].map((connection) => connection.close()));
  }

  async #startAll(): Promise<void> {
    const servers = Object.entries(this.#settings.servers)
      .filter(([, { enabled = true }]) => enabled)
      .toSorted(byName);
    // Whoever makes a thread listens from the next moment on.
    await immediate();
    for (const [server] of servers) this.#report(server, { state: "starting" });
    await Promise.all(servers.map(([name, options]) => this.#startOne(name, options)));
    const names = (status: McpServerState["status"]): string[] =>
      [...this.#states].flatMap(([name, state]) => (state.status === status ? [name] : []));
    const failed = [...this.#states].flatMap(([server, state]) =>
      state.status === "failed" ? [{ server, error: state.reason }] : [],
    );
    if (this.#abort.signal.aborted) return;
    this.#settings.emit({
      type: "mcp_startup_complete",
      ready: names("ready"),
      failed,
      cancelled: [],
    });
  }

  async #startOne(name: string, options: McpServerOptions): Promise<void> {
    const timeoutMs = options.startupTimeoutMs ?? DEFAULT_STARTUP_TIMEOUT_MS;
    const timeout = AbortSignal.timeout(timeoutMs);
    try {
      const server = await this.#open(name, options, timeout);
      this.#states.set(name, { status: "ready", server });
      this.#report(name, { state: "ready" });
    } catch (error) {
      const isClosing = this.#abort.signal.aborted;
      const reason = timeout.aborted
        ? `timed out after ${timeoutMs / 1000} seconds; give it longer with \`startup_timeout_sec\``
        : this.#secrets.scrub(error instanceof Error ? error.message : String(error));
      this.#states.set(name, { status: "failed", reason });
      if (isClosing) return;
      this.#report(name, {
        state: "failed",
        error: `MCP client for \`${name}\` failed to start: ${reason}`,
      });
      if (options.required === true) return;
      this.#settings.warn(
        `MCP server \`${name}\` did not start, and the model does without its tools: ${reason}`,
      );
    } finally {
      this.#starts.get(name)?.resolve();
    }
  }

  async #open(name: string, options: McpServerOptions, timeout: AbortSignal): Promise<ReadyServer> {
    const signal = AbortSignal.any([timeout, this.#abort.signal]);
    const library = await loadMcpLibrary();
    // Most threads have no servers.
    const { McpConnection } = await import("./mcp-connection.ts");
    const connection = await McpConnection.open(library, options, {
      settings: this.#connectionSettings(name),
      signal,
    });
    this.#connections.add(connection);
    try {
      const hasTools = "tools" in connection.about.capabilities;
      const timeoutMs = options.startupTimeoutMs ?? DEFAULT_STARTUP_TIMEOUT_MS;
      const listed = hasTools
        ? await connection.list("tools/list", "tools", { timeoutMs, signal })
        : [];
      return { name, options, connection, tools: listed.flatMap(listedTool) };
    } catch (error) {
      this.#connections.delete(connection);
      await connection.close();
      throw error;
    }
  }

  #connectionSettings(server: string): ConnectionSettings {
    const { env, cwd, codexHome, clientVersion, dispatcher, form } = this.#settings;
    return {
      env,
      cwd,
      codexHome,
      serverName: server,
      clientVersion,
      dispatcher,
      capabilities: form.capabilities,
      secrets: this.#secrets,
      elicit: (params, signal) => this.#elicit(server, params, signal),
    };
  }

  async #elicit(server: string, params: JsonObject, signal: AbortSignal): Promise<JsonObject> {
    const { onElicitation } = this.#settings;
    const call = this.#calls.at(-1);
    const { threadId, approvalPolicy } = call ?? this.#settings;
    const asked = readElicitation(params, { server, threadId, turnId: call?.turnId });
    // Whoever wants never to be asked is not asked by servers either.
    const mayAsk = mayAskAbout(approvalPolicy, "mcp_elicitations");
    if (onElicitation === undefined || !mayAsk || asked === undefined) {
      return { action: "decline" };
    }
    try {
      const answer = readElicitationAnswer(await onElicitation(asked, { signal }));
      return { ...answer };
    } catch {
      return { action: "cancel" };
    }
  }

  #report(
    server: string,
    status: Extract<ThreadMsg, { readonly type: "mcp_startup_update" }>["status"],
  ): void {
    if (!this.#abort.signal.aborted) {
      this.#settings.emit({ type: "mcp_startup_update", server, status });
    }
  }
}

function byName([one]: readonly [string, unknown], [other]: readonly [string, unknown]): number {
  return one < other ? -1 : 1;
}

/** Longest call of a tool of the server. */
export function toolTimeoutMs({ toolTimeoutMs: own }: McpServerOptions): number {
  return own ?? DEFAULT_TOOL_TIMEOUT_MS;
}

function listedTool(raw: JsonObject): ListedTool[] {
  const { name, title, description, inputSchema, annotations } = raw;
  if (typeof name !== "string") return [];
  return [
    {
      name,
      title: typeof title === "string" ? title : undefined,
      description: typeof description === "string" ? description : undefined,
      inputSchema,
      annotations: isJsonObject(annotations) ? annotations : {},
      raw,
    },
  ];
}
