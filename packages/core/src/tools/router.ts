import { isJsonObject, toolNameText } from "@codex-ts/protocol";
import type {
  CustomToolCallItem,
  FunctionCallItem,
  FunctionCallOutput,
  ResponseItem,
  ToolSearchCallItem,
} from "@codex-ts/protocol";
import type {
  ThreadTrace,
  ToolDispatchTrace,
  ToolInvocationPayload,
} from "@codex-ts/rollout-trace/recorder";
import type { CompatibilityProfile } from "../compatibility/compatibility-profile.ts";
import { emptySearchOutput } from "../history/pair-calls.ts";
import { prepareOutput } from "../images/prepare-parts.ts";
import type { ImageReader } from "../images/prepare-parts.ts";
import { abortedText } from "./aborted-text.ts";
import { ParallelLock } from "./parallel-lock.ts";
import type { ToolRegistry } from "./registry.ts";
import { readToolQuery, searchTools } from "./search/tool-search.ts";
import { ToolError } from "./tool.ts";
import type { Tool, ToolCall } from "./tool.ts";
import { wellFormedOutput } from "./well-formed-output.ts";

/** A call of the model that this side runs. */
export type ToolCallItem = FunctionCallItem | CustomToolCallItem | ClientSearchCall;

/** A search for tools that the server leaves to its client. */
interface ClientSearchCall extends ToolSearchCallItem {
  readonly call_id: string;
}

/** The output of a call. */
export interface ToolAnswer {
  readonly item: ResponseItem;
  /** The id of the call in the trace; `undefined` when nothing is recorded. */
  readonly toolCallId: string | undefined;
}

type NamedCall = FunctionCallItem | CustomToolCallItem;

const TOOL_SEARCH = "tool_search";

export interface ToolRouterOptions {
  readonly registry: ToolRegistry;
  readonly trace: ThreadTrace;
  /** The turn, as each of its calls reaches a tool. */
  readonly turn: Omit<ToolCall, "callId" | "modelCallId" | "itemId" | "input">;
  /** See the compatibility profile. */
  readonly stoppedCalls: CompatibilityProfile["stoppedCalls"];
  /** Whom images of outputs are made ready for. */
  readonly imageReader: ImageReader;
}

export function isToolCall(item: ResponseItem): item is ToolCallItem {
  if (item.type === "tool_search_call") {
    return item.execution === "client" && typeof item.call_id === "string";
  }
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
   * Starts a call at once and resolves with its output item. `undefined`: the call gets no output, because
   * it was made in the form of the other kind of tool. Never rejects.
   */
  async dispatch(call: ToolCallItem): Promise<ToolAnswer | undefined> {
    const dispatch = this.#options.trace.startToolDispatch(() => ({
      turnId: this.#options.turn.turnId,
      toolCallId: call.call_id,
      item: call,
      toolName: call.type === "tool_search_call" ? TOOL_SEARCH : call.name,
      toolNamespace: this.#namespaceOf(call),
      payload: invocationOf(call),
    }));
    const item = await this.#answer(call, dispatch);
    return item && { item, toolCallId: dispatch.toolCallId };
  }

  async #answer(
    call: ToolCallItem,
    dispatch: ToolDispatchTrace,
  ): Promise<ResponseItem | undefined> {
    if (call.type === "tool_search_call") return this.#search(call, dispatch);
    const tool = this.#options.registry.find(call.name, call.namespace);
    if (tool === undefined) return this.#refuse(call, dispatch, unsupported(call));
    if (tool.kind !== kindOf(call)) {
      dispatch.recordFailed({ error: `tool ${tool.name} is called in the form of another kind` });
      return undefined;
    }
    return this.#lock.run(tool.parallel, () => this.#run(tool, call, dispatch));
  }

  async #run(tool: Tool, call: NamedCall, dispatch: ToolDispatchTrace): Promise<ResponseItem> {
    const { turn } = this.#options;
    const { signal, now } = turn;
    const startedMs = now();
    const callId = dispatch.toolCallId ?? call.call_id;
    try {
      signal.throwIfAborted();
      const { output, failed } = await tool.run({
        ...turn,
        callId,
        modelCallId: call.call_id,
        ...(call.id !== undefined && { itemId: call.id }),
        input: call.type === "function_call" ? call.arguments : call.input,
      });
      const answer = answerTo(call, await prepareOutput(output, this.#options.imageReader));
      if (signal.aborted) return this.#stopped(answer, dispatch);
      dispatch.recordCompleted({
        status: failed === true ? "failed" : "completed",
        result: { type: "direct_response", response_item: answer },
      });
      return answer;
    } catch (error) {
      if (signal.aborted)
        return this.#stopped(answerTo(call, abortedText(now() - startedMs)), dispatch);
      return this.#refuse(call, dispatch, failureText(tool, error));
    }
  }

  /** As in Codex, a search that cannot be read has no output; the next prompt shows that it has found nothing. */
  #search(call: ClientSearchCall, dispatch: ToolDispatchTrace): ResponseItem | undefined {
    const query = readToolQuery(call.arguments);
    if (query === undefined) {
      dispatch.recordFailed({ error: "failed to parse tool_search arguments" });
      return undefined;
    }
    const { deferred } = this.#options.registry;
    if (deferred.length === 0) {
      return this.#refuse(call, dispatch, `unsupported call: ${TOOL_SEARCH}`);
    }
    try {
      const tools = searchTools(query, deferred);
      const answer = { ...emptySearchOutput(call.call_id, call.execution), tools };
      dispatch.recordCompleted({
        status: "completed",
        result: { type: "direct_response", response_item: answer },
      });
      return answer;
    } catch (error) {
      return this.#refuse(call, dispatch, error instanceof Error ? error.message : String(error));
    }
  }

  /** The namespace as a trace has it: tools without one of their own have none there, however they are called. */
  #namespaceOf(call: ToolCallItem): string | null {
    if (call.type === "tool_search_call" || this.#options.registry.isOwn(call.namespace))
      return null;
    return call.namespace ?? null;
  }

  #stopped(answer: ResponseItem, dispatch: ToolDispatchTrace): ResponseItem {
    if (this.#options.stoppedCalls === "aborted") dispatch.recordAborted();
    else
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

function answerTo(call: ToolCallItem, given: FunctionCallOutput): ResponseItem {
  const output = wellFormedOutput(given);
  const { call_id: callId } = call;
  switch (call.type) {
    case "function_call":
      return { type: "function_call_output", call_id: callId, output };
    case "custom_tool_call":
      return { type: "custom_tool_call_output", call_id: callId, output };
    case "tool_search_call":
      return emptySearchOutput(callId, call.execution);
  }
}

function invocationOf(call: ToolCallItem): ToolInvocationPayload {
  switch (call.type) {
    case "function_call":
      return { type: "function", arguments: call.arguments };
    case "custom_tool_call":
      return { type: "custom", input: call.input };
    case "tool_search_call":
      return {
        type: "tool_search",
        arguments: isJsonObject(call.arguments) ? call.arguments : {},
      };
  }
}

function kindOf(call: NamedCall): Tool["kind"] {
  return call.type === "function_call" ? "function" : "custom";
}

/** Machine-read texts, the same in Codex. */
function unsupported(call: NamedCall): string {
  const name = toolNameText({ name: call.name, namespace: call.namespace ?? null });
  return call.type === "function_call"
    ? `unsupported call: ${name}`
    : `unsupported custom tool call: ${name}`;
}

/** A bug in a tool is reported to the model like a failure, so that the turn survives it. */
export function failureText(tool: Tool, error: unknown): string {
  if (ToolError.is(error)) return error.message;
  return `${tool.name} failed: ${error instanceof Error ? error.message : String(error)}`;
}
