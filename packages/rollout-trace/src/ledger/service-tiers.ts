import type { InferenceCall } from "../model/runtime.ts";
import type { TraceContents } from "../requests/contents.ts";

/**
 * Looks up the service tier a request asked for, for `serviceTierOf` of {@link buildLedger}: it decides about prices, and
 * a state does not have it. `undefined` for a request that asked for none.
 */
export function serviceTiers({
  requests,
  texts,
}: TraceContents): (call: InferenceCall) => string | undefined {
  const byCall = new Map(requests.map((request) => [request.inferenceCallId, request]));
  return ({ inference_call_id: id }) => {
    const text = byCall.get(id)?.members.find(([name]) => name === "service_tier")?.[1];
    const tier: unknown = text === undefined ? undefined : JSON.parse(texts[text] ?? "null");
    return typeof tier === "string" ? tier : undefined;
  };
}
