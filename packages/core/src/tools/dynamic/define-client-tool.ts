import type { JsonObject, JsonValue } from "@codex-ts/protocol";
import { ThreadError } from "../../errors.ts";
import { toClientSchema } from "../mcp/input-schema.ts";
import type { Tool, ToolNamespace } from "../tool.ts";
import { runDynamicTool } from "./run-dynamic-tool.ts";
import type { ToolResult } from "./tool-content.ts";
import type { ToolContext } from "./tool-context.ts";

/** A tool that the client of an app server runs; it checks the arguments, too. */
export interface ClientToolDefinition {
  /** 1 to 128 letters, digits, `_` and `-`; unlike any other tool's of its namespace, not `mcp` and not starting with `mcp__`. */
  readonly name: string;
  /** For the model; may be empty. */
  readonly description: string;
  /** Any JSON schema. Requests have what of it models are served with. */
  readonly inputSchema: JsonValue;
  /** The group it is offered in. Default: none. */
  readonly namespace?: ToolNamespace | undefined;
  /** Whether the model has to search for it. Default false. */
  readonly isDeferred?: boolean | undefined;
  /** Runs one call, as that of `defineTool`; the arguments are as the model wrote them. */
  readonly execute: (args: JsonObject, context: ToolContext) => ToolResult | Promise<ToolResult>;
}

/**
 * Makes a tool for `ThreadOptions.tools`, the calls of which go to a client. Throws `ThreadError` (`invalid_option`) for a schema
 * that is none.
 */
export function defineClientTool({
  name,
  description,
  inputSchema,
  namespace,
  isDeferred = false,
  execute,
}: ClientToolDefinition): Tool {
  const parameters = toClientSchema(inputSchema);
  if (parameters === undefined) {
    throw new ThreadError(
      "invalid_option",
      `dynamic tool input schema is not supported for ${name}: it is no JSON schema, or allows nothing but null`,
    );
  }
  return {
    name,
    kind: "function",
    spec: { type: "function", name, description, strict: false, parameters },
    parallel: false,
    ...(namespace !== undefined && { namespace }),
    ...(isDeferred && { exposure: "deferred" }),
    run: (call) =>
      runDynamicTool(
        {
          name,
          namespace: namespace?.name,
          check: (args) => Promise.resolve(args),
          execute: (args, context) => execute(args as JsonObject, context),
          onError: undefined,
        },
        call,
      ),
  };
}
