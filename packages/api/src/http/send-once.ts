import type { OutboundRequest } from "../auth-provider.ts";
import { AttemptRecorder } from "../attempt-recorder.ts";
import type { AnyApiError } from "../errors.ts";
import { ApiError, AuthError, NetworkError, RequestBuildError, TimeoutError } from "../errors.ts";
import type { HeaderBag } from "../headers.ts";
import { redactHeaders, redactUrl, secretValues } from "../redaction.ts";
import { Exchange } from "./exchange.ts";
import type { ExchangeHandler, HttpRequest } from "./exchange.ts";
import type { ResponseHeaders } from "./header-values.ts";
import { errorRequestId, streamRequestId } from "./header-values.ts";
import { describeSocketError, httpStatusError, networkError } from "./http-error.ts";
import { maxRedirects, redirectedRequest } from "./redirect.ts";
import { authenticate, providerSecretNames } from "./request-headers.ts";
import type { BodyConsumer } from "./response-body.ts";
import { BodyCollector, bodyText } from "./response-body.ts";
import type { TransportContext } from "./transport-context.ts";

/** One call of an endpoint; each attempt builds its request anew from it. */
export interface HttpCall<T> {
  /** Short name for observers. */
  readonly endpoint: string;
  readonly method: string;
  readonly url: string;
  readonly body: Uint8Array | undefined;
  /** Headers without credentials. */
  readonly headers: () => HeaderBag;
  /** Longest wait for response headers, or for the whole answer of a unary call. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal | undefined;
  /**
   * Takes over a 2xx answer. The attempt is over when it calls `settle`; a consumer that goes on reading afterwards
   * also ends the recorder.
   */
  readonly accept: (answer: AcceptedAnswer, settle: Settle<T>) => BodyConsumer;
}

export interface AcceptedAnswer {
  readonly status: number;
  readonly headers: ResponseHeaders;
  readonly exchange: Pick<Exchange, "pause" | "resume" | "abort" | "release">;
  readonly recorder: AttemptRecorder;
}

export interface Settle<T> {
  readonly resolve: (value: T) => void;
  readonly reject: (error: AnyApiError) => void;
}

/** How an attempt went. */
export type AttemptResult<T> =
  | { readonly value: T }
  | { readonly error: AnyApiError; readonly recorder: AttemptRecorder };

/** An error page larger than this is cut. */
const maxErrorBodyBytes = 4 * 1024 * 1024;

/** Sends one attempt. Rejects with the signal's reason only; every other outcome is a value. */
export async function sendOnce<T>(
  context: TransportContext,
  call: HttpCall<T>,
  attemptNumber: number,
): Promise<AttemptResult<T>> {
  const outbound: OutboundRequest = {
    method: call.method,
    url: call.url,
    headers: call.headers(),
    body: call.body,
  };
  const secretNames = providerSecretNames(context.provider);
  const record = (request: OutboundRequest) =>
    new AttemptRecorder({
      observers: context.observers,
      now: context.now,
      facts: {
        transport: "http",
        endpoint: call.endpoint,
        attemptNumber,
        method: request.method,
        url: redactUrl(request.url),
        requestHeaders: redactHeaders(request.headers, secretNames),
        requestBytes: request.body?.length ?? 0,
      },
      secrets: secretValues(request.headers, secretNames),
    });
  let request: OutboundRequest;
  let url: URL;
  try {
    const authenticated = await abortable(authenticate(context.auth, outbound), call.signal);
    request = authenticated.request;
    for (const name of authenticated.secretNames) secretNames.add(name);
    url = parseHttpUrl(request.url);
  } catch (error) {
    call.signal?.throwIfAborted();
    return { error: requestError(error), recorder: record(outbound) };
  }
  const recorder = record(request);
  const attempt = new Attempt(context, call, recorder, secretNames);
  return attempt.send({
    method: request.method,
    url,
    headers: [...request.headers],
    body: request.body,
  });
}

class Attempt<T> implements ExchangeHandler {
  readonly #context: TransportContext;
  readonly #call: HttpCall<T>;
  readonly #recorder: AttemptRecorder;
  readonly #secretNames: ReadonlySet<string>;
  readonly #result = Promise.withResolvers<AttemptResult<T>>();
  #request!: HttpRequest;
  #exchange: Exchange | undefined;
  #consumer: BodyConsumer | undefined;
  #errorBody: BodyCollector | undefined;
  #redirects = 0;
  #timer: NodeJS.Timeout | undefined;
  #settled = false;

  constructor(
    context: TransportContext,
    call: HttpCall<T>,
    recorder: AttemptRecorder,
    secretNames: ReadonlySet<string>,
  ) {
    this.#context = context;
    this.#call = call;
    this.#recorder = recorder;
    this.#secretNames = secretNames;
  }

  send(request: HttpRequest): Promise<AttemptResult<T>> {
    const { signal, timeoutMs } = this.#call;
    signal?.addEventListener("abort", this.#onAbort, { once: true });
    this.#timer = setTimeout(this.#onTimeout, Math.min(timeoutMs, 2_147_483_647));
    this.#dispatch(request);
    return this.#result.promise;
  }

  #dispatch(request: HttpRequest): void {
    this.#request = withCookies(request, this.#context);
    this.#consumer = undefined;
    this.#exchange = new Exchange(this);
    try {
      this.#exchange.start(this.#context.dispatcher, this.#request);
    } catch (error) {
      this.#fail(requestError(error));
    }
  }

  onConnected(): void {
    this.#recorder.connected();
  }

  onHead(status: number, headers: ResponseHeaders): void {
    this.#context.cookies.store(this.#request.url, [headers["set-cookie"] ?? []].flat());
    const redirected = redirectedRequest(this.#request, status, headers, this.#secretNames);
    if (redirected !== undefined && this.#redirects < maxRedirects) {
      this.#redirects += 1;
      this.#recorder.redirected();
      this.#consumer = redirectBody;
      this.#exchange?.abort();
      this.#dispatch(redirected);
      return;
    }
    const succeeded = status >= 200 && status <= 299;
    const requestId = succeeded ? streamRequestId(headers) : errorRequestId(headers);
    this.#recorder.answered(status, headers, requestId);
    this.#consumer = succeeded
      ? this.#acceptAnswer(status, headers)
      : this.#collectError(status, headers);
  }

  #acceptAnswer(status: number, headers: ResponseHeaders): BodyConsumer {
    const exchange = this.#exchange;
    if (exchange === undefined) throw new Error("an answer came before its exchange was known");
    return this.#call.accept(
      { status, headers, exchange, recorder: this.#recorder },
      {
        resolve: (value) => this.#settle({ value }),
        reject: (error) => this.#fail(error),
      },
    );
  }

  #collectError(status: number, headers: ResponseHeaders): BodyConsumer {
    const collector = new BodyCollector({
      limitBytes: maxErrorBodyBytes,
      overLimit: "truncate",
      done: (body) => {
        this.#fail(
          httpStatusError({
            status,
            url: this.#request.url.href,
            headers,
            bodyText: body instanceof Error ? undefined : bodyText(body),
            secrets: secretValues(this.#request.headers, this.#secretNames),
            nowMs: this.#context.now(),
            maxRetryAfterMs: this.#context.maxRetryAfterMs,
          }),
        );
      },
    });
    this.#errorBody = collector;
    return collector;
  }

  onData(chunk: Buffer): void {
    this.#recorder.received(chunk.length);
    this.#consumer?.onData(chunk);
  }

  onEnd(): void {
    this.#consumer?.onEnd();
  }

  onError(error: Error): void {
    if (this.#consumer === undefined) this.#fail(sendError(error));
    else this.#consumer.onError(error);
  }

  readonly #onAbort = (): void => {
    if (this.#settled) return;
    this.#release();
    this.#exchange?.abort();
    this.#recorder.ended("cancelled", { willRetry: false, reason: "cancelled" });
    this.#result.reject(this.#call.signal?.reason);
  };

  readonly #onTimeout = (): void => {
    // A refusal whose page does not end is still a refusal.
    if (this.#errorBody !== undefined) this.#errorBody.onError(new TimeoutError());
    else this.#fail(new TimeoutError());
  };

  #fail(error: AnyApiError): void {
    if (this.#settled) return;
    this.#exchange?.abort();
    this.#settle({ error, recorder: this.#recorder });
  }

  #settle(result: AttemptResult<T>): void {
    if (this.#settled) return;
    this.#release();
    this.#result.resolve(result);
  }

  #release(): void {
    this.#settled = true;
    clearTimeout(this.#timer);
    this.#call.signal?.removeEventListener("abort", this.#onAbort);
  }
}

function withCookies(request: HttpRequest, { cookies }: TransportContext): HttpRequest {
  const cookie = cookies.headerFor(request.url);
  if (cookie === undefined || request.headers.some(([name]) => name === "cookie")) return request;
  return { ...request, headers: [...request.headers, ["cookie", cookie]] };
}

const redirectBody: BodyConsumer = { onData() {}, onEnd() {}, onError() {} };

function parseHttpUrl(text: string): URL {
  const url = URL.parse(text);
  if (url === null) throw new RequestBuildError(`${redactUrl(text)} cannot be requested`);
  if (url.protocol !== "http:" && url.protocol !== "https:") {
    throw new RequestBuildError(`${url.protocol} is not a scheme of HTTP`);
  }
  return url;
}

function requestError(error: unknown): AnyApiError {
  if (ApiError.is(error)) return error;
  if (AuthError.is(error)) {
    return error.code === "transient"
      ? new NetworkError(error.message, { cause: error })
      : new RequestBuildError(error.message, { cause: error });
  }
  const detail = error instanceof Error ? describeSocketError(error) : "auth provider failed";
  return new RequestBuildError(detail, { cause: error });
}

/** undici reports requests it refuses to send (a bad header, a bad method) through the same callback as socket errors. */
function sendError(error: Error): AnyApiError {
  const isRefusal = (error as NodeJS.ErrnoException).code === "UND_ERR_INVALID_ARG";
  return isRefusal ? requestError(error) : networkError(error);
}

/** Settles like `promise`, or rejects as soon as the signal aborts. */
async function abortable<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return promise;
  signal.throwIfAborted();
  const aborted = Promise.withResolvers<never>();
  const onAbort = (): void => aborted.reject(signal.reason);
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    return await Promise.race([promise, aborted.promise]);
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}
