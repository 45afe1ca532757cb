import type { JsonValue } from "@codex-ts/protocol";
import { isJsonObject } from "@codex-ts/protocol";
import { StreamError } from "../errors.ts";
import type { DescribedBody } from "./body-facts.ts";
import { bodyFacts } from "./body-facts.ts";
import { HeaderBag } from "../headers/header-bag.ts";
import type { TransportObserver } from "../observe/observer.ts";
import { providerUrl } from "../provider/provider-url.ts";
import type { ResponseHeaders } from "../headers/response-headers.ts";
import { networkError } from "../http/http-error.ts";
import { layeredHeaders } from "../headers/request-headers.ts";
import { BodyCollector, bodyText } from "../http/response-body.ts";
import { sendWithRetries } from "../http/send-with-retries.ts";
import { scrubError } from "../secrets/scrub-error.ts";
import type { SecretSet } from "../secrets/secret-set.ts";
import type { TransportContext } from "../http/transport-context.ts";
import { withObserver } from "../http/transport-context.ts";

/** Options of every call of a unary endpoint. */
export interface CallOptions {
  /** Extra headers of this request; they override the provider's. */
  readonly headers?: Iterable<readonly [string, string]> | undefined;
  /** Longest time for one attempt, response included, in milliseconds. Default: the endpoint's. */
  readonly timeoutMs?: number | undefined;
  /** Sees the attempts of this call, after the client's own observer. */
  readonly observer?: TransportObserver | undefined;
  /** Aborting rejects with the signal's reason and closes the socket at once. */
  readonly signal?: AbortSignal | undefined;
}

export interface UnaryRequest {
  /** Short name for observers. */
  readonly endpoint: string;
  readonly method: "GET" | "POST" | "PUT";
  /** Below the base URL. */
  readonly path?: string | undefined;
  /** A whole URL, taken as it is. */
  readonly url?: string | undefined;
  /** Sent as JSON. */
  readonly json?: JsonValue | undefined;
  /** Sent as it is, without a content type of ours. */
  readonly bytes?: Uint8Array | undefined;
  readonly options: CallOptions;
  readonly defaultTimeoutMs: number;
}

/** Members that every result of a unary endpoint has besides the response. */
export interface CallResult {
  /** `x-request-id` of the response; `undefined` when it had none. */
  readonly upstreamRequestId: string | undefined;
}

export interface UnaryResponse extends CallResult {
  readonly headers: ResponseHeaders;
  /** As sent; credentials are still in it. */
  readonly text: string;
  /** Of the request and its response, which what is read from the response must not show. */
  readonly secrets: SecretSet;
  /** Parsed body, as sent. Throws `StreamError` when it is no JSON. */
  readonly json: () => unknown;
  /** A `StreamError` about a response of another shape than expected. */
  readonly unexpected: (what: string) => StreamError;
}

/** Largest response of a unary endpoint; images come as base64 in JSON. */
const MAX_RESPONSE_BYTES = 256 * 1024 * 1024;

/** One request, one whole response; retried like any other. */
export async function sendUnary(
  context: TransportContext,
  request: UnaryRequest,
): Promise<UnaryResponse> {
  const { options } = request;
  const extras = new HeaderBag(options.headers);
  const json = request.json === undefined ? undefined : Buffer.from(JSON.stringify(request.json));
  const body = json ?? request.bytes;
  const response = await sendWithRetries<ReceivedResponse>(
    withObserver(context, options.observer),
    {
      endpoint: request.endpoint,
      method: request.method,
      url: request.url ?? providerUrl(context.provider, request.path ?? ""),
      body,
      bodyFacts: body && bodyFacts(body, "identity", describedBody(request.json)),
      headers: () =>
        layeredHeaders({
          provider: context.provider,
          extras,
          accept: undefined,
          contentEncoding: undefined,
          contentType: json === undefined ? undefined : "application/json",
          clientHeaders: context.clientHeaders,
        }),
      timeoutMs: options.timeoutMs ?? request.defaultTimeoutMs,
      signal: options.signal,
      accept: ({ headers, upstreamRequestId, reporter }, settle) =>
        new BodyCollector({
          limitBytes: MAX_RESPONSE_BYTES,
          overLimit: "fail",
          done: (result) => {
            if (result instanceof Error) {
              settle.reject(networkError(result, { upstreamRequestId }));
              return;
            }
            reporter.ended("completed", { willRetry: false, reason: "not_needed" });
            const { secrets } = reporter;
            settle.resolve({ headers, upstreamRequestId, body: result, secrets });
          },
        }),
    },
  );
  return unaryResponse(response);
}

function describedBody(json: JsonValue | undefined): DescribedBody {
  return isJsonObject(json) ? { input: json["input"] } : {};
}

interface ReceivedResponse {
  readonly headers: ResponseHeaders;
  readonly upstreamRequestId: string | undefined;
  readonly body: Buffer;
  readonly secrets: SecretSet;
}

function unaryResponse(response: ReceivedResponse): UnaryResponse {
  const { headers, upstreamRequestId, body, secrets } = response;
  const text = bodyText(body);
  const unexpected = (what: string): StreamError =>
    scrubError(
      new StreamError(what, { reason: "unparsable_response", upstreamRequestId }),
      secrets,
    );
  return {
    headers,
    upstreamRequestId,
    secrets,
    text: text ?? "",
    json: () => {
      try {
        return JSON.parse(text ?? "") as unknown;
      } catch {
        // What JSON.parse throws quotes the text, which may repeat a credential.
        throw unexpected("failed to parse the response: it is not JSON");
      }
    },
    unexpected,
  };
}
