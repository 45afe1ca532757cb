import type { ResponseItem, TokenUsage } from "@codex-ts/protocol";
import type { PayloadReference } from "../payload.ts";
import type { TraceSchemaVersion } from "../raw-event.ts";
import type { TraceEventContext } from "../writer.ts";
import type { BundleRecorder } from "./bundle-recorder.ts";

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
  /** Default: the text Codex writes for a dropped stream. */
  readonly reason?: string | undefined;
  readonly upstreamRequestId: string | null | undefined;
  /** Items finished before the cancellation. */
  readonly outputItems: readonly ResponseItem[];
}

/** Written by every Codex version when a stream is dropped; tools compare it. */
const DROPPED_STREAM_REASON = "response stream dropped before provider terminal event";

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
 * The trace of one request to a model. Whatever races, one terminal record is written: the first of `recordCompleted`,
 * `recordFailed`, `recordCancelled`; later ones do nothing. When the start could not be recorded, nothing more is.
 */
export class InferenceAttempt {
  /** Version 4 UUID; `undefined` when nothing is recorded. */
  readonly inferenceCallId: string | undefined;
  readonly #facts: AttemptFacts | undefined;
  #stage: "built" | "started" | "ended" = "built";

  /** An attempt that records nothing and adds no header. */
  static disabled(): InferenceAttempt {
    return DISABLED_ATTEMPT;
  }

  /** @internal */
  constructor(facts: AttemptFacts | undefined) {
    this.#facts = facts;
    this.inferenceCallId = facts?.bundle.randomUuid();
  }

  /** Hands the header that carries this attempt's id to `setHeader`; does nothing when nothing is recorded. */
  addRequestHeaders(setHeader: (name: string, value: string) => void): void {
    if (this.inferenceCallId !== undefined) {
      setHeader(INFERENCE_CALL_ID_HEADER, this.inferenceCallId);
    }
  }

  /**
   * Records the request: its body exactly as sent (for a WebSocket delta, the frame), never its headers. Only the first
   * call counts.
   */
  recordStarted(request: object): void {
    const facts = this.#facts;
    if (facts === undefined || this.#stage !== "built") return;
    const { bundle, context } = facts;
    if (this.inferenceCallId === undefined || !bundle.knowsTurn(context)) return;
    const requestPayload = bundle.writePayload("inference_request", request);
    if (requestPayload === undefined) return;
    const isWritten = bundle.append(
      {
        type: "inference_started",
        inference_call_id: this.inferenceCallId,
        thread_id: context.threadId,
        codex_turn_id: context.turnId,
        model: facts.model,
        provider_name: facts.providerName,
        request_payload: requestPayload,
      },
      context,
    );
    if (isWritten) this.#stage = "started";
  }

  /**
   * Tells that the response produced this item. Call it before the item may enter history, and keep the same object:
   * `ThreadTrace.recordHistoryItemAccepted` knows response items by it. (Terminal records do the same for their items;
   * this is for items that are accepted while the stream still runs.)
   */
  observeOutputItem(item: ResponseItem): void {
    if (this.#stage === "started") this.#facts?.bundle.itemIds.assign(item);
  }

  recordCompleted(completion: InferenceCompletion): void {
    const started = this.#end();
    if (started === undefined) return;
    const { bundle, context, inferenceCallId } = started;
    const facts = {
      responseId: completion.responseId ?? null,
      upstreamRequestId: completion.upstreamRequestId ?? null,
    };
    const usage = toTraceUsage(completion.tokenUsage, bundle.schemaVersion);
    const responsePayload =
      writeResponse(bundle, { ...facts, usage, items: completion.outputItems }) ??
      // Items that JSON cannot express must not cost the ids of the response.
      writeResponse(bundle, { ...facts, usage: null, items: [] });
    if (responsePayload === undefined) {
      bundle.append(
        {
          type: "inference_failed",
          inference_call_id: inferenceCallId,
          upstream_request_id: facts.upstreamRequestId,
          error: "the response completed, but its payload could not be recorded",
          partial_response_payload: null,
        },
        context,
      );
      return;
    }
    bundle.append(
      {
        type: "inference_completed",
        inference_call_id: inferenceCallId,
        response_id: facts.responseId,
        upstream_request_id: facts.upstreamRequestId,
        response_payload: responsePayload,
      },
      context,
    );
  }

  recordFailed(failure: InferenceFailure): void {
    const started = this.#end();
    if (started === undefined) return;
    const upstreamRequestId = failure.upstreamRequestId ?? null;
    started.bundle.append(
      {
        type: "inference_failed",
        inference_call_id: started.inferenceCallId,
        upstream_request_id: upstreamRequestId,
        error: failure.error,
        partial_response_payload: writePartial(started.bundle, upstreamRequestId, failure),
      },
      started.context,
    );
  }

  recordCancelled(cancellation: InferenceCancellation): void {
    const started = this.#end();
    if (started === undefined) return;
    const upstreamRequestId = cancellation.upstreamRequestId ?? null;
    started.bundle.append(
      {
        type: "inference_cancelled",
        inference_call_id: started.inferenceCallId,
        upstream_request_id: upstreamRequestId,
        reason: cancellation.reason ?? DROPPED_STREAM_REASON,
        partial_response_payload: writePartial(started.bundle, upstreamRequestId, cancellation),
      },
      started.context,
    );
  }

  /** Takes the one right to record a terminal; `undefined` when it is taken or the start is not in the log. */
  #end():
    | { bundle: BundleRecorder; context: TraceEventContext; inferenceCallId: string }
    | undefined {
    const facts = this.#facts;
    const inferenceCallId = this.inferenceCallId;
    const isStarted = this.#stage === "started";
    this.#stage = "ended";
    if (!isStarted || facts === undefined || inferenceCallId === undefined) return undefined;
    return { bundle: facts.bundle, context: facts.context, inferenceCallId };
  }
}

const DISABLED_ATTEMPT = new InferenceAttempt(undefined);

interface ResponseRecord {
  readonly responseId: string | null;
  readonly upstreamRequestId: string | null;
  readonly usage: object | null;
  readonly items: readonly ResponseItem[];
}

function writeResponse(
  bundle: BundleRecorder,
  record: ResponseRecord,
): PayloadReference | undefined {
  return bundle.writePayload("inference_response", {
    response_id: record.responseId,
    upstream_request_id: record.upstreamRequestId,
    token_usage: record.usage,
    output_items: bundle.toResponseItems(record.items),
  });
}

/** The items a broken response left behind; no payload when it left none. */
function writePartial(
  bundle: BundleRecorder,
  upstreamRequestId: string | null,
  { outputItems: items }: { readonly outputItems: readonly ResponseItem[] },
): PayloadReference | null {
  if (items.length === 0) return null;
  return writeResponse(bundle, { responseId: null, upstreamRequestId, usage: null, items }) ?? null;
}

function toTraceUsage(
  usage: TokenUsage | null | undefined,
  schemaVersion: TraceSchemaVersion,
): object | null {
  if (usage === null || usage === undefined) return null;
  return {
    input_tokens: usage.input_tokens,
    cached_input_tokens: usage.cached_input_tokens,
    ...(schemaVersion === 2 && { cache_write_input_tokens: usage.cache_write_input_tokens ?? 0 }),
    output_tokens: usage.output_tokens,
    reasoning_output_tokens: usage.reasoning_output_tokens,
    total_tokens: usage.total_tokens,
  };
}
