import type { JsonObject } from "@codex-ts/protocol";
import { truncateOutput } from "../../history/truncate-output.ts";
import { abortedText } from "../aborted-text.ts";
import { parseArguments } from "../arguments.ts";
import { ToolError } from "../tool.ts";
import type { ToolCall, ToolOutput } from "../tool.ts";
import { DynamicToolReporter } from "./dynamic-tool-reporter.ts";
import { settledOrStopped } from "./settled-or-stopped.ts";
import { toOutput } from "./tool-content.ts";
import type { ToolResult } from "./tool-content.ts";
import type { ToolContext } from "./tool-context.ts";

/** A tool of the builder's, as it is run. */
export interface DynamicTool {
  readonly name: string;
  readonly namespace?: string | undefined;
  /** Rejects with `ToolError` for arguments that do not fit. */
  check(args: JsonObject): Promise<unknown>;
  execute(args: unknown, context: ToolContext): ToolResult | Promise<ToolResult>;
  readonly onError: ((error: unknown, context: ToolContext) => void) | undefined;
}

/**
 * Checks the arguments, runs the tool and shows it as an item of the turn. Rejects with `ToolError` for arguments that do
 * not fit: as with a built-in tool there is no item then. An abort of the turn ends the call even if the tool goes on.
 */
export async function runDynamicTool(tool: DynamicTool, call: ToolCall): Promise<ToolOutput> {
  const { callId, turnId, cwd, signal } = call;
  const context: ToolContext = { callId, turnId, cwd, signal };
  const startedMs = call.now();
  const attempt = async <Result>(work: () => Result | Promise<Result>): Promise<Result> => {
    try {
      return await settledOrStopped(work, signal);
    } catch (error) {
      if (signal.aborted) throw new ToolError(abortedText(call.now() - startedMs));
      throw ToolError.is(error) ? error : hidden(tool, error, context);
    }
  };
  const args = parseArguments(call.input);
  const checked = await attempt(() => tool.check(args));
  const reporter = new DynamicToolReporter(call, tool, args);
  reporter.began();
  let answer: ToolOutput;
  try {
    const result = await attempt(() => tool.execute(checked, context));
    answer = { output: toOutput(tool.name, result) };
  } catch (error) {
    answer = { output: error instanceof Error ? error.message : String(error), failed: true };
  }
  const bounded = { ...answer, output: truncateOutput(answer.output, call.outputBudget) };
  reporter.ended(bounded);
  return bounded;
}

/** The error the model reads in place of one that was not made for it. */
function hidden(tool: DynamicTool, error: unknown, context: ToolContext): ToolError {
  try {
    tool.onError?.(error, context);
  } catch {
    // A handler that only logs must not be able to break the turn.
  }
  return new ToolError(`${tool.name} failed with an unexpected error${nameOf(error)}`);
}

/** Names of error classes are code; anything else could be a secret. */
function nameOf(error: unknown): string {
  return error instanceof Error && /^[A-Z][A-Za-z]{0,63}$/.test(error.name)
    ? ` (${error.name})`
    : "";
}
