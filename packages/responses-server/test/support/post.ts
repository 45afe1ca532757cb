import type { ResponsesServer } from "@codex-ts/responses-server";
import { request } from "undici";
import type { Dispatcher } from "undici";

export interface PostOptions {
  readonly path?: string;
  readonly body?: unknown;
  readonly headers?: Record<string, string>;
  readonly signal?: AbortSignal;
}

/** Sends one request with a plain HTTP client. */
export function post(
  server: ResponsesServer,
  options: PostOptions = {},
): Promise<Dispatcher.ResponseData> {
  const {
    path = "/responses",
    body = { model: "any", input: [], stream: true },
    headers = {},
    signal,
  } = options;
  return request(server.url + path, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: typeof body === "string" || body instanceof Uint8Array ? body : JSON.stringify(body),
    // Connections broken by a script must not be shared with the next request of a test.
    reset: true,
    ...(signal && { signal }),
  });
}

/** The JSON values of all `data:` lines of a stream text. */
function eventsOf(text: string): Record<string, unknown>[] {
  return text
    .split("\n")
    .filter((line) => line.startsWith("data: {"))
    .map((line) => JSON.parse(line.slice("data: ".length)) as Record<string, unknown>);
}

/** Posts and asks for a stream, reads everything, and returns the events. */
export async function postForEvents(
  server: ResponsesServer,
  options: PostOptions & { readonly body?: object } = {},
): Promise<Record<string, unknown>[]> {
  const response = await post(server, { ...options, body: { ...options.body, stream: true } });
  return eventsOf(await response.body.text());
}
