import type { JsonValue } from "@codex-ts/protocol";
import { streamedFunctionCall, streamedMessage } from "../events/deltas.ts";
import { completed, created, failed } from "../events/lifecycle.ts";
import type { LifecycleOptions, UsageInput } from "../events/lifecycle.ts";
import type { ServerItem } from "../events/server-item.ts";
import type {
  BodyReply,
  Exchange,
  ExchangeSelector,
  ReplyHeaders,
  StreamReply,
} from "./exchange.ts";
import type { Step } from "./step.ts";

/** Options of every short form of a streamed exchange. */
export interface StreamExchangeOptions extends ExchangeSelector {
  /** `x-request-id` of the response; `null` sends none. Default: see `ReplyHead`. */
  readonly requestId?: string | null;
  /** `response.id`. Default `resp_<number of the request>`. */
  readonly responseId?: string;
  /** `response.model` and the `openai-model` header. Default: the model the request names. */
  readonly model?: string;
  /** `openai-model` header where it differs from `model`; `null` sends none. */
  readonly openaiModel?: string | null;
  /** `null` sends no counts. Default 10 input and 5 output tokens. */
  readonly usage?: UsageInput | null;
  readonly headers?: ReplyHeaders;
  /** Default `"as-requested"`; see `StreamReply`. */
  readonly deliver?: NonNullable<StreamReply["deliver"]>;
}

/** Options of `errorExchange`. */
export interface ErrorExchangeOptions extends ExchangeSelector {
  /** Default `null`. */
  readonly code?: string;
  /** `error.type`. Default: the type the API uses for this status, e.g. `"invalid_request_error"`. */
  readonly type?: string | null;
  /** Default: a sentence that names the status. */
  readonly message?: string;
  /** `x-request-id` of the response; `null` sends none. Default: see `ReplyHead`. */
  readonly requestId?: string | null;
  readonly headers?: ReplyHeaders;
}

/** Options of `failedExchange`. */
export interface FailedExchangeOptions extends StreamExchangeOptions {
  readonly code: string;
  readonly message: string;
}

/** Options of `modelsExchange`. */
export interface ModelsExchangeOptions extends ExchangeSelector {
  /** `etag` header. Default: none. */
  readonly etag?: string;
}

/** A whole response around the given steps: created, the steps, completed. */
export function streamExchange(
  steps: readonly (Step | readonly Step[])[],
  options: StreamExchangeOptions = {},
): ExchangeSelector & StreamReply {
  const { usage } = options;
  return responseExchange(options, steps, (facts) =>
    completed({ ...facts, ...(usage !== undefined && { usage }) }),
  );
}

/** The response around the given steps, with an end of its own. */
function responseExchange(
  { responseId, model, usage: _usage, ...head }: StreamExchangeOptions,
  steps: readonly (Step | readonly Step[])[],
  end: (facts: LifecycleOptions) => Step,
): ExchangeSelector & StreamReply {
  const facts = {
    ...(responseId !== undefined && { responseId }),
    ...(model !== undefined && { model }),
  };
  return {
    ...(model !== undefined && { openaiModel: model }),
    ...head,
    events: [created(responseId, facts), ...steps, end(facts)],
  };
}

/** A response with one assistant message. Several parts are sent as several deltas. */
export function messageExchange(
  parts: string | readonly string[],
  options: StreamExchangeOptions = {},
): ExchangeSelector & StreamReply {
  return streamExchange([streamedMessage(parts)], options);
}

/** A response with one function call. */
export function functionCallExchange(
  call: { readonly name: string; readonly args: JsonValue; readonly callId: string },
  options: StreamExchangeOptions = {},
): ExchangeSelector & StreamReply {
  return streamExchange([streamedFunctionCall(call.name, call.args, call.callId)], options);
}

/** A response that fails after it was created. */
export function failedExchange(options: FailedExchangeOptions): ExchangeSelector & StreamReply {
  const { code, message, ...rest } = options;
  return responseExchange(rest, [], (facts) => failed({ ...facts, code, message }));
}

/** An HTTP error with a JSON body in the shape of the API. */
export function errorExchange(
  status: number,
  options: ErrorExchangeOptions = {},
): ExchangeSelector & BodyReply {
  const { code, type, message, ...head } = options;
  const error = {
    message: message ?? `scripted status ${status}`,
    type: type === undefined ? errorTypeOf(status) : type,
    param: null,
    code: code ?? null,
  };
  return { ...head, status, body: { error } };
}

/** The response of `POST /responses/compact`. */
export function compactExchange(
  output: readonly ServerItem[],
  options: ExchangeSelector & { readonly requestId?: string | null } = {},
): ExchangeSelector & BodyReply {
  return { path: "/responses/compact", ...options, body: { output: toJson(output) } };
}

/**
 * The response to `GET /models` in the shape of Codex's backend, `{ models }`. Without such an exchange the server lists
 * `ResponsesServerOptions.models` in the standard shape.
 */
export function modelsExchange(
  models: readonly JsonValue[],
  options: ModelsExchangeOptions = {},
): Exchange {
  const { etag, ...selector } = options;
  return {
    method: "GET",
    path: "/models",
    repeat: Infinity,
    ...selector,
    ...(etag !== undefined && { headers: { etag } }),
    body: { models },
  };
}

/** The `error.type` that the API uses for this status. */
function errorTypeOf(status: number): string {
  if (status === 429) return "requests";
  return status < 500 ? "invalid_request_error" : "server_error";
}

/** Interfaces have no index signature, so the compiler cannot see that items are JSON. */
function toJson(items: readonly ServerItem[]): readonly JsonValue[] {
  return items as unknown as readonly JsonValue[];
}
