import { isJsonObject } from "@codex-ts/protocol";
import type { JsonObject } from "@codex-ts/protocol";
import { threadMcpServers } from "../../thread/thread-mcp.ts";
import { resolveOptions } from "../../thread/resolve-options.ts";
import type { ThreadOptions } from "../../thread/thread-options.ts";
import { checkMcpServers } from "./check-mcp-servers.ts";
import { toolTimeoutMs } from "./mcp-server-set.ts";
import type { McpServerSet } from "./mcp-server-set.ts";
import { McpRequestError } from "./mcp-request-error.ts";

/** A resource of an MCP server. */
export interface McpResourceAddress {
  /** Name of the server, as the options have it. */
  readonly server: string;
  readonly uri: string;
}

/** The outcome of reading a resource. */
export type McpResourceReading =
  /** In the server's own words: each has a `uri`, and a `text` or, as Base64, a `blob`. Hostile text. */
  | { readonly type: "read"; readonly contents: readonly JsonObject[] }
  | { readonly type: "unknown_server" }
  /** The server did not start; `reason` is without credentials. */
  | { readonly type: "not_started"; readonly reason: string }
  | {
      readonly type: "failed";
      readonly reason: string;
      /** The server's own error; absent where it did not respond. */
      readonly error?: { readonly code: number; readonly message: string };
    };

const METHOD = "resources/read";

/**
 * Reads a resource of one of the servers of a thread's options, which is started for it and ended. Rejects with `ThreadError`
 * (`invalid_option`) for settings that cannot work.
 */
export async function readMcpResource(
  options: ThreadOptions,
  address: McpResourceAddress,
): Promise<McpResourceReading> {
  const { mcpServers = {} } = options;
  checkMcpServers(mcpServers);
  const wanted = Object.hasOwn(mcpServers, address.server) ? mcpServers[address.server] : undefined;
  if (wanted === undefined) return { type: "unknown_server" };
  const servers = threadMcpServers(
    resolveOptions({ ...options, mcpServers: { [address.server]: wanted } }),
    { threadId: "", emit: () => undefined, warn: () => undefined },
  );
  servers?.begin();
  try {
    return await readResourceOf(servers, address);
  } finally {
    await servers?.close();
  }
}

/** Reads a resource of a server that has started or is about to. */
export async function readResourceOf(
  servers: McpServerSet | undefined,
  { server: name, uri }: McpResourceAddress,
): Promise<McpResourceReading> {
  const state = await servers?.settled(name);
  if (state === undefined || state.status === "off") return { type: "unknown_server" };
  if (state.status !== "ready") {
    const reason = state.status === "failed" ? state.reason : "the thread is closed";
    return { type: "not_started", reason };
  }
  const { connection, options } = state.server;
  try {
    const result = await connection.request(METHOD, { uri }, { timeoutMs: toolTimeoutMs(options) });
    const { contents } = result;
    if (!Array.isArray(contents)) return { type: "failed", reason: "the result has no contents" };
    return { type: "read", contents: contents.flatMap(readContent) };
  } catch (error) {
    if (!(error instanceof McpRequestError)) throw error;
    const { message, response } = error;
    return {
      type: "failed",
      reason: `${METHOD} failed for \`${name}\` (${uri}): ${message}`,
      ...(response !== undefined && { error: response }),
    };
  }
}

/** The members that MCP defines of a content, and nothing else. */
function readContent(content: unknown): JsonObject[] {
  if (!isJsonObject(content)) return [];
  const { uri, mimeType, text, blob, _meta: meta } = content;
  if (typeof uri !== "string") return [];
  const body =
    typeof text === "string" ? { text } : typeof blob === "string" ? { blob } : undefined;
  if (body === undefined) return [];
  return [
    {
      uri,
      ...(typeof mimeType === "string" && { mimeType }),
      ...body,
      ...(meta !== undefined && { _meta: meta }),
    },
  ];
}
