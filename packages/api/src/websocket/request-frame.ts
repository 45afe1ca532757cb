import type { JsonObject, ResponseCreateFrame } from "@codex-ts/protocol";
import type { BodyOptions } from "../endpoints/responses-body.ts";
import { bodyMembers, serializeMembers } from "../endpoints/responses-body.ts";

/** Member of `client_metadata` that says when the frame was sent, in decimal Unix milliseconds. */
const SENT_AT_KEY = "x-codex-ws-stream-request-start-ms";

/**
 * JSON text of a `response.create` frame in UTF-8: the members of an HTTP body, with `previous_response_id` and `generate` when
 * they are set. Source: docs/behavior/api.md 10.2.
 */
export function serializeRequestFrame(
  frame: ResponseCreateFrame,
  options: BodyOptions & { readonly sentAtMs: number },
): Uint8Array {
  const { client_metadata: metadata, ...members } = bodyMembers(frame, options);
  const complete = {
    type: "response.create",
    ...members,
    previous_response_id: frame.previous_response_id,
    generate: frame.generate,
    client_metadata: { ...(metadata as JsonObject), [SENT_AT_KEY]: String(options.sentAtMs) },
  };
  return serializeMembers(complete, options.format);
}
