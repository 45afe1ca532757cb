import { isJsonObject } from "@codex-ts/protocol";
import type { JsonObject } from "@codex-ts/protocol";
import type { Client } from "@modelcontextprotocol/client";
import { z } from "zod";
import { CallDeadline } from "./call-deadline.ts";
import { httpTransport } from "./http-transport.ts";
import type { HttpSettings } from "./http-transport.ts";
import { McpLoginRequired } from "./oauth-provider.ts";
import type { McpLibrary } from "./mcp-library.ts";
import type { McpServerOptions, McpStdioServer } from "./mcp-server-options.ts";
import { serverEnvironment } from "./server-environment.ts";
import { McpRequestError } from "./mcp-request-error.ts";
import { programSecrets } from "./server-secrets.ts";
import { StdioTransport } from "./stdio-transport.ts";

/** The version Codex asks for; a server may choose one of the others. */
const PROTOCOL_VERSIONS = ["2025-06-18", "2025-03-26", "2024-11-05"];
/** Pages of a list, and members of all of them together: a server could go on for ever. */
const MAX_PAGES = 100;
const MAX_LISTED = 10_000;
/** The library's own limit; the deadline of a call comes before. */
const NO_LIMIT_MS = 2 ** 31 - 1;

const anyResult = z.looseObject({});

/** Handles a server's question during a call. */
type ElicitationHandler = (params: JsonObject, signal: AbortSignal) => Promise<JsonObject>;

/** Needs of a connection besides the settings of its server. */
export interface ConnectionSettings extends HttpSettings {
  readonly cwd: string;
  /** Version of the client. */
  readonly clientVersion: string;
  readonly capabilities: JsonObject;
  readonly elicit: ElicitationHandler;
}

/** A connection to one server that has been initialized. */
export class McpConnection {
  readonly #client: Client;
  readonly #library: McpLibrary;
  readonly #settings: ConnectionSettings;
  readonly #end: () => Promise<void>;
  /** Those that wait for a result. */
  readonly #deadlines = new Set<CallDeadline>();
  #isClosed = false;

  /** Rejects with a sentence when the server cannot be reached, or responds with something else. */
  static async open(
    library: McpLibrary,
    server: McpServerOptions,
    { settings, signal }: { readonly settings: ConnectionSettings; readonly signal: AbortSignal },
  ): Promise<McpConnection> {
    const client = new library.Client(
      { name: "codex-mcp-client", title: "Codex", version: settings.clientVersion },
      { capabilities: settings.capabilities, supportedProtocolVersions: PROTOCOL_VERSIONS },
    );
    const transport =
      "command" in server
        ? stdioTransport(library, server, settings)
        : await httpTransport(library, server, settings);
    const program = transport instanceof StdioTransport ? transport : undefined;
    const end = async (): Promise<void> => {
      if ("terminateSession" in transport)
        await transport.terminateSession().catch(() => undefined);
      await client.close().catch(() => undefined);
      // Also one that the client has not come to.
      await program?.close();
    };
    const connection = new McpConnection(client, library, settings, end);
    const stop = (): void => void connection.close();
    signal.addEventListener("abort", stop, { once: true });
    try {
      signal.throwIfAborted();
      await client.connect(transport, { signal, timeout: NO_LIMIT_MS });
      return connection;
    } catch (error) {
      await connection.close();
      throw startFailure(error, program?.errorOutput ?? "", settings);
    } finally {
      signal.removeEventListener("abort", stop);
    }
  }

  private constructor(
    client: Client,
    library: McpLibrary,
    settings: ConnectionSettings,
    end: () => Promise<void>,
  ) {
    this.#client = client;
    this.#library = library;
    this.#settings = settings;
    this.#end = end;
    // Without a handler the library would throw what goes wrong between two requests.
    // oxlint-disable-next-line unicorn/prefer-add-event-listener -- the client is no event target
    client.onerror = () => undefined;
    // oxlint-disable-next-line unicorn/prefer-add-event-listener -- as before
    client.onclose = () => {
      this.#isClosed = true;
    };
    if ("elicitation" in settings.capabilities) {
      client.setRequestHandler(
        "elicitation/create",
        { params: anyResult },
        async (params, { mcpReq }) => {
          const ask = (): Promise<JsonObject> =>
            settings.elicit(settings.secrets.scrubJson(params as JsonObject), mcpReq.signal);
          // The call that made the server ask is one of those that wait.
          return [...this.#deadlines].reduce<() => Promise<JsonObject>>(
            (work, deadline) => () => deadline.pausedFor(work),
            ask,
          )();
        },
      );
    }
  }

  /** The server as it introduces itself: name, version, capabilities, and how a model is to use it. */
  get about(): {
    readonly info: JsonObject | undefined;
    readonly capabilities: JsonObject;
    readonly instructions: string | undefined;
  } {
    const info = this.#client.getServerVersion() as JsonObject | undefined;
    return {
      info: info && this.#settings.secrets.scrubJson(info),
      capabilities: (this.#client.getServerCapabilities() ?? {}) as JsonObject,
      instructions: this.#client.getInstructions(),
    };
  }

  /** Sends a request. Rejects with `McpRequestError`, or with the signal's reason when it is aborted. */
  async request(
    method: string,
    params: JsonObject,
    { timeoutMs, signal }: { readonly timeoutMs: number; readonly signal?: AbortSignal },
  ): Promise<JsonObject> {
    signal?.throwIfAborted();
    if (this.#isClosed) throw new McpRequestError("Transport closed");
    const deadline = new CallDeadline(timeoutMs);
    this.#deadlines.add(deadline);
    try {
      const signals = signal === undefined ? [deadline.signal] : [deadline.signal, signal];
      const result = await this.#client.request({ method, params }, anyResult, {
        signal: AbortSignal.any(signals),
        timeout: NO_LIMIT_MS,
        // Asks for a progress token, as Codex does.
        onprogress: () => undefined,
      });
      return result as JsonObject;
    } catch (error) {
      signal?.throwIfAborted();
      throw this.#failure(error, method, deadline);
    } finally {
      deadline.stop();
      this.#deadlines.delete(deadline);
    }
  }

  /** Every member of a list that comes in pages. */
  async list(
    method: string,
    member: string,
    options: { readonly timeoutMs: number; readonly signal?: AbortSignal },
  ): Promise<readonly JsonObject[]> {
    const listed: JsonObject[] = [];
    const seen = new Set<string>();
    let cursor: string | undefined;
    for (let page = 0; page < MAX_PAGES && listed.length < MAX_LISTED; page += 1) {
      const params = cursor === undefined ? {} : { cursor };
      const result = await this.request(method, params, options);
      const members = result[member];
      if (Array.isArray(members)) listed.push(...members.filter(isJsonObject));
      const { nextCursor } = result;
      if (typeof nextCursor !== "string" || seen.has(nextCursor)) break;
      seen.add(nextCursor);
      cursor = nextCursor;
    }
    return listed.slice(0, MAX_LISTED);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#end();
  }

  #failure(error: unknown, method: string, deadline: CallDeadline): McpRequestError {
    if (deadline.isOver) {
      return new McpRequestError(
        `timed out awaiting ${method} after ${durationText(deadline.timeoutMs)}`,
      );
    }
    if (this.#library.ProtocolError.isInstance(error)) {
      const { code, data } = error;
      const message = error.message.replace(/^MCP error -?\d+: /, "");
      const details = data === undefined || data === null ? "" : `(${JSON.stringify(data)})`;
      const text = this.#scrub(`Mcp error: ${code}: ${message}${details}`);
      return new McpRequestError(text, { code, message: this.#scrub(message) });
    }
    return new McpRequestError(this.#isClosed ? "Transport closed" : this.#scrub(messageOf(error)));
  }

  #scrub(text: string): string {
    return this.#settings.secrets.scrub(text).slice(0, MAX_FAILURE_CHARACTERS);
  }
}

const MAX_FAILURE_CHARACTERS = 2000;

function stdioTransport(
  library: McpLibrary,
  server: McpStdioServer,
  { env, cwd, secrets }: ConnectionSettings,
): StdioTransport {
  secrets.addAll(programSecrets(server, env));
  return new StdioTransport(library, {
    command: server.command,
    args: server.args ?? [],
    cwd: server.cwd ?? cwd,
    env: serverEnvironment(env, server),
  });
}

function startFailure(
  error: unknown,
  errorOutput: string,
  { secrets, serverName }: ConnectionSettings,
): Error {
  if (isUnauthorized(error)) return new McpRequestError(new McpLoginRequired(serverName).message);
  const said = errorOutput.trim();
  const details = said === "" ? "" : `; its error output ends with: ${said}`;
  const text = secrets.scrub(messageOf(error) + details).slice(0, MAX_FAILURE_CHARACTERS);
  return new McpRequestError(text);
}

/** The server has refused a request for want of a login. */
function isUnauthorized(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (error instanceof McpLoginRequired || error.cause instanceof McpLoginRequired) return true;
  const { status, code } = error as { readonly status?: unknown; readonly code?: unknown };
  return error.name === "UnauthorizedError" || status === 401 || code === 401;
}

function messageOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause.message : "";
  return cause === "" || message.includes(cause) ? message : `${message}: ${cause}`;
}

/** A time of whole milliseconds as Codex writes it: `500ms`, `3s`, `2.5s`. */
function durationText(ms: number): string {
  return ms < 1000 ? `${ms}ms` : `${ms / 1000}s`;
}
