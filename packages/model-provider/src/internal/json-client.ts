import { STATUS_CODES } from "node:http";
import { type Dispatcher, request } from "undici";
import { openFilesAdvice } from "@codex-ts/api/internal";
import { isCleartextUrl } from "./cleartext-url.ts";

/** Responses of credential services are small; anything longer is not one of them. */
const MAX_BODY_BYTES = 1_048_576;

/** How this package talks to credential and catalog services. */
export interface HttpClientOptions {
  /** Sent as `originator`. */
  readonly originator: string;
  /** Sent as `user-agent`. */
  readonly userAgent: string;
  /** Default: undici's global dispatcher. */
  readonly dispatcher?: Dispatcher | undefined;
}

/** One request with a JSON, form or no body. */
export interface JsonRequest {
  readonly method: "GET" | "POST";
  readonly url: string;
  readonly headers?: Iterable<readonly [string, string]> | undefined;
  /** Sent as `application/json`. */
  readonly json?: object | undefined;
  /** Sent as `application/x-www-form-urlencoded`. */
  readonly form?: URLSearchParams | undefined;
  /** Whether this client introduces itself with `originator`. Default true. */
  readonly sendsOriginator?: boolean | undefined;
  /** Whole exchange, body included. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

/** A response with its whole body. */
export interface JsonResponse {
  readonly status: number;
  readonly isSuccess: boolean;
  /** e.g. `401 Unauthorized`. */
  readonly statusLine: string;
  /** Values of headers that occur once, by lower-case name. */
  readonly headers: Readonly<Record<string, string>>;
  /** The parsed body; `undefined` when it is not JSON. May hold secrets: never put it into an error. */
  readonly json: unknown;
}

/**
 * Sends one request and reads the whole response. Redirects are not followed: a credential must not travel to another
 * host. Plain HTTP is refused except to this machine. Rejects with `HttpExchangeError` when there is no response, and
 * with the signal's reason when aborted.
 */
export async function exchangeJson(
  client: HttpClientOptions,
  call: JsonRequest,
): Promise<JsonResponse> {
  if (isCleartextUrl(call.url)) throw new HttpExchangeError("the URL must be https");
  const timeout = AbortSignal.timeout(call.timeoutMs);
  const signal = call.signal === undefined ? timeout : AbortSignal.any([timeout, call.signal]);
  try {
    return await send(client, call, signal);
  } catch (error) {
    call.signal?.throwIfAborted();
    if (timeout.aborted) throw new HttpExchangeError(`no response within ${call.timeoutMs} ms`);
    throw new HttpExchangeError(describe(error), { cause: error });
  }
}

/** The service could not be reached or did not respond in time. The message names neither URL nor body. */
export class HttpExchangeError extends Error {
  override readonly name = "HttpExchangeError";
}

async function send(
  { originator, userAgent, dispatcher }: HttpClientOptions,
  call: JsonRequest,
  signal: AbortSignal,
): Promise<JsonResponse> {
  const { body, type } = encodeBody(call);
  const response = await request(call.url, {
    method: call.method,
    headers: {
      ...Object.fromEntries(call.headers ?? []),
      ...(type === undefined ? {} : { "content-type": type }),
      accept: "*/*",
      ...(call.sendsOriginator === false ? {} : { originator }),
      "user-agent": userAgent,
    },
    signal,
    ...(body === undefined ? {} : { body }),
    ...(dispatcher === undefined ? {} : { dispatcher }),
  });
  const status = response.statusCode;
  return {
    status,
    isSuccess: status >= 200 && status < 300,
    statusLine: `${status} ${STATUS_CODES[status] ?? ""}`.trim(),
    headers: singleHeaders(response.headers),
    json: await readJsonBody(response.body),
  };
}

function encodeBody(call: JsonRequest): { body?: string; type?: string } {
  if (call.json !== undefined) return { body: JSON.stringify(call.json), type: "application/json" };
  if (call.form === undefined) return {};
  return { body: call.form.toString(), type: "application/x-www-form-urlencoded" };
}

/** Reads a whole body, at most 1 MiB; `undefined` when it is not JSON. */
export async function readJsonBody(
  body: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): Promise<unknown> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of body) {
    length += chunk.length;
    if (length > MAX_BODY_BYTES)
      throw new Error(`the response is longer than ${MAX_BODY_BYTES} bytes`);
    chunks.push(chunk);
  }
  return parseJson(Buffer.concat(chunks).toString("utf8"));
}

function singleHeaders(
  headers: Record<string, string | string[] | undefined>,
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).filter(
      (entry): entry is [string, string] => typeof entry[1] === "string",
    ),
  );
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** System error codes say enough; messages of URL parsers would repeat the URL. */
function describe(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === "ERR_INVALID_URL" || code === "UND_ERR_INVALID_ARG")
    return "the URL or a header is not usable";
  if (code === undefined) return message;
  const advice = openFilesAdvice(code);
  return advice === undefined ? code : `${code}, ${advice}`;
}
