import { isJsonObject } from "@codex-ts/protocol";
import type { JsonObject } from "@codex-ts/protocol";
import type { McpForm } from "../../compatibility/compatibility-profile.ts";
import { abortedText } from "../aborted-text.ts";
import { ArgumentReader, parseArguments } from "../arguments.ts";
import { functionSpec, text } from "../function-spec.ts";
import { ToolError } from "../tool.ts";
import type { Tool, ToolCall, ToolOutput } from "../tool.ts";
import { McpCallReporter } from "./mcp-call-reporter.ts";
import { toolTimeoutMs } from "./mcp-server-set.ts";
import type { McpServerSet, ReadyServer } from "./mcp-server-set.ts";

/** Whose call it is when no server is named. */
const EVERY_SERVER = "codex";

interface ResourceList {
  readonly tool: string;
  readonly method: string;
  /** Member of a result that holds the list. */
  readonly member: string;
  readonly spec: JsonObject;
}

const SERVER = "Name of the MCP server; without it, all servers are asked.";
const CURSOR = "Cursor of an earlier result of the same server, for the next page.";

const LISTS: readonly ResourceList[] = [
  {
    tool: "list_mcp_resources",
    method: "resources/list",
    member: "resources",
    spec: functionSpec(
      "list_mcp_resources",
      "List the resources of MCP servers: files, schemas and other data to read for context. Look here before you search the web.",
      { cursor: text(CURSOR), server: text(SERVER) },
    ),
  },
  {
    tool: "list_mcp_resource_templates",
    method: "resources/templates/list",
    member: "resourceTemplates",
    spec: functionSpec(
      "list_mcp_resource_templates",
      "List the resource templates of MCP servers: patterns of URIs with parameters to fill in, for `read_mcp_resource`.",
      { cursor: text(CURSOR), server: text(SERVER) },
    ),
  },
];

const READ_SPEC = functionSpec(
  "read_mcp_resource",
  "Read one resource of an MCP server.",
  {
    server: text("Name of the MCP server, as the lists of resources have it."),
    uri: text("URI of the resource, from the lists or made from a template."),
  },
  ["server", "uri"],
);

/** The three tools for resources, offered where there are servers. */
export function resourceTools(servers: McpServerSet, form: McpForm): readonly Tool[] {
  const settings = { servers, form };
  return [
    ...LISTS.map((list): Tool => {
      const { tool: name, spec } = list;
      return {
        name,
        kind: "function",
        spec,
        parallel: true,
        run: (call) => listResources(settings, list, call),
      };
    }),
    {
      name: "read_mcp_resource",
      kind: "function",
      spec: READ_SPEC,
      parallel: true,
      run: (call) => readResource(settings, call),
    },
  ];
}

interface ResourceSettings {
  readonly servers: McpServerSet;
  readonly form: McpForm;
}

async function listResources(
  settings: ResourceSettings,
  { tool, method, member }: ResourceList,
  call: ToolCall,
): Promise<ToolOutput> {
  const args = new ArgumentReader(call.input);
  const server = args.string("server");
  const cursor = args.string("cursor");
  return shown(settings, call, { server, tool, method }, async () => {
    if (server !== undefined) {
      const ready = find(settings.servers, server);
      const params = cursor === undefined ? {} : { cursor };
      const result = await request(ready, method, params, call);
      const { nextCursor } = result;
      return {
        server,
        [member]: members(result, member).map((one) => ({ server, ...one })),
        ...(typeof nextCursor === "string" && { nextCursor }),
      };
    }
    // Machine-read, the same in Codex.
    if (cursor !== undefined) throw new Error("cursor can only be used when a server is specified");
    const lists = await Promise.all(
      settings.servers.readyServers.map(async ({ name, options, connection }) => {
        try {
          const { signal } = call;
          const listed = await connection.list(method, member, {
            timeoutMs: toolTimeoutMs(options),
            signal,
          });
          return listed.map((one) => ({ server: name, ...one }));
        } catch {
          call.signal.throwIfAborted();
          // Many servers have none; the others are not to suffer from it.
          return [];
        }
      }),
    );
    return { [member]: lists.flat() };
  });
}

async function readResource(settings: ResourceSettings, call: ToolCall): Promise<ToolOutput> {
  const args = new ArgumentReader(call.input);
  const server = args.requiredString("server");
  const uri = args.requiredString("uri");
  const method = "resources/read";
  return shown(settings, call, { server, tool: "read_mcp_resource", method }, async () => {
    const ready = find(settings.servers, server);
    try {
      return { server, uri, ...(await request(ready, method, { uri }, call)) };
    } catch (error) {
      call.signal.throwIfAborted();
      throw new Error(
        `${method} failed: ${method} failed for \`${server}\` (${uri}): ${messageOf(error)}`,
        {
          cause: error,
        },
      );
    }
  });
}

/** Runs the work as a call that clients see. */
async function shown(
  { servers, form }: ResourceSettings,
  call: ToolCall,
  {
    server,
    tool,
    method,
  }: { readonly server: string | undefined; readonly tool: string; readonly method: string },
  work: () => Promise<JsonObject>,
): Promise<ToolOutput> {
  if (server !== undefined && form.unknownServer === "refused" && !servers.states.has(server)) {
    throw new ToolError(`unknown MCP server '${server}' for the selected environment`);
  }
  const startedMs = performance.now();
  const reporter = new McpCallReporter(call, {
    server: server ?? EVERY_SERVER,
    tool,
    arguments: parseArguments(call.input),
  });
  reporter.began();
  try {
    const output = JSON.stringify(await servers.during(call, work));
    reporter.ended({ content: [{ type: "text", text: output }] });
    return { output };
  } catch (error) {
    const isStopped = call.signal.aborted;
    const reason = isStopped
      ? abortedText(performance.now() - startedMs)
      : failureOf(messageOf(error), method);
    reporter.ended(reason);
    if (isStopped) throw error;
    throw new ToolError(reason, { cause: error });
  }
}

function failureOf(message: string, method: string): string {
  const isWhole = message.startsWith(`${method} failed: `) || message.startsWith("cursor ");
  return isWhole ? message : `${method} failed: ${message}`;
}

function find(servers: McpServerSet, name: string): ReadyServer {
  const ready = servers.readyServers.find((server) => server.name === name);
  if (ready !== undefined) return ready;
  const state = servers.states.get(name);
  throw new Error(
    state?.status === "failed"
      ? `MCP server '${name}' did not start: ${state.reason}`
      : `unknown MCP server '${name}'`,
  );
}

async function request(
  { connection, options }: ReadyServer,
  method: string,
  params: JsonObject,
  { signal }: ToolCall,
): Promise<JsonObject> {
  return connection.request(method, params, { timeoutMs: toolTimeoutMs(options), signal });
}

function members(result: JsonObject, member: string): readonly JsonObject[] {
  const list = result[member];
  return Array.isArray(list) ? list.filter(isJsonObject) : [];
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
