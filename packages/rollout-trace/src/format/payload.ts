/** The content of a payload file. Source: docs/behavior/rollout-trace.md 1. */
export type PayloadKind =
  | "inference_request"
  | "inference_response"
  | "compaction_request"
  | "compaction_checkpoint"
  | "compaction_response"
  | "tool_invocation"
  | "tool_result"
  | "tool_runtime_event"
  | "terminal_runtime_event"
  | "protocol_event"
  | "session_metadata"
  | "agent_result";

/** Points from an event to the file with its body. */
export interface PayloadReference {
  /** `raw_payload:<n>`, n counted per writer from 1. */
  readonly raw_payload_id: string;
  readonly kind: { readonly type: PayloadKind };
  /** Relative to the bundle directory: `payloads/<n>.json`. */
  readonly path: string;
}
