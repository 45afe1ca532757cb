import { isJsonObject } from "@codex-ts/protocol";
import type { JsonValue } from "@codex-ts/protocol";
import type { InferenceCall } from "../../model/runtime.ts";
import type { PayloadReference } from "../../format/payload.ts";
import type { ExecutionStatus } from "../../format/raw-event.ts";
import { quote } from "../../reader/problem.ts";
import type { ReducerContext } from "../context.ts";
import type { Draft } from "../draft.ts";
import type { EventPayload } from "../../format/raw-event.ts";
import { printCompact } from "../../json/print.ts";
import { reduceRequest } from "./inference-request.ts";
import { isCallKind } from "../conversation/item.ts";
import type { Item } from "../conversation/item.ts";
import type { LoadedPayload } from "../loaded-payload.ts";
import { readItems } from "../normalize/read-items.ts";
import { reconcile } from "../conversation/reconcile.ts";
import { addToList } from "../conversation/thread-history.ts";
import { checkTurn } from "../turn.ts";
import { deferLinks } from "../conversation/unsettled.ts";
import { readUsage } from "./usage.ts";
import type { SchemaRules } from "../../schema/schema-rules.ts";

export function startInference(
  context: ReducerContext,
  payload: EventPayload<"inference_started">,
): void {
  const callId = payload.inference_call_id;
  if (context.inferences.has(callId)) {
    context.problem("duplicate", `inference call ${quote(callId)} starts twice`, {
      objectId: callId,
    });
    return;
  }
  checkTurn(
    context,
    payload.codex_turn_id,
    payload.thread_id,
    () => `inference call ${quote(callId)}`,
  );
  checkKinds(context, payload);
  context.requestItems.set(callId, reduceRequest(context, payload));
  context.inferences.set(callId, {
    inference_call_id: callId,
    thread_id: payload.thread_id,
    codex_turn_id: payload.codex_turn_id,
    execution: context.startedNow(),
    model: payload.model,
    provider_name: payload.provider_name,
    response_id: null,
    upstream_request_id: null,
    // Filled in when the state is asked for; see `requestItems`.
    request_item_ids: [],
    response_item_ids: [],
    tool_call_ids_started_by_response: [],
    usage: null,
    raw_request_payload_id: payload.request_payload.raw_payload_id,
    ...(payload.prepared_prompt_payload === undefined
      ? {}
      : { prepared_prompt_payload_id: payload.prepared_prompt_payload.raw_payload_id }),
    raw_response_payload_id: null,
  });
  addToList(context.inferencesOfTurn, payload.codex_turn_id, callId);
  context.history(payload.thread_id).latestInference = callId;
}

/** Schema 3: Codex takes nothing else for a request. Of no other payload does it ask what kind it is. */
function checkKinds(context: ReducerContext, payload: EventPayload<"inference_started">): void {
  const { prepared_prompt_payload: prompt, warmup_context_payload: warmup } = payload;
  if (prompt === undefined) return;
  const isLabeled =
    payload.request_payload.kind.type === "inference_request" &&
    prompt.kind.type === "prepared_prompt" &&
    (warmup?.kind.type ?? "warmup_context") === "warmup_context";
  if (isLabeled) return;
  const callId = payload.inference_call_id;
  context.problem(
    "payload_shape",
    `inference call ${quote(callId)} names payloads of another kind than its own`,
    { objectId: callId },
  );
}

/** A terminal event of any of the three types. */
interface InferenceEnd {
  readonly callId: string;
  readonly status: ExecutionStatus;
  /** Only a completed response has one. */
  readonly responseId: string | null;
  readonly upstreamRequestId: string | null;
  readonly response: PayloadReference | null;
  /** Why it failed or was cancelled. */
  readonly reason: string | undefined;
}

export function endInference(
  context: ReducerContext,
  payload: EventPayload<"inference_completed" | "inference_failed" | "inference_cancelled">,
): void {
  applyEnd(context, toEnd(payload));
}

function toEnd(
  payload: EventPayload<"inference_completed" | "inference_failed" | "inference_cancelled">,
): InferenceEnd {
  const { inference_call_id: callId, upstream_request_id: upstreamRequestId } = payload;
  switch (payload.type) {
    case "inference_completed":
      return {
        callId,
        upstreamRequestId,
        status: "completed",
        responseId: payload.response_id,
        response: payload.response_payload,
        reason: undefined,
      };
    case "inference_failed":
    case "inference_cancelled":
      return {
        callId,
        upstreamRequestId,
        status: payload.type === "inference_failed" ? "failed" : "cancelled",
        responseId: null,
        response: payload.partial_response_payload,
        reason: payload.type === "inference_failed" ? payload.error : payload.reason,
      };
  }
  return payload satisfies never;
}

/** The one place that consumes a terminal event, whichever came first and however late it is. */
function applyEnd(context: ReducerContext, end: InferenceEnd): void {
  const call = context.inferences.get(end.callId);
  if (call === undefined) {
    context.problem(
      "unknown_reference",
      `end of inference call ${quote(end.callId)}, which was never started`,
      { objectId: end.callId },
    );
    return;
  }
  const { reason } = end;
  if (reason !== undefined)
    context.observer?.contents.failure({ inferenceCallId: end.callId, reason });
  const items = reduceResponse(context, call, end);
  assignResponseId(context, call, end.responseId);
  // A turn that ended first has said how the call ended.
  if (call.execution.status === "running") context.endNow(call.execution, end.status);
  if (end.upstreamRequestId !== null) call.upstream_request_id = end.upstreamRequestId;
  if (end.response !== null) call.raw_response_payload_id = end.response.raw_payload_id;
  if (items !== undefined) assignResponseItems(context, call, items);
}

/** Always assigned: a late failure clears the id of a completion. */
function assignResponseId(
  context: ReducerContext,
  call: Draft<InferenceCall>,
  responseId: string | null,
): void {
  const { callsOfResponseId } = context.history(call.thread_id);
  if (call.response_id !== null)
    callsOfResponseId.get(call.response_id)?.delete(call.inference_call_id);
  call.response_id = responseId;
  if (responseId === null) return;
  const calls = callsOfResponseId.get(responseId) ?? new Set();
  callsOfResponseId.set(responseId, calls.add(call.inference_call_id));
}

function assignResponseItems(
  context: ReducerContext,
  call: Draft<InferenceCall>,
  items: readonly Item[],
): void {
  for (const id of call.response_item_ids) context.items.get(id)?.responseCalls?.delete(call);
  call.response_item_ids = items.map((item) => item.record.item_id);
  for (const item of items) {
    item.responseCalls ??= new Set();
    item.responseCalls.add(call);
    deferToolLinks(context, item);
  }
}

/** Codex links a tool that started before its response when it next sees any item of the call. */
function deferToolLinks(context: ReducerContext, { record }: Item): void {
  if (record.call_id === null || !isCallKind(record.kind)) return;
  for (const item of context.itemsByCallId.get(record.call_id) ?? []) deferLinks(context, item);
}

function reduceResponse(
  context: ReducerContext,
  call: Draft<InferenceCall>,
  { response, responseId }: InferenceEnd,
): readonly Item[] | undefined {
  if (response === null) return undefined;
  const payload = context.payload(response);
  const positions: number[] | undefined = context.observer && [];
  const incoming = readItems(context, payload, "output_items", positions);
  if (incoming === undefined) return undefined;
  call.usage = usageOf(payload, context.rules.inference) ?? call.usage;
  const history = context.history(call.thread_id);
  const items = [
    ...reconcile(context, incoming, {
      history,
      turnId: call.codex_turn_id,
      producers: [{ type: "inference", inference_call_id: call.inference_call_id }],
      mode: "response",
      base: history.snapshot,
      start: history.snapshot.length,
    }),
  ];
  observeResponse(context, call, { responseId, payload, positions, items });
  if (context.rules.inference.extendsHistoryAlways) {
    history.snapshot = history.snapshot.append(items);
    for (const item of items) history.conversation.add(item);
  } else if (history.latestInference === call.inference_call_id) {
    // A stale stream must not change live history, and a second end replaces what the first one added.
    const request = context.requestItems.get(call.inference_call_id) ?? history.snapshot;
    history.snapshot = request.append(items);
  }
  return items;
}

/** Reports a response to those who asked for contents; `positions` are those of its items in the list. */
function observeResponse(
  { observer }: ReducerContext,
  { inference_call_id: inferenceCallId, thread_id: threadId }: InferenceCall,
  observed: {
    readonly responseId: string | null;
    readonly payload: LoadedPayload;
    readonly positions: readonly number[] | undefined;
    readonly items: readonly Item[];
  },
): void {
  const { responseId, payload, positions, items } = observed;
  if (observer === undefined || positions === undefined) return;
  const node = payload.exact();
  const list = node instanceof Map ? node.get("output_items") : undefined;
  const itemIds = new Map(positions.map((at, index) => [at, items[index]?.record.item_id]));
  const output = (Array.isArray(list) ? list : []).map((element, index) => ({
    text: printCompact(element),
    itemId: itemIds.get(index),
  }));
  const text = printCompact(node);
  observer.contents.response({ inferenceCallId, threadId, responseId, text, output });
}

function usageOf(payload: LoadedPayload, rules: SchemaRules["inference"]): InferenceCall["usage"] {
  const value: JsonValue | undefined = payload.json();
  if (!isJsonObject(value) || !isJsonObject(value["token_usage"])) return null;
  return readUsage(value["token_usage"], () => payload.exact(), payload.text(), rules);
}
