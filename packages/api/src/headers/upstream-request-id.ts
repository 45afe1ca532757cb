import { headerText } from "./response-headers.ts";
import type { ResponseHeaders } from "./response-headers.ts";

/** `x-request-id` alone: what a response stream is known by upstream. */
export function streamRequestId(headers: ResponseHeaders): string | undefined {
  return headerText(headers, "x-request-id");
}

/** `x-request-id`, else `x-oai-request-id`: what a refused request is known by upstream. */
export function errorRequestId(headers: ResponseHeaders): string | undefined {
  return headerText(headers, "x-request-id") ?? headerText(headers, "x-oai-request-id");
}
