import { toolNameText } from "@codex-ts/protocol";
import type {
  CustomToolCallItem,
  FunctionCallItem,
  FunctionCallOutput,
  ResponseItem,
} from "@codex-ts/protocol";
import type { ThreadTrace, ToolDispatchTrace } from "@codex-ts/rollout-trace";
import type { OutputBudget } from "../history/truncate.ts";
import { ParallelLock } from "./parallel-lock.ts";
import type { ToolRegistry } from "./registry.ts";
import { ToolError } from "./tool.ts";
import type { Tool, ToolReporter } from "./tool.ts";

/** A call the model made and this side answers. */
export type ToolCallItem = FunctionCallItem | CustomToolCallItem;

export interface ToolRouterOptions {
  readonly registry: ToolRegistry;
  readonly trace: ThreadTrace;
  readonly turnId: string;
  readonly outputBudget: OutputBudget;
  readonly signal: AbortSignal;
  reporterFor(callId: string): ToolReporter;
}

export function isToolCall(item: ResponseItem): item is ToolCallItem {
  return item.type === "function_call" || item.type === "custom_tool_call";
}

/** Hands the calls of one sampling request to their tools. */
export class ToolRouter {
  readonly #options: ToolRouterOptions;
  readonly #lock = new ParallelLock();

  constructor(options: ToolRouterOptions) {
    this.#options = options;
  }

  /**
   * Starts a call at once and resolves with the item that answers it. `undefined`: the call stays unanswered, because
   * it was made in the form of the other kind of tool. Never rejects.
   */
  async dispatch(call: ToolCallItem): Promise<ResponseItem | undefined> {
    const dispatch = this.#options.trace.startToolDispatch(() => ({
      turnId: this.#options.turnId,
      toolCallId: call.call_id,
      toolName: call.name,
      toolNamespace: call.namespace ?? null,
      payload:
        call.type === "function_call"
          ? { type: "function", arguments: call.arguments }
          : { type: "custom", input: call.input },
    }));
    const tool = this.#options.registry.find(call.name, call.namespace);
    if (tool === undefined) return this.#refuse(call, dispatch, unsupported(call));
    if (tool.kind !== kindOf(call)) {
      dispatch.recordFailed({ error: `tool ${tool.name} is called in the form of another kind` });
      return undefined;
    }
    return this.#lock.run(tool.parallel, () => this.#run(tool, call, dispatch));
  }

  async #run(tool: Tool, call: ToolCallItem, dispatch: ToolDispatchTrace): Promise<ResponseItem> {
    const { turnId, outputBudget, signal } = this.#options;
    try {
      signal.throwIfAborted();
      const output = await tool.run({
        callId: call.call_id,
        turnId,
        input: call.type === "function_call" ? call.arguments : call.input,
        outputBudget,
        signal,
        report: this.#options.reporterFor(call.call_id),
      });
      const answer = answerTo(call, output);
      dispatch.recordCompleted({
        status: signal.aborted ? "cancelled" : "completed",
        result: { type: "direct_response", response_item: answer },
      });
      return answer;
    } catch (error) {
      if (signal.aborted) return this.#aborted(call, dispatch);
      return this.#refuse(call, dispatch, failureText(tool, error));
    }
  }

  #aborted(call: ToolCallItem, dispatch: ToolDispatchTrace): ResponseItem {
    const answer = answerTo(call, "aborted by user after 0.1s");
    dispatch.recordCompleted({
      status: "cancelled",
      result: { type: "direct_response", response_item: answer },
    });
    return answer;
  }

  #refuse(call: ToolCallItem, dispatch: ToolDispatchTrace, error: string): ResponseItem {
    dispatch.recordFailed({ error });
    return answerTo(call, error);
  }
}

function answerTo(call: ToolCallItem, output: FunctionCallOutput): ResponseItem {
  return call.type === "function_call"
    ? { type: "function_call_output", call_id: call.call_id, output }
    : { type: "custom_tool_call_output", call_id: call.call_id, output };
}

function kindOf(call: ToolCallItem): Tool["kind"] {
  return call.type === "function_call" ? "function" : "custom";
}

/** Machine-read texts, the same in the reference client. */
function unsupported(call: ToolCallItem): string {
  const name = toolNameText({ name: call.name, namespace: call.namespace ?? null });
  return call.type === "function_call"
    ? `unsupported call: ${name}`
    : `unsupported custom tool call: ${name}`;
}

/** A bug in a tool is told to the model like a failure, so that the turn survives it. */
function failureText(tool: Tool, error: unknown): string {
  if (error instanceof ToolError) return error.message;
  return `${tool.name} failed: ${error instanceof Error ? error.message : String(error)}`;
}
