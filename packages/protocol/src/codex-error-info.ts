import type { Codec } from "./internal/codec.ts";
import { integer, oneOf } from "./internal/codec.ts";
import { nullable, objectOf, required } from "./internal/object-codec.ts";
import { externalUnion } from "./internal/union-codec.ts";
import type { JsonValue } from "./json.ts";
import { isJsonObject } from "./json.ts";

/** HTTP status of the failure, where there was one. */
export interface HttpStatusInfo {
  readonly http_status_code: number | null;
}

/** Facts about the error of an error event, for programs. `invalid_prompt` is 0.169's. */
export type CodexErrorInfo =
  | "context_window_exceeded"
  | "usage_limit_exceeded"
  | "server_overloaded"
  | "cyber_policy"
  | "internal_server_error"
  | "unauthorized"
  | "bad_request"
  | "sandbox_error"
  | "thread_rollback_failed"
  | "invalid_prompt"
  | "other"
  | { readonly http_connection_failed: HttpStatusInfo }
  | { readonly response_stream_connection_failed: HttpStatusInfo }
  | { readonly response_stream_disconnected: HttpStatusInfo }
  | { readonly response_too_many_failed_attempts: HttpStatusInfo }
  | { readonly active_turn_not_steerable: { readonly turn_kind: "review" | "compact" } };

const status = objectOf<HttpStatusInfo>({ http_status_code: nullable(integer) });

const knownInfo = externalUnion<CodexErrorInfo>(
  oneOf([
    "context_window_exceeded",
    "usage_limit_exceeded",
    "server_overloaded",
    "cyber_policy",
    "internal_server_error",
    "unauthorized",
    "bad_request",
    "sandbox_error",
    "thread_rollback_failed",
    "invalid_prompt",
    "other",
  ]),
  {
    http_connection_failed: status,
    response_stream_connection_failed: status,
    response_stream_disconnected: status,
    response_too_many_failed_attempts: status,
    active_turn_not_steerable: objectOf<{ readonly turn_kind: "review" | "compact" }>({
      turn_kind: required(oneOf(["review", "compact"])),
    }),
  },
  () => "other",
);

export const codexErrorInfoCodec: Codec<CodexErrorInfo> = {
  read: (value) => knownInfo.read(value) ?? (isJsonObject(value) ? "other" : undefined),
  write: (value) => knownInfo.write(value),
};

/** Reads the info of an error event; a kind this version does not know is `other`. */
export function readCodexErrorInfo(value: unknown): CodexErrorInfo | undefined {
  return codexErrorInfoCodec.read(value);
}

/** The info as JSON. */
export function toWireCodexErrorInfo(info: CodexErrorInfo): JsonValue {
  return codexErrorInfoCodec.write(info);
}

/** Whether an error with this info ended its turn, when a session is replayed. */
export function marksTurnFailed(info: CodexErrorInfo | null): boolean {
  if (info === "thread_rollback_failed") return false;
  return !(isJsonObject(info) && "active_turn_not_steerable" in info);
}
