import type { JsonObject, ResponseCreateFrame } from "@codex-ts/protocol";
import type { BodyOptions } from "../endpoints/responses-body.ts";
import { responsesBody } from "../endpoints/responses-body.ts";

/** Member of `client_metadata` that says when the frame was sent, in decimal Unix milliseconds. */
const SENT_AT_KEY = "x-codex-ws-stream-request-start-ms";

/**
 * JSON text of a `response.create` frame: the members of an HTTP body with `previous_response_id` behind the
 * instructions and `generate` before the metadata, both only when set. Source: docs/behavior/api.md 10.2.
 */
export function serializeRequestFrame(
  frame: ResponseCreateFrame,
  options: BodyOptions & { readonly sentAtMs: number },
): string {
  const { model, instructions, ...rest } = responsesBody(frame, options);
  const { client_metadata: metadata, ...members } = rest;
  return JSON.stringify({
    type: "response.create",
    model,
    instructions,
    previous_response_id: frame.previous_response_id,
    ...members,
    generate: frame.generate,
    client_metadata: { ...(metadata as JsonObject), [SENT_AT_KEY]: String(options.sentAtMs) },
  });
}
