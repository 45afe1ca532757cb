import type { ResponseItem, TokenUsage } from "@codex-ts/protocol";
import type { PayloadReference } from "../format/payload.ts";
import type { TraceEventContext } from "../writer/trace-writer.ts";
import type { BundleRecorder } from "./bundle-recorder.ts";
import type { RequestItemIds } from "./item-ids.ts";
import { writeRequest, writeRequestInParts } from "./recorded-request.ts";
import type { RecordedRequest, RequestDetails } from "./recorded-request.ts";
import type { SchemaRules } from "../schema/schema-rules.ts";

/** Request header that carries an attempt's id to the server. */
export const INFERENCE_CALL_ID_HEADER = "x-codex-inference-call-id";

/** Which turn asks which model. */
export interface InferenceTraceOptions {
  readonly turnId: string;
  readonly model: string;
  readonly providerName: string;
}

/** Facts of a response that reached its `response.completed`. */
export interface InferenceCompletion {
  /** The Responses API's `response.id`, for chaining. */
  readonly responseId: string | null | undefined;
  /** `x-request-id` of the HTTP response, for looking into upstream logs; none over WebSocket. */
  readonly upstreamRequestId: string | null | undefined;
  readonly tokenUsage: TokenUsage | null | undefined;
  /** Every finished output item, in order. */
  readonly outputItems: readonly ResponseItem[];
}

/** Facts of a request that failed, before or during its response. */
export interface InferenceFailure {
  /** One line for people. */
  readonly error: string;
  /** `x-request-id` of the stream, else the one found in the error. */
  readonly upstreamRequestId: string | null | undefined;
  /** Items finished before the failure; usually none. */
  readonly outputItems: readonly ResponseItem[];
}

/** Facts of a response that was given up by its consumer. */
export interface InferenceCancellation {
  /** Default: {@link DROPPED_STREAM_REASON}. */
  readonly reason?: string | undefined;
  readonly upstreamRequestId: string | null | undefined;
  /** Items finished before the cancellation. */
  readonly outputItems: readonly ResponseItem[];
}

/** Reason of a response whose stream was dropped before its end. Every Codex version writes it, and tools compare it. */
export const DROPPED_STREAM_REASON = "response stream dropped before provider terminal event";

/** Further facts about a request, known when it is sent. */
export interface InferenceStartOptions extends RequestDetails {
  /** In which form requests carry the ids of items. Default `omit`, as 0.140 does. */
  readonly itemIds?: RequestItemIds | undefined;
}

/** Makes one {@link InferenceAttempt} per request that a turn sends. */
export class InferenceTraceContext {
  readonly #bundle: BundleRecorder | undefined;
  readonly #context: TraceEventContext;
  readonly #model: string;
  readonly #providerName: string;

  /** @internal */
  constructor(
    bundle: BundleRecorder | undefined,
    threadId: string,
    options: InferenceTraceOptions,
  ) {
    this.#bundle = bundle;
    this.#context = { threadId, turnId: options.turnId };
    this.#model = options.model;
    this.#providerName = options.providerName;
  }

  /**
   * Call once per concrete request, after it was built: each retry and each fallback to another transport is an
   * attempt of its own. Warm-up requests are not recorded: use {@link InferenceAttempt.disabled} for them.
   */
  startAttempt(): InferenceAttempt {
    const bundle = this.#bundle;
    if (bundle === undefined || !bundle.isRecording) return InferenceAttempt.disabled();
    return new InferenceAttempt({
      bundle,
      context: this.#context,
      model: this.#model,
      providerName: this.#providerName,
    });
  }
}

interface AttemptFacts {
  readonly bundle: BundleRecorder;
  readonly context: TraceEventContext;
  readonly model: string;
  readonly providerName: string;
}

/**
 * The trace of one request to a model. One terminal record is written, also when ends race: the first of
 * `recordCompleted`, `recordFailed`, `recordCancelled`; later ones do nothing. When the start could not be recorded,
 * nothing more is.
 */
export class InferenceAttempt {
  /** Version 4 UUID; `undefined` when nothing is recorded. */
  readonly inferenceCallId: string | undefined;
  readonly #enabled: { readonly facts: AttemptFacts; readonly id: string } | undefined;
  #stage: "built" | "started" | "ended" = "built";
  #itemIds: RequestItemIds = "omit";

  /** An attempt that records nothing and adds no header. */
  static disabled(): InferenceAttempt {
    return DISABLED_ATTEMPT;
  }

  /** @internal */
  constructor(facts: AttemptFacts | undefined) {
    this.#enabled = facts && { facts, id: facts.bundle.randomUuid() };
    this.inferenceCallId = this.#enabled?.id;
  }

  /** Hands the header that carries this attempt's id to `setHeader`; does nothing when nothing is recorded. */
  addRequestHeaders(setHeader: (name: string, value: string) => void): void {
    if (this.inferenceCallId !== undefined) {
      setHeader(INFERENCE_CALL_ID_HEADER, this.inferenceCallId);
    }
  }

  /**
   * Records the request: its body as sent, never its headers. Over WebSocket that is the frame, except that the first
   * request after a warm-up (which is not recorded) is given in full, its frame as `asSent`. Only the first call counts.
   *
   * Schema 3 names items that were recorded before instead of writing them again: elements of `input`, and `tools`, that
   * are the same objects from request to request cost nothing, equal ones cost being printed.
   *
   * Two things are recorded otherwise than sent, because Codex's reducer refuses a bundle for them: an item it cannot
   * take (a message with an unknown role, a reasoning without content) is left out, and a call whose id was given
   * before has an id of its own, with the server's beside it as `server_call_id`.
   */
  recordStarted(request: RecordedRequest, options: InferenceStartOptions = {}): void {
    const { facts, id } = this.#enabled ?? {};
    if (facts === undefined || id === undefined || this.#stage !== "built") return;
    this.#itemIds = options.itemIds ?? "omit";
    facts.bundle.guard(() => {
      if (!appendStarted(facts, id, request, options)) return;
      this.#stage = "started";
      facts.bundle.openHandle();
    });
  }

  /**
   * Notes that the response produced this item. Call it before the item may enter history, and keep the same object:
   * `ThreadTrace.recordHistoryItemAccepted` knows response items by it. (Terminal records do the same for their items;
   * this is for items that are accepted while the stream still runs.)
   */
  observeOutputItem(item: ResponseItem): void {
    const bundle = this.#enabled?.facts.bundle;
    if (this.#stage === "started") {
      bundle?.guard(() => bundle.observeResponseItem(item, this.#itemIds));
    }
  }

  recordCompleted(completion: InferenceCompletion): void {
    this.#end((facts, id) => appendCompleted(facts, id, completion, this.#itemIds));
  }

  recordFailed(failure: InferenceFailure): void {
    this.#end(({ bundle, context }, id) => {
      const upstreamRequestId = failure.upstreamRequestId ?? null;
      bundle.append(
        {
          type: "inference_failed",
          inference_call_id: id,
          upstream_request_id: upstreamRequestId,
          error: failure.error,
          partial_response_payload: this.#writePartial(upstreamRequestId, failure.outputItems),
        },
        context,
      );
    });
  }

  recordCancelled(cancellation: InferenceCancellation): void {
    this.#end(({ bundle, context }, id) => {
      const upstreamRequestId = cancellation.upstreamRequestId ?? null;
      bundle.append(
        {
          type: "inference_cancelled",
          inference_call_id: id,
          upstream_request_id: upstreamRequestId,
          reason: cancellation.reason ?? DROPPED_STREAM_REASON,
          partial_response_payload: this.#writePartial(upstreamRequestId, cancellation.outputItems),
        },
        context,
      );
    });
  }

  /** The items a broken response left behind; no payload when it left none. */
  #writePartial(
    upstreamRequestId: string | null,
    items: readonly ResponseItem[],
  ): PayloadReference | null {
    const bundle = this.#enabled?.facts.bundle;
    if (bundle === undefined || items.length === 0) return null;
    const ids = { response_id: null, upstream_request_id: upstreamRequestId };
    return writeResponse(bundle, { ...ids, usage: null, items, itemIds: this.#itemIds }) ?? null;
  }

  /** Takes the one right to record a terminal; a terminal without a recorded start would refer to nothing. */
  #end(append: (facts: AttemptFacts, inferenceCallId: string) => void): void {
    const { facts, id } = this.#enabled ?? {};
    const isStarted = this.#stage === "started";
    this.#stage = "ended";
    if (!isStarted || facts === undefined || id === undefined) return;
    facts.bundle.guard(() => append(facts, id));
    void facts.bundle.closeHandle();
  }
}

const DISABLED_ATTEMPT = new InferenceAttempt(undefined);

function appendStarted(
  { bundle, context, model, providerName }: AttemptFacts,
  inferenceCallId: string,
  request: RecordedRequest,
  options: InferenceStartOptions,
): boolean {
  if (!bundle.knowsTurn(context)) return false;
  const payloads =
    bundle.rules.container === "files"
      ? writeRequest(bundle, context, request)
      : writeRequestInParts(bundle, context, request, options);
  if (payloads === undefined) return false;
  return bundle.append(
    {
      type: "inference_started",
      inference_call_id: inferenceCallId,
      thread_id: context.threadId,
      codex_turn_id: context.turnId,
      model,
      provider_name: providerName,
      ...payloads,
    },
    context,
  );
}

function appendCompleted(
  { bundle, context }: AttemptFacts,
  inferenceCallId: string,
  completion: InferenceCompletion,
  itemIds: RequestItemIds,
): void {
  const ids = {
    response_id: completion.responseId ?? null,
    upstream_request_id: completion.upstreamRequestId ?? null,
  };
  const usage = toTraceUsage(completion.tokenUsage, bundle.rules);
  const responsePayload =
    writeResponse(bundle, { ...ids, usage, itemIds, items: completion.outputItems }) ??
    // Items that JSON cannot express must not cost the ids of the response.
    writeResponse(bundle, { ...ids, usage, itemIds, items: [] });
  bundle.append(
    responsePayload === undefined
      ? {
          type: "inference_failed",
          inference_call_id: inferenceCallId,
          upstream_request_id: ids.upstream_request_id,
          error: "the response completed, but its payload could not be recorded",
          partial_response_payload: null,
        }
      : {
          type: "inference_completed",
          inference_call_id: inferenceCallId,
          ...ids,
          response_payload: responsePayload,
        },
    context,
  );
}

function writeResponse(
  bundle: BundleRecorder,
  record: {
    readonly response_id: string | null;
    readonly upstream_request_id: string | null;
    readonly usage: object | null;
    readonly items: readonly ResponseItem[];
    readonly itemIds: RequestItemIds;
  },
): PayloadReference | undefined {
  return bundle.writePayload("inference_response", {
    response_id: record.response_id,
    upstream_request_id: record.upstream_request_id,
    token_usage: record.usage,
    output_items: bundle.toResponseItems(record.items, record.itemIds),
  });
}

function toTraceUsage(
  usage: TokenUsage | null | undefined,
  { inference }: SchemaRules,
): object | null {
  if (usage === null || usage === undefined) return null;
  return {
    input_tokens: usage.input_tokens,
    cached_input_tokens: usage.cached_input_tokens,
    ...(inference.countsCacheWrites && {
      cache_write_input_tokens: usage.cache_write_input_tokens ?? 0,
    }),
    output_tokens: usage.output_tokens,
    reasoning_output_tokens: usage.reasoning_output_tokens,
    total_tokens: usage.total_tokens,
  };
}
