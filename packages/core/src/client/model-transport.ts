import { isAzureProvider } from "@codex-ts/api";
import type {
  ApiProvider,
  AuthProvider,
  ClientOptions,
  ErrorPolicy,
  TransportObserver,
} from "@codex-ts/api";
import type { AuthMode, ModelInfo, ResponsesRequest } from "@codex-ts/protocol";
import { compatibilityProfile } from "../compatibility/compatibility-profile.ts";
import { derivedItemId } from "../history/item-identity.ts";
import { TURN_METADATA_NAME, flatClientMetadata } from "../metadata/projections.ts";
import type { HeaderList, RequestHeaderFacts } from "../metadata/projections.ts";
import type { CodexResponsesMetadata } from "../metadata/metadata-snapshot.ts";
import type { ModelClientOptions } from "./model-client-options.ts";
import { buildResponsesRequest } from "./request-builder.ts";
import type { RequestForm, RequestSettings } from "./request-builder.ts";
import type { SamplingRequest } from "./sampling-request.ts";
import { TransportFallback } from "./transport-fallback.ts";
import { WebSocketSession } from "./websocket-session.ts";

/** Address and credentials of one attempt. */
export interface AttemptTarget {
  readonly apiProvider: ApiProvider;
  readonly auth: AuthProvider;
}

/**
 * How the requests of one thread reach its provider, whichever they are: target, headers, settings, observers, and the
 * state that outlives a turn (the choice of WebSocket or HTTP, the connection between two turns). Internal; its public
 * face is `ModelClient`.
 */
export class ModelTransport {
  readonly options: ModelClientOptions;
  readonly fallback: TransportFallback;
  readonly form: RequestForm;
  /** The connection between two turns. */
  #webSocket: WebSocketSession | undefined;
  readonly #closing: Promise<void>[] = [];
  #closed = false;
  #inferences = 0;

  constructor(options: ModelClientOptions) {
    this.options = options;
    this.fallback = new TransportFallback(options);
    const profile = compatibilityProfile(options.compatibility);
    this.form = {
      profile,
      instructionsId: derivedItemId("message", `${options.threadId} base instructions`),
      wireItems: { plain: new WeakMap(), lite: new WeakMap() },
      hasItemMetadata: profile.itemMetadataProvider === options.provider.info.name,
      hasAccessPrograms: options.provider.info.name === "OpenAI",
    };
  }

  get errorPolicy(): ErrorPolicy {
    return this.options.errorPolicy ?? this.form.profile.errorPolicy;
  }

  get now(): () => number {
    return this.options.now ?? Date.now;
  }

  /** Resolved anew for every attempt, so that a retry carries what was refreshed meanwhile. */
  async target(): Promise<AttemptTarget> {
    const { provider } = this.options;
    const [apiProvider, auth] = await Promise.all([provider.apiProvider(), provider.apiAuth()]);
    return { apiProvider, auth };
  }

  /** Kind of the credentials; `undefined` when requests carry none. */
  async authMode(): Promise<AuthMode | undefined> {
    return this.options.provider.authMode?.();
  }

  /** Options of a client of the api package. */
  clientOptions({ apiProvider, auth }: AttemptTarget): ClientOptions {
    const { clientHeaders, network, now, random, sleep, firstResponseTimeoutMs } = this.options;
    const dispatcher = this.options.dispatcher ?? network?.dispatcher;
    const { errorPolicy } = this;
    return {
      errorPolicy,
      requestFormat: this.form.profile.requestFormat,
      dispatcher,
      clientHeaders: clientHeaders && withoutTurnMetadata(clientHeaders),
      now,
      random,
      sleep,
      provider: {
        ...apiProvider,
        ...(firstResponseTimeoutMs !== undefined && { firstResponseTimeoutMs }),
        headers: withoutTurnMetadata(apiProvider.headers ?? []),
      },
      auth,
    };
  }

  /** Settings that shape the body of a request. */
  requestSettings(
    { apiProvider }: AttemptTarget,
    overrides: SamplingRequest["settings"] = {},
  ): RequestSettings {
    const { options, form } = this;
    const isShared = form.profile.promptCacheKey === "session";
    return {
      ...options,
      ...overrides,
      promptCacheKey:
        options.promptCacheKey ?? (isShared ? options.sessionId : undefined) ?? options.threadId,
      azure: isAzureProvider(apiProvider),
      form,
    };
  }

  /** The whole body of a sampling request, also when only a part of it is sent. */
  requestBody(request: SamplingRequest, target: AttemptTarget): ResponsesRequest {
    const settings = this.requestSettings(target, request.settings);
    return buildResponsesRequest(request.prompt, settings, flatClientMetadata(request.metadata));
  }

  /** Renders headers of a request with what every request of the thread adds to them. */
  requestHeaders(
    project: (metadata: CodexResponsesMetadata, facts: RequestHeaderFacts) => HeaderList,
    metadata: CodexResponsesMetadata,
    facts: RequestHeaderFacts = {},
    model: ModelInfo = this.options.model,
  ): HeaderList {
    return project(metadata, {
      betaFeatures: this.options.betaFeatures,
      responsesLite: model.use_responses_lite,
      includeTimingMetrics: this.options.includeTimingMetrics,
      ...facts,
    });
  }

  /** The observer of one request's attempts on the wire; `undefined`: none. */
  observer(
    metadata: CodexResponsesMetadata | undefined,
    ids: {
      readonly inferenceCallId?: string | undefined;
      readonly compactionRequestId?: string | undefined;
    } = {},
  ): TransportObserver | undefined {
    try {
      return this.options.observeTransport?.({
        inferenceCallId: ids.inferenceCallId,
        compactionRequestId: ids.compactionRequestId,
        turnId: metadata?.turnId,
        requestKind: metadata?.requestKind?.type,
      });
    } catch {
      // An observer must not be able to break a request.
      return undefined;
    }
  }

  /** Counts the attempts of the thread, from 1. */
  nextInferenceOrdinal(): number {
    this.#inferences += 1;
    return this.#inferences;
  }

  /** Lends the connection of the thread to a turn, or a new one while another turn has it. */
  lendWebSocket(): WebSocketSession {
    const webSocket =
      this.#webSocket ?? new WebSocketSession(this.form.profile.requestFormat.members);
    this.#webSocket = undefined;
    return webSocket;
  }

  /** Takes the connection of a turn back, for the next one. */
  returnWebSocket(webSocket: WebSocketSession): void {
    // Two sessions can be open at once; the connection that was used last is the one worth keeping.
    const replaced = this.#webSocket;
    this.#webSocket = webSocket;
    if (replaced !== undefined) this.#closing.push(replaced.close());
    if (this.#closed) this.#closing.push(webSocket.close());
  }

  /** Closes the connection, if there is one, and each that is returned later. */
  async close(): Promise<void> {
    this.#closed = true;
    if (this.#webSocket !== undefined) this.#closing.push(this.#webSocket.close());
    this.#webSocket = undefined;
    await Promise.all(this.#closing);
  }
}

/**
 * Headers without the turn metadata, which only the snapshot of a request makes: one that was configured must not stand
 * in for a blob that is too long for a header, or for a request that has none.
 */
function withoutTurnMetadata(
  headers: Iterable<readonly [string, string]>,
): readonly (readonly [string, string])[] {
  return [...headers].filter(([name]) => name.toLowerCase() !== TURN_METADATA_NAME);
}
