import { isAzureProvider } from "@codex-ts/api";
import type { ApiProvider, AuthProvider } from "@codex-ts/api";
import { authRequestTelemetryContext } from "@codex-ts/model-provider";
import type { PendingUnauthorizedRetry } from "@codex-ts/model-provider";
import type { ResponsesRequest } from "@codex-ts/protocol";
import type { InferenceAttempt, InferenceTraceContext } from "@codex-ts/rollout-trace/recorder";
import { flatClientMetadata } from "../metadata/projections.ts";
import type { CodexResponsesMetadata } from "../metadata/responses-metadata.ts";
import { startInferenceSpan } from "../attempt/inference-span.ts";
import type { InferenceSpan } from "../attempt/inference-span.ts";
import { InferenceMeter } from "../attempt/inference-meter.ts";
import type { InferenceObserver } from "../attempt/inference-meter.ts";
import type { ModelClient } from "./model-client.ts";
import { RecordedAttempt } from "../attempt/recorded-attempt.ts";
import { buildResponsesRequest } from "./request-builder.ts";
import type { Prompt, RequestSettings } from "./request-builder.ts";

/** One sampling request. */
export interface SamplingRequest {
  readonly prompt: Prompt;
  readonly metadata: CodexResponsesMetadata;
  /** What differs from the settings of the client. */
  readonly settings?:
    | Pick<RequestSettings, "reasoningEffort" | "reasoningSummary" | "serviceTier">
    | undefined;
  /** Makes one attempt per concrete request. Absent: the request is not recorded and nobody hears of it. */
  readonly trace?: InferenceTraceContext | undefined;
  readonly observer?: InferenceObserver | undefined;
  readonly signal: AbortSignal;
}

/** What an attempt is made of, however it travels. */
export class AttemptParts {
  readonly #client: ModelClient;
  /** The recovery step whose effect the next attempt tries out. */
  #pendingRetry: PendingUnauthorizedRetry | undefined;

  constructor(client: ModelClient) {
    this.#client = client;
  }

  /** The next attempt is made because of this step. */
  noteRecovery(step: PendingUnauthorizedRetry): void {
    this.#pendingRetry = step;
  }

  /** Asked anew for every attempt, so that a retry carries what was refreshed meanwhile. */
  async credentials(): Promise<{
    readonly apiProvider: ApiProvider;
    readonly auth: AuthProvider;
  }> {
    const { provider } = this.#client.options;
    const [apiProvider, auth] = await Promise.all([provider.apiProvider(), provider.apiAuth()]);
    return { apiProvider, auth };
  }

  /** A span of the application's trace, when it keeps one. */
  startSpan(
    { metadata }: SamplingRequest,
    transport: "http" | "websocket",
    authProvider: AuthProvider,
  ): Promise<InferenceSpan | undefined> {
    const { provider, model } = this.#client.options;
    const pending = this.#pendingRetry;
    this.#pendingRetry = undefined;
    return startInferenceSpan({
      metadata,
      model: model.slug,
      transport,
      auth: async () =>
        authRequestTelemetryContext({
          authMode: await provider.authMode?.(),
          authProvider,
          pending,
        }),
    });
  }

  /** Tells trace, clients and span of the attempt. */
  recorded(
    request: SamplingRequest,
    attempt: InferenceAttempt,
    span: InferenceSpan | undefined,
  ): RecordedAttempt {
    const observers = [request.observer, span].filter((observer) => observer !== undefined);
    const meter =
      observers.length === 0
        ? undefined
        : new InferenceMeter(
            {
              ordinal: request.observer === undefined ? 0 : this.#client.nextInferenceOrdinal(),
              inferenceCallId: attempt.inferenceCallId,
              model: this.#client.options.model.slug,
            },
            observers,
            this.#client.now,
          );
    return new RecordedAttempt({
      attempt,
      meter,
      signal: request.signal,
      errorPolicy: this.#client.errorPolicy,
    });
  }

  /** The whole request, whatever part of it is sent. */
  requestBody(request: SamplingRequest, apiProvider: ApiProvider): ResponsesRequest {
    const settings: RequestSettings = {
      ...this.#client.options,
      ...request.settings,
      promptCacheKey: this.#client.promptCacheKey,
      azure: isAzureProvider(apiProvider),
    };
    return buildResponsesRequest(request.prompt, settings, flatClientMetadata(request.metadata));
  }
}
