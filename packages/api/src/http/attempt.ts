import type { AttemptReporter } from "../observe/attempt-reporter.ts";
import type { AnyApiError } from "../errors.ts";
import { TimeoutError } from "../errors.ts";
import { redactUrl } from "../observe/redaction.ts";
import { headerSecrets, setCookieSecrets } from "../secrets/request-secrets.ts";
import { scrubError } from "../secrets/scrub-error.ts";
import { contentDecoder } from "./content-decoder.ts";
import type { ExchangeHandler, HttpRequest } from "./exchange.ts";
import { Exchange } from "./exchange.ts";
import type { ResponseHeaders } from "../headers/response-headers.ts";
import { headerValues } from "../headers/response-headers.ts";
import { errorRequestId, streamRequestId } from "../headers/upstream-request-id.ts";
import type { AttemptResult, HttpCall } from "./http-call.ts";
import { httpStatusError } from "./http-error.ts";
import { MAX_REDIRECTS, redirectedRequest } from "./redirect.ts";
import { requestError, sendError } from "./request-error.ts";
import type { BodyConsumer, BodySource } from "./response-body.ts";
import { BodyCollector, bodyText } from "./response-body.ts";
import { IdleTimer } from "../internal/idle-timer.ts";
import type { TransportContext } from "./transport-context.ts";

/** An error page larger than this is cut. */
const MAX_ERROR_BODY_BYTES = 4 * 1024 * 1024;

/**
 * One attempt from the first byte sent to the response: follows redirects, keeps the time, watches the signal, and
 * decides who gets the body. Settles once.
 */
export class Attempt<T> implements ExchangeHandler {
  readonly #context: TransportContext;
  readonly #call: HttpCall<T>;
  readonly #reporter: AttemptReporter;
  readonly #secretNames: ReadonlySet<string>;
  readonly #result = Promise.withResolvers<AttemptResult<T>>();
  #request!: HttpRequest;
  #exchange: Exchange | undefined;
  /** Where the bytes of the body come from: the exchange, or what decompresses them. */
  #source: BodySource | undefined;
  #consumer: BodyConsumer | undefined;
  #errorBody: BodyCollector | undefined;
  #redirects = 0;
  #timer: IdleTimer | undefined;
  #settled = false;

  constructor(
    context: TransportContext,
    call: HttpCall<T>,
    reporter: AttemptReporter,
    secretNames: ReadonlySet<string>,
  ) {
    this.#context = context;
    this.#call = call;
    this.#reporter = reporter;
    this.#secretNames = secretNames;
  }

  send(request: HttpRequest): Promise<AttemptResult<T>> {
    const { signal, timeoutMs } = this.#call;
    // It may have come while the credentials were on their way here.
    if (signal?.aborted) {
      this.#onAbort();
      return this.#result.promise;
    }
    signal?.addEventListener("abort", this.#onAbort, { once: true });
    this.#call.onUpstreamRequestId?.(undefined);
    this.#timer = new IdleTimer(timeoutMs, this.#onTimeout);
    this.#timer.touch();
    this.#dispatch(request);
    return this.#result.promise;
  }

  #dispatch(request: HttpRequest): void {
    this.#request = request;
    this.#consumer = undefined;
    this.#exchange = new Exchange(this);
    this.#source = this.#exchange;
    try {
      const cookie = this.#cookieFor(request);
      const headers = cookie === undefined ? request.headers : [...request.headers, cookie];
      this.#exchange.start(this.#context.dispatcher, { ...request, headers });
    } catch (error) {
      this.#fail(requestError(error));
    }
  }

  /** Cookies of the front door, unless the request has some of its own. */
  #cookieFor(request: HttpRequest): readonly [string, string] | undefined {
    const value = this.#context.cookies.headerFor(request.url);
    if (value === undefined || request.headers.some(([name]) => name === "cookie"))
      return undefined;
    const cookie = ["cookie", value] as const;
    this.#reporter.secrets.addAll(headerSecrets([cookie], this.#secretNames));
    return cookie;
  }

  onConnected(isReused: boolean | undefined): void {
    this.#reporter.connected(isReused);
    // The whole of it is written at once.
    this.#reporter.sent();
  }

  onHead(status: number, headers: ResponseHeaders): void {
    this.#context.cookies.store(this.#request.url, headerValues(headers, "set-cookie"));
    this.#reporter.secrets.addAll(setCookieSecrets(headers));
    const redirected = redirectedRequest(this.#request, status, headers, this.#secretNames);
    if (redirected !== undefined && this.#redirects < MAX_REDIRECTS) {
      this.#redirects += 1;
      this.#reporter.redirected(status, headers, redirected.url);
      this.#consumer = IGNORED_BODY;
      this.#exchange?.release();
      this.#dispatch(redirected);
      return;
    }
    const succeeded = status >= 200 && status <= 299;
    const requestId = succeeded ? streamRequestId(headers) : errorRequestId(headers);
    this.#reporter.responded(status, headers, requestId);
    this.#call.onUpstreamRequestId?.(this.#reporter.upstreamRequestId);
    const decoder = this.#exchange && contentDecoder(headers, this.#exchange);
    if (decoder !== undefined) this.#source = decoder;
    const consumer = succeeded
      ? this.#acceptResponse(status, headers)
      : this.#collectError(status, headers);
    decoder?.attach(consumer);
    this.#consumer = decoder ?? consumer;
  }

  #acceptResponse(status: number, headers: ResponseHeaders): BodyConsumer {
    const exchange = this.#source;
    if (exchange === undefined) throw new Error("a response came before its exchange was known");
    const reporter = this.#reporter;
    const { upstreamRequestId } = reporter;
    const url = redactUrl(this.#request.url.href);
    return this.#call.accept(
      { status, url, headers, upstreamRequestId, exchange, reporter },
      {
        resolve: (value) => this.#settle({ value }),
        reject: (error) => this.#fail(error),
      },
    );
  }

  #collectError(status: number, headers: ResponseHeaders): BodyConsumer {
    const collector = new BodyCollector({
      limitBytes: MAX_ERROR_BODY_BYTES,
      overLimit: "truncate",
      done: (body) => {
        this.#fail(
          httpStatusError({
            status,
            url: this.#request.url.href,
            headers,
            upstreamRequestId: this.#reporter.upstreamRequestId,
            bodyText: body instanceof Error ? undefined : bodyText(body),
            secrets: this.#reporter.secrets,
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
    this.#reporter.received(chunk.length);
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
    this.#source?.abort();
    this.#reporter.ended("cancelled", { willRetry: false, reason: "cancelled" });
    this.#result.reject(this.#call.signal?.reason);
  };

  readonly #onTimeout = (): void => {
    // A refusal whose page does not end is still a refusal.
    if (this.#errorBody !== undefined) this.#errorBody.onError(new TimeoutError());
    else {
      const { upstreamRequestId } = this.#reporter;
      this.#fail(new TimeoutError({ upstreamRequestId }));
    }
  };

  #fail(error: AnyApiError): void {
    if (this.#settled) return;
    this.#source?.abort();
    const reporter = this.#reporter;
    this.#settle({ error: scrubError(error, reporter.secrets), reporter });
  }

  #settle(result: AttemptResult<T>): void {
    if (this.#settled) return;
    this.#release();
    this.#result.resolve(result);
  }

  #release(): void {
    this.#settled = true;
    this.#timer?.stop();
    this.#call.signal?.removeEventListener("abort", this.#onAbort);
  }
}

const IGNORED_BODY: BodyConsumer = { onData() {}, onEnd() {}, onError() {} };
