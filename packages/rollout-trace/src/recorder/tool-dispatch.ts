import type { JsonObject, JsonValue, ResponseItem } from "@codex-ts/protocol";
import type { ExecutionStatus, RawRequester } from "../format/raw-event.ts";
import type { TraceEventContext } from "../writer/trace-writer.ts";
import type { BundleRecorder } from "./bundle-recorder.ts";
import { withCallId } from "./call-ids.ts";
import type { ToolInvocation } from "./tool-invocation.ts";
import { hasAgentMessage, isReducibleInvocation } from "./invocation-checks.ts";
import { summarizeInvocation, toolKindOf } from "./tool-kind.ts";
import { toBundleItem } from "./trace-item.ts";

/** The result of a tool; wire spelling. */
export type ToolDispatchResult =
  | { readonly type: "direct_response"; readonly response_item: ResponseItem }
  | { readonly type: "code_mode_response"; readonly value: JsonValue };

/** The trace of one tool call, from dispatch to result. The first end is recorded, a second one does nothing. */
export class ToolDispatchTrace {
  /** False when nothing is recorded: tracing is off, or the call is one that must not be recorded. */
  readonly isEnabled: boolean;
  /**
   * The id of the call in the trace, for everything else that is recorded about it; `undefined` when nothing is
   * recorded. The model's call id, unless that was given before.
   */
  readonly toolCallId: string | undefined;
  #facts: DispatchFacts | undefined;

  /** @internal */
  constructor(facts: DispatchFacts | undefined) {
    this.#facts = facts;
    this.isEnabled = facts !== undefined;
    this.toolCallId = facts?.toolCallId;
  }

  /** The tool ran: `completed`, or `failed` when it reports a failure in its result. */
  recordCompleted({
    status,
    result,
  }: {
    readonly status: ExecutionStatus;
    readonly result: ToolDispatchResult;
  }): void {
    this.#end(status, () =>
      result.type === "direct_response"
        ? {
            type: "direct_response",
            response_item: toResultItem(result.response_item, this.toolCallId),
          }
        : { type: "code_mode_response", value: result.value },
    );
  }

  /** The call could not be handed to a tool, or the tool threw. */
  recordFailed({ error }: { readonly error: string }): void {
    this.#end("failed", () => ({ type: "error", error }));
  }

  /** The call was stopped; its output, if it has one, is not recorded here. */
  recordAborted(): void {
    this.#end("aborted", undefined);
  }

  #end(status: ExecutionStatus, buildResult: (() => object) | undefined): void {
    const facts = this.#facts;
    this.#facts = undefined;
    facts?.bundle.guard(() => {
      facts.bundle.append(
        {
          type: "tool_call_ended",
          tool_call_id: facts.toolCallId,
          status,
          result_payload:
            (buildResult && facts.bundle.writePayload("tool_result", buildResult())) ?? null,
        },
        facts.context,
      );
    });
  }
}

function toResultItem(item: ResponseItem, toolCallId: string | undefined): JsonObject | null {
  const json = toBundleItem(item, { id: undefined });
  return json === undefined ? null : withCallId(json, toolCallId);
}

interface DispatchFacts {
  readonly bundle: BundleRecorder;
  readonly context: TraceEventContext;
  readonly toolCallId: string;
}

const DISABLED_DISPATCH = new ToolDispatchTrace(undefined);

/** `build` is called only when the call would be recorded; what it throws must not fail the tool call. */
export function startToolDispatch(
  bundle: BundleRecorder | undefined,
  threadId: string,
  build: () => ToolInvocation | undefined,
): ToolDispatchTrace {
  if (bundle === undefined || !bundle.isRecording) return DISABLED_DISPATCH;
  const facts = bundle.guard((): DispatchFacts | undefined => {
    const built = build();
    if (built === undefined) return undefined;
    const recordedId = built.item && bundle.callIds.ofResponseItem(built.item);
    const invocation = { ...built, toolCallId: recordedId ?? built.toolCallId };
    const context = { threadId, turnId: invocation.turnId };
    if (!isRecordable(bundle, context, invocation)) return undefined;
    if (!appendStarted(bundle, context, invocation)) return undefined;
    return { bundle, context, toolCallId: invocation.toolCallId };
  });
  return facts === undefined ? DISABLED_DISPATCH : new ToolDispatchTrace(facts);
}

function isRecordable(
  bundle: BundleRecorder,
  context: TraceEventContext,
  invocation: ToolInvocation,
): boolean {
  const { toolCallId, requester } = invocation;
  if (!bundle.knowsTurn(context)) return false;
  // A call is dispatched once; a second one of the same id cannot be reduced.
  if (bundle.tools.has(toolCallId)) return false;
  if (requester?.type === "code_cell") {
    return bundle.cells.has(cellKey(context.threadId, requester.runtimeCellId));
  }
  return bundle.rules.tools.includePublicExec || !isPublicExec(invocation);
}

function isPublicExec({ toolName, toolNamespace, payload }: ToolInvocation): boolean {
  return toolName === "exec" && toolNamespace === null && payload.type === "custom";
}

function appendStarted(
  bundle: BundleRecorder,
  context: TraceEventContext,
  invocation: ToolInvocation,
): boolean {
  const { toolCallId, requester } = invocation;
  const isModelCall = requester?.type !== "code_cell";
  const kind = toolKindOf(invocation.toolName);
  const invocationPayload = isReducibleInvocation(bundle, context.threadId, invocation)
    ? bundle.writePayload("tool_invocation", {
        tool_name: invocation.toolName,
        tool_namespace: invocation.toolNamespace,
        payload: invocation.payload,
      })
    : undefined;
  const rawRequester: RawRequester = isModelCall
    ? { type: "model" }
    : { type: "code_cell", runtime_cell_id: requester.runtimeCellId };
  const isWritten = bundle.append(
    {
      type: "tool_call_started",
      tool_call_id: toolCallId,
      model_visible_call_id: isModelCall ? toolCallId : null,
      code_mode_runtime_tool_id: isModelCall ? null : requester.runtimeToolId,
      requester: rawRequester,
      kind,
      summary: summarizeInvocation(invocation),
      invocation_payload: invocationPayload ?? null,
    },
    context,
  );
  if (!isWritten) return false;
  bundle.tools.set(toolCallId, {
    context,
    kind,
    hasWaitTarget: false,
    hasAgentMessage: invocationPayload !== undefined && hasAgentMessage(invocation.payload),
    canStartRuntime: kind.type !== "write_stdin" || invocationPayload === undefined,
    hasMcpCorrelation: false,
  });
  return true;
}

export function cellKey(threadId: string, runtimeCellId: string): string {
  return `${threadId} ${runtimeCellId}`;
}
