import { ApiError, ResponsesClient, TurnState, isAzureProvider } from "@codex-ts/api";
import type { ApiProvider, ResponseStream } from "@codex-ts/api";
import { RecoveryScope } from "@codex-ts/model-provider";
import type { ResponsesRequest } from "@codex-ts/protocol";
import type { InferenceAttempt, InferenceTraceContext } from "@codex-ts/rollout-trace";
import { toRequestFailure } from "../failure/request-failure.ts";
import { flatClientMetadata, httpRequestHeaders } from "../metadata/projections.ts";
import type { CodexResponsesMetadata } from "../metadata/responses-metadata.ts";
import { STREAM_DROPPED_REASON, mapResponseEvents } from "../stream-mapper.ts";
import type { MappedResponseStream } from "../stream-mapper.ts";
import { InferenceMeter } from "./inference-meter.ts";
import type { InferenceObserver } from "./inference-meter.ts";
import type { ModelClient } from "./model-client.ts";
import { buildResponsesRequest } from "./request-builder.ts";
import type { Prompt, RequestSettings } from "./request-builder.ts";

/** One sampling request. */
export interface SamplingRequest {
  readonly prompt: Prompt;
  readonly metadata: CodexResponsesMetadata;
  /** Makes one attempt per concrete request. */
  readonly trace: InferenceTraceContext;
  readonly observer: InferenceObserver;
  readonly signal: AbortSignal;
}

/**
 * Sends the requests of one turn: its retries and follow-ups share the routing state the server gave first.
 *
 * Source: core spec 1.1, 1.3, 1.5.
 */
export class ModelClientSession {
  readonly #client: ModelClient;
  readonly #turnState = new TurnState();
  readonly #recoveryScope = new RecoveryScope();

  /** Use `ModelClient.newSession`. */
  constructor(client: ModelClient) {
    this.#client = client;
  }

  /** `x-codex-turn-state` of the turn, once a server has given one. */
  get turnState(): string | undefined {
    return this.#turnState.value;
  }

  /**
   * Sends one request; resolves when the response has begun. An answer 401 is met with what the provider can do about
   * its credentials; each try is an attempt of its own in the trace.
   *
   * Rejects with the error of the request, after it was recorded, or with the signal's reason.
   */
  async stream(request: SamplingRequest): Promise<MappedResponseStream> {
    const { provider } = this.#client.options;
    const recovery = provider.unauthorizedRecovery?.({ scope: this.#recoveryScope });
    for (;;) {
      try {
        return await this.#attempt(request);
      } catch (error) {
        if (!isUnauthorized(error) || recovery?.hasNext() !== true) throw error;
        await recovery.next(request.signal);
      }
    }
  }

  /** Ends the turn's use of the client. */
  async close(): Promise<void> {
    // Nothing is held over HTTP: a stream is closed by whoever reads it.
  }

  async #attempt(request: SamplingRequest): Promise<MappedResponseStream> {
    const { provider } = this.#client.options;
    const [apiProvider, auth] = await Promise.all([provider.apiProvider(), provider.apiAuth()]);
    const body = this.#requestBody(request, apiProvider);
    const attempt = request.trace.startAttempt();
    attempt.recordStarted(body);
    const meter = new InferenceMeter(
      {
        ordinal: this.#client.nextInferenceOrdinal(),
        inferenceCallId: attempt.inferenceCallId,
        model: body.model,
      },
      request.observer,
      this.#now,
    );
    const client = new ResponsesClient({
      provider: apiProvider,
      auth,
      errorPolicy: this.#client.options.errorPolicy,
      clientHeaders: this.#client.options.clientHeaders,
      now: this.#client.options.now,
      random: this.#client.options.random,
      sleep: this.#client.options.sleep,
    });
    return this.#send(client, { request, body, attempt, meter });
  }

  async #send(
    client: ResponsesClient,
    { request, body, attempt, meter }: PreparedAttempt,
  ): Promise<MappedResponseStream> {
    let source: ResponseStream;
    try {
      source = await client.stream(body, {
        headers: this.#headers(request.metadata, attempt),
        turnState: this.#turnState,
        signal: request.signal,
      });
    } catch (error) {
      this.#recordUnanswered({ request, attempt, meter }, error);
      throw error;
    }
    const { upstreamRequestId } = source;
    return mapResponseEvents({
      source,
      upstreamRequestId,
      attempt,
      describeError: (error) => this.#describe(error),
      onEvent: (event) => meter.onEvent(event),
      onTerminal: (terminal, requestId) => meter.finish(terminal, requestId),
      signal: request.signal,
    });
  }

  /** A request that got no response: refused, unreachable, or given up by the caller. */
  #recordUnanswered(
    { request, attempt, meter }: Omit<PreparedAttempt, "body">,
    error: unknown,
  ): void {
    if (request.signal.aborted) {
      const upstreamRequestId = undefined;
      attempt.recordCancelled({
        reason: STREAM_DROPPED_REASON,
        upstreamRequestId,
        outputItems: [],
      });
      meter.finish({ status: "cancelled" }, upstreamRequestId);
      return;
    }
    const { message, upstreamRequestId } = toRequestFailure(error, this.#errorPolicy);
    attempt.recordFailed({ error: message, upstreamRequestId, outputItems: [] });
    meter.finish({ status: "failed", error, message }, upstreamRequestId);
  }

  #requestBody(request: SamplingRequest, apiProvider: ApiProvider): ResponsesRequest {
    const settings: RequestSettings = {
      ...this.#client.options,
      promptCacheKey: this.#client.options.promptCacheKey ?? this.#client.options.threadId,
      azure: isAzureProvider(apiProvider),
    };
    return buildResponsesRequest(request.prompt, settings, flatClientMetadata(request.metadata));
  }

  #headers(
    metadata: CodexResponsesMetadata,
    attempt: InferenceAttempt,
  ): Iterable<readonly [string, string]> {
    return httpRequestHeaders(metadata, {
      betaFeatures: this.#client.options.betaFeatures,
      turnState: this.#turnState.value,
      inferenceCallId: attempt.inferenceCallId,
      responsesLite: this.#client.options.model.use_responses_lite,
    });
  }

  #describe(error: unknown): string {
    return toRequestFailure(error, this.#errorPolicy).message;
  }

  get #errorPolicy(): "0.169" | "0.140" {
    return this.#client.options.errorPolicy ?? "0.169";
  }

  get #now(): () => number {
    return this.#client.options.now ?? Date.now;
  }
}

function isUnauthorized(error: unknown): boolean {
  return ApiError.is(error) && error.code === "http_status" && error.status === 401;
}

interface PreparedAttempt {
  readonly request: SamplingRequest;
  readonly body: ResponsesRequest;
  readonly attempt: InferenceAttempt;
  readonly meter: InferenceMeter;
}
