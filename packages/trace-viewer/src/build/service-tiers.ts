import type { InferenceCall, TraceContents } from "@codex-ts/rollout-trace";

/** Looks up the service tier a request asked for: it decides about prices, and a state does not have it. */
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
