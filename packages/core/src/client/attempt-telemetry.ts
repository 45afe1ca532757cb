import { isAzureProvider } from "@codex-ts/api";
import { authRequestTelemetryContext } from "@codex-ts/model-provider";
import type { PendingUnauthorizedRetry } from "@codex-ts/model-provider";
import { InferenceAttempt } from "@codex-ts/rollout-trace/recorder";
import { InferenceMeter } from "../attempt/inference-meter.ts";
import { startInferenceSpan } from "../attempt/inference-span.ts";
import type { InferenceSpan } from "../attempt/inference-span.ts";
import { runAttempt } from "../attempt/run-attempt.ts";
import type { SendAttempt } from "../attempt/run-attempt.ts";
import type { MappedResponseStream } from "../attempt/stream-mapper.ts";
import { isJsonObject } from "@codex-ts/protocol";
import type { JsonObject } from "@codex-ts/protocol";
import { ITEM_METADATA_MEMBER, withOwnId } from "../history/item-identity.ts";
import type { AttemptTarget, ModelTransport } from "./model-transport.ts";
import { preparedPrompt } from "./prepared-prompt.ts";
import { requestItemIds } from "./request-builder.ts";
import type { SamplingRequest } from "./sampling-request.ts";
import type { PreparedFrame } from "./websocket-session.ts";

/** One attempt, recorded as begun. */
interface StartedAttempt {
  readonly request: SamplingRequest;
  readonly attempt: InferenceAttempt;
  readonly span: InferenceSpan | undefined;
}

/** Items a reducer compares as a whole; a response has them without facts about where they come from. */
const COMPARED_WHOLE: ReadonlySet<unknown> = new Set([
  "local_shell_call",
  "tool_search_call",
  "tool_search_output",
  "web_search_call",
  "image_generation_call",
]);

function hasIncomparableMetadata(item: unknown): item is JsonObject {
  return isJsonObject(item) && COMPARED_WHOLE.has(item["type"]) && ITEM_METADATA_MEMBER in item;
}

/** The request as the trace has it: as it is sent, but that an item must not differ from the one of its response. */
function recordable<Body extends { readonly input: readonly unknown[] }>(body: Body): Body {
  if (!body.input.some(hasIncomparableMetadata)) return body;
  const input = body.input.map((item) => {
    if (!hasIncomparableMetadata(item)) return item;
    const { [ITEM_METADATA_MEMBER]: _metadata, ...rest } = item;
    return rest;
  });
  return { ...body, input };
}

/** Notifies trace, observers and OpenTelemetry of the attempts of one turn. */
export class AttemptTelemetry {
  readonly #transport: ModelTransport;
  /** The recovery step whose effect the next attempt tries out. */
  #pendingRetry: PendingUnauthorizedRetry | undefined;

  constructor(transport: ModelTransport) {
    this.#transport = transport;
  }

  /** The next attempt is made because of this step. */
  noteRecovery(step: PendingUnauthorizedRetry): void {
    this.#pendingRetry = step;
  }

  /** A span of the application's trace, when it keeps one. */
  startSpan(
    { metadata, settings }: SamplingRequest,
    transport: "http" | "websocket",
    { auth: authProvider }: AttemptTarget,
  ): Promise<InferenceSpan | undefined> {
    const pending = this.#pendingRetry;
    this.#pendingRetry = undefined;
    return startInferenceSpan({
      metadata,
      model: (settings?.model ?? this.#transport.options.model).slug,
      transport,
      auth: async () =>
        authRequestTelemetryContext({
          authMode: await this.#transport.authMode(),
          authProvider,
          pending,
        }),
    });
  }

  /** Records the request an attempt sends. */
  start(
    { trace, prompt }: Pick<SamplingRequest, "trace" | "prompt">,
    { recorded, asSent }: Omit<PreparedFrame, "frame">,
    { apiProvider }: AttemptTarget,
  ): InferenceAttempt {
    const attempt = trace?.startAttempt() ?? InferenceAttempt.disabled();
    attempt.recordStarted(recordable(recorded), {
      itemIds: requestItemIds(isAzureProvider(apiProvider), this.#transport.form),
      preparedPrompt: () => preparedPrompt(prompt, this.#transport.options.model),
      asSent: asSent && recordable(asSent),
    });
    return attempt;
  }

  /** Makes the attempt; see `runAttempt`. */
  run(started: StartedAttempt, send: SendAttempt): Promise<MappedResponseStream> {
    const { attempt, request } = started;
    const { errorPolicy } = this.#transport;
    const meter = this.#startMeter(started);
    const { signal } = request;
    const identify = this.#transport.form.profile.identifiesItems ? withOwnId : undefined;
    return runAttempt(send, { attempt, meter, signal, errorPolicy, identify });
  }

  #startMeter({ request, attempt, span }: StartedAttempt): InferenceMeter | undefined {
    const observers = [request.observer, span].filter((observer) => observer !== undefined);
    if (observers.length === 0) return undefined;
    const transport = this.#transport;
    const identity = {
      ordinal: request.observer === undefined ? 0 : transport.nextInferenceOrdinal(),
      inferenceCallId: attempt.inferenceCallId,
      model: (request.settings?.model ?? transport.options.model).slug,
    };
    return new InferenceMeter(identity, observers, transport.now);
  }
}
