import { ThreadError } from "../../errors.ts";
import type { Tool } from "../tool.ts";
import { runDynamicTool } from "./run-dynamic-tool.ts";
import type { DynamicTool } from "./run-dynamic-tool.ts";
import type { ToolResult } from "./tool-content.ts";
import type { ToolContext } from "./tool-context.ts";
import { readParameters } from "./tool-parameters.ts";
import type { ToolArguments, ToolParameters } from "./tool-parameters.ts";

/** A tool of the application: its description for the model, and the function that runs a call. */
export interface ToolDefinition<Parameters extends ToolParameters = ToolParameters> {
  /** 1 to 128 letters, digits, `_` and `-`; unlike any other tool's, not `mcp` and not starting with `mcp__`. */
  readonly name: string;
  /** For the model: what the tool does, and when to call it. */
  readonly description: string;
  /** The arguments, an object: a schema of zod 4 (also of `zod/mini`), or a JSON schema. */
  readonly parameters: Parameters;
  /** Whether calls may run beside other parallel ones. Default false: each call runs alone. */
  readonly parallel?: boolean;
  /**
   * Runs one call and returns its result. Throw a `ToolError` for a failure the model should read about. Of anything else
   * that is thrown the model reads the class name alone (`TypeError`): a message may hold what the model must not see.
   */
  readonly execute: (
    args: ToolArguments<Parameters>,
    context: ToolContext,
  ) => ToolResult | Promise<ToolResult>;
  /** Receives each error whose message was kept from the model, e.g. to log it. Default: these errors are dropped. */
  readonly onError?: (error: unknown, context: ToolContext) => void;
}

/**
 * Makes a tool for `ThreadOptions.tools`. The `args` of `execute` have the type of what a zod schema accepts; those of a
 * JSON schema are a `JsonObject`.
 *
 * Throws `ThreadError` (`invalid_option`) for parameters that cannot be sent as the JSON schema of an object, and for a
 * tool without a description.
 */
export function defineTool<const Parameters extends ToolParameters>(
  definition: ToolDefinition<Parameters>,
): Tool {
  const { name, description, parallel = false } = definition;
  if (typeof description !== "string" || description.trim() === "") {
    throw new ThreadError(
      "invalid_option",
      `tool \`${name}\` has no description; say what it does and when to call it`,
    );
  }
  const parameters = readParameters(name, definition.parameters);
  const dynamicTool: DynamicTool = {
    name,
    check: (args) => parameters.check(args),
    execute: (args, context) =>
      // What the check returns is what the schema accepts.
      definition.execute(args as ToolArguments<Parameters>, context),
    onError: definition.onError,
  };
  return {
    name,
    kind: "function",
    spec: { type: "function", name, description, strict: false, parameters: parameters.schema },
    parallel,
    run: (call) => runDynamicTool(dynamicTool, call),
  };
}
