/**
 * The upstream request id an error carries (`x-request-id` of the response behind it), whichever copy of the api
 * package made the error. `undefined`: it carries none.
 */
export function upstreamRequestIdOf(error: unknown): string | undefined {
  if (typeof error !== "object" || error === null || !("upstreamRequestId" in error)) {
    return undefined;
  }
  return typeof error.upstreamRequestId === "string" ? error.upstreamRequestId : undefined;
}
