import type * as McpClientLibrary from "@modelcontextprotocol/client";

/** The library that speaks the Model Context Protocol. */
export type McpLibrary = typeof McpClientLibrary;

let loaded: Promise<McpLibrary> | undefined;

/**
 * Loads the optional package, once per process: most threads have no servers. Rejects with an error that says what to
 * install.
 */
export function loadMcpLibrary(): Promise<McpLibrary> {
  loaded ??= import("@modelcontextprotocol/client").catch((cause: unknown) => {
    loaded = undefined;
    throw new Error("the optional package `@modelcontextprotocol/client` is missing; install it", {
      cause,
    });
  });
  return loaded;
}
