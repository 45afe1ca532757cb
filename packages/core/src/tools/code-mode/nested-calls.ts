import { randomUUID } from "node:crypto";
import { isJsonObject, toolNameText } from "@codex-ts/protocol";
import type { JsonValue } from "@codex-ts/protocol";
import type { ToolDispatchTrace, ToolInvocationPayload } from "@codex-ts/rollout-trace/recorder";
import type { ParallelLock } from "../parallel-lock.ts";
import type { ToolRouterOptions } from "../router.ts";
import { failureText } from "../router.ts";
import type { Tool } from "../tool.ts";
import type { CallResult } from "./code-cell.ts";

/** A call of a tool that a script makes. */
export interface NestedCall {
  readonly tool: Tool;
  readonly cellId: string;
  /** The turn the cell belongs to. */
  readonly turnId: string;
  /** `tool-1`, `tool-2`… in the cell. */
  readonly runtimeToolId: string;
  /** JSON text of the argument; `undefined`: none was given. */
  readonly json: string | undefined;
  /** Aborted when the cell is over. */
  readonly signal: AbortSignal;
}

/** Settings and rights of the turn that runs. */
export type NestedCallOptions = Pick<ToolRouterOptions, "trace" | "turn">;

/** Hands the calls of scripts to their tools, with the rights of the turn that runs. */
export class NestedCalls {
  readonly #options: NestedCallOptions;

  constructor(options: NestedCallOptions) {
    this.#options = options;
  }

  /** Runs a call when the lock lets it. Never rejects. */
  async run(call: NestedCall, lock: ParallelLock): Promise<CallResult> {
    const payload = payloadOf(call);
    if (typeof payload === "string") return rejected(payload);
    return lock.run(call.tool.parallel, () => this.#run(call, payload));
  }

  async #run(call: NestedCall, payload: NestedPayload): Promise<CallResult> {
    const { tool, turnId, cellId, runtimeToolId } = call;
    const { turn } = this.#options;
    const signal = AbortSignal.any([call.signal, turn.signal]);
    if (signal.aborted) return rejected("the call was stopped");
    const callId = `exec-${randomUUID()}`;
    const dispatch = this.#options.trace.startToolDispatch(() => ({
      turnId,
      toolCallId: callId,
      toolName: tool.name,
      toolNamespace: tool.namespace?.name ?? null,
      requester: { type: "code_cell", runtimeCellId: cellId, runtimeToolId },
      payload,
    }));
    try {
      const { output, failed, value } = await tool.run({
        ...turn,
        callId,
        turnId,
        input: payload.type === "function" ? payload.arguments : payload.input,
        signal,
      });
      if (signal.aborted) return stopped(dispatch);
      // A script that gets no value of its own reads the output: a text, or the list of parts.
      const result: JsonValue = value ?? output;
      dispatch.recordCompleted({
        status: failed === true ? "failed" : "completed",
        result: { type: "code_mode_response", value: result },
      });
      return { isResolved: true, json: JSON.stringify(result) };
    } catch (error) {
      if (signal.aborted) return stopped(dispatch);
      const reason = failureText(tool, error);
      dispatch.recordFailed({ error: reason });
      return rejected(reason);
    }
  }
}

type NestedPayload = Extract<ToolInvocationPayload, { readonly type: "function" | "custom" }>;

/** The call as the trace knows it, or what is wrong with it. Machine-read, the same in Codex. */
function payloadOf({ tool, json }: NestedCall): NestedPayload | string {
  const value = json === undefined ? undefined : (JSON.parse(json) as JsonValue);
  const name = toolNameText({ name: tool.name, namespace: tool.namespace?.name ?? null });
  if (tool.kind === "custom") {
    return typeof value === "string"
      ? { type: "custom", input: value }
      : `tool \`${name}\` expects a string input`;
  }
  if (value === undefined) return { type: "function", arguments: "{}" };
  return isJsonObject(value) && json !== undefined
    ? { type: "function", arguments: json }
    : `tool \`${name}\` expects a JSON object for arguments`;
}

function rejected(reason: string): CallResult {
  return { isResolved: false, json: JSON.stringify(reason) };
}

function stopped(dispatch: ToolDispatchTrace): CallResult {
  dispatch.recordAborted();
  return rejected("the call was stopped");
}
