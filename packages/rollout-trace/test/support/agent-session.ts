import { toWireItem, type JsonObject, type ResponseItem } from "@codex-ts/protocol";
import type { InferenceAttempt, ThreadTrace, ToolDispatchTrace } from "@codex-ts/rollout-trace";
import { userMessage } from "./recording.ts";

/** A call the model made and nobody has answered yet. */
export interface OpenCall {
  readonly callId: string;
  readonly toolName: string;
  readonly isCustom: boolean;
  readonly input: string;
}

/** A response that is being received. */
export interface RunningResponse {
  readonly attempt: InferenceAttempt;
  readonly turnId: string;
  /** How much of the history the server knows by its request. */
  readonly sentItems: number;
  readonly items: ResponseItem[];
}

/** Numbers for the ids of a run; shared by its threads. */
export class IdSource {
  #last = 0;
  next(prefix: string): string {
    this.#last += 1;
    return `${prefix}-${this.#last}`;
  }
  /** UUID text, for ids the reducer parses. */
  nextUuid(): string {
    this.#last += 1;
    return `00000000-0000-7000-8000-${String(this.#last).padStart(12, "0")}`;
  }
}

/**
 * The part of an agent that matters to its trace: it keeps a history, sends it whole with each request, takes items
 * into the history while they arrive, and answers calls. Every step calls the recorder as core does.
 */
export class AgentSession {
  readonly trace: ThreadTrace;
  readonly ids: IdSource;
  readonly history: ResponseItem[] = [];
  readonly openCalls: OpenCall[] = [];
  turnId: string | undefined;
  readonly #sendsIds: boolean;

  /** `sendsIds`: requests carry ids of all items, as those of 0.169 do; else of messages between agents only. */
  constructor(trace: ThreadTrace, ids: IdSource, { sendsIds = false } = {}) {
    this.trace = trace;
    this.ids = ids;
    this.#sendsIds = sendsIds;
  }

  startTurn(text: string): string {
    const turnId = this.ids.nextUuid();
    this.turnId = turnId;
    this.trace.recordTurnStarted({ turnId });
    this.trace.recordProtocolEvent({
      type: "task_started",
      turn_id: turnId,
      model_context_window: null,
      collaboration_mode_kind: "default",
    });
    this.accept(userMessage(text));
    return turnId;
  }

  endTurn(status: "completed" | "failed" | "cancelled"): void {
    const { turnId } = this;
    if (turnId === undefined) return;
    this.trace.recordTurnEnded({ turnId, status });
    this.trace.recordProtocolEvent(
      status === "cancelled"
        ? { type: "turn_aborted", turn_id: turnId, reason: "interrupted" }
        : { type: "task_complete", turn_id: turnId, last_agent_message: null },
    );
    this.turnId = undefined;
    // What was not answered is forgotten together with its turn.
    for (const call of this.openCalls.splice(0)) this.#answer(call, "aborted", turnId);
  }

  /** Something that no response brought enters the history. */
  accept(item: ResponseItem, turnId: string = this.turnId ?? ""): void {
    const local = this.#sendsIds ? ({ id: this.ids.next("local"), ...item } as ResponseItem) : item;
    this.history.push(local);
    this.trace.recordHistoryItemAccepted({
      turnId,
      item: local,
      wireItemId: this.#toRequestItem(local)?.["id"] as string | undefined,
    });
  }

  /** Sends the history, or with `previous` only what came after the response of that id. */
  startResponse(
    previous?: {
      readonly responseId: string;
      readonly known: number;
    },
    { continuesWarmup = false, stripsOutputIds = false } = {},
  ): RunningResponse {
    const turnId = this.turnId ?? "";
    const attempt = this.trace
      .inferenceContext({ turnId, model: "model-a", providerName: "provider-a" })
      .startAttempt();
    const sent = this.history.slice(previous?.known ?? 0);
    const items = sent
      .map((item) => this.#toRequestItem(item))
      .filter((item) => item !== undefined);
    const stripped = stripsOutputIds ? outputIds(items) : [];
    const input = stripsOutputIds ? items.map(withoutOutputId) : items;
    const request = {
      ...(previous && { type: "response.create", previous_response_id: previous.responseId }),
      model: "model-a",
      tools: [{ type: "function", name: "exec_command" }],
      input,
    };
    attempt.recordStarted(request, {
      strippedToolOutputIds: stripped,
      ...(continuesWarmup && {
        asSent: { ...request, input: input.slice(-1), ...WARM },
        preparedPrompt: () => ({ input, tools: request.tools, output_schema: null }),
      }),
    });
    return { attempt, turnId, sentItems: this.history.length, items: [] };
  }

  /** One finished item of a response. */
  receive(response: RunningResponse, item: ResponseItem): void {
    response.attempt.observeOutputItem(item);
    response.items.push(item);
    this.history.push(item);
    this.trace.recordHistoryItemAccepted({ turnId: response.turnId, item });
    if (item.type === "function_call" || item.type === "custom_tool_call") {
      this.openCalls.push({
        callId: item.call_id,
        toolName: item.name,
        isCustom: item.type === "custom_tool_call",
        input: item.type === "custom_tool_call" ? item.input : item.arguments,
      });
    }
  }

  complete(response: RunningResponse, responseId = this.ids.next("resp")): string {
    response.attempt.recordCompleted({
      responseId,
      upstreamRequestId: this.ids.next("req"),
      tokenUsage: {
        input_tokens: 10,
        cached_input_tokens: 5,
        output_tokens: 3,
        reasoning_output_tokens: 1,
        total_tokens: 13,
      },
      outputItems: response.items,
    });
    return responseId;
  }

  /** Hands an open call to its tool. */
  dispatch(call: OpenCall): ToolDispatchTrace {
    const turnId = this.turnId ?? "";
    return this.trace.startToolDispatch(() => ({
      turnId,
      toolCallId: call.callId,
      toolName: call.toolName,
      toolNamespace: null,
      payload: call.isCustom
        ? { type: "custom", input: call.input }
        : { type: "function", arguments: call.input },
    }));
  }

  /** Ends a call with a text, which enters the history. */
  finish(call: OpenCall, dispatch: ToolDispatchTrace, output: string): void {
    const item = this.#answer(call, output, this.turnId ?? "");
    dispatch.recordCompleted({
      status: "completed",
      result: { type: "direct_response", response_item: item },
    });
  }

  takeCall(callId: string): OpenCall {
    const index = this.openCalls.findIndex((call) => call.callId === callId);
    const [call] = this.openCalls.splice(index, 1);
    if (index < 0 || call === undefined) throw new Error(`no open call ${callId}`);
    return call;
  }

  #toRequestItem(item: ResponseItem): JsonObject | undefined {
    const hasId = this.#sendsIds || item.type === "agent_message";
    return toWireItem(item, { itemIds: hasId ? "keep" : "omit" });
  }

  #answer(call: OpenCall, output: string, turnId: string): ResponseItem {
    const item: ResponseItem = call.isCustom
      ? { type: "custom_tool_call_output", call_id: call.callId, output }
      : { type: "function_call_output", call_id: call.callId, output };
    this.accept(item, turnId);
    return item;
  }
}

/** What a frame says that continues a warm-up. */
const WARM = { previous_response_id: "resp-warm" };

function isOutput({ type }: JsonObject): boolean {
  return type === "function_call_output" || type === "custom_tool_call_output";
}

function withoutOutputId(item: JsonObject): JsonObject {
  const { id: _, ...rest } = item;
  return isOutput(item) ? rest : item;
}

function outputIds(items: readonly JsonObject[]): (readonly [number, string])[] {
  return items.flatMap((item, index) =>
    isOutput(item) && typeof item["id"] === "string" ? [[index, item["id"]] as const] : [],
  );
}
