/** The content of a payload. Source: docs/behavior/rollout-trace.md 1. */
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
  | "agent_result"
  | ShardedPayloadKind;

/** Kinds that only schema 3 has. */
export type ShardedPayloadKind =
  /** The prompt from which the client made the request, see {@link PayloadReference.parts}. */
  | "prepared_prompt"
  /** One item of a prompt, written once and part of every later one. */
  | "model_item"
  /** One JSON string cut out of an item: an image, or one that was too long. */
  | "content_value"
  /** The input that the first request after a WebSocket warm-up stands for. */
  | "warmup_context";

/** Points from an event to the body of a payload: a file (schema 1 and 2), or a record in a shard (schema 3). */
export interface PayloadReference {
  /** `raw_payload:<n>`, n counted per writer from 1. */
  readonly raw_payload_id: string;
  readonly kind: { readonly type: PayloadKind };
  /** Schema 1 and 2: relative to the bundle directory, `payloads/<n>.json`. */
  readonly path?: string;
  /** Schema 3: number of the shard `payloads/<n>.zst` with the record; `null` when the body was not kept. */
  readonly shard?: number | null;
  /** Schema 3: how much of the body was kept; absent when all of it was. */
  readonly capture?: PartialCapture;
  /**
   * Schema 3: payloads the text is put together from. The record is then a list of strings, one more than there are
   * parts: each part's text stands between two of them. Absent when the record is the text.
   */
  readonly parts?: readonly PayloadReference[];
}

/** How much is left of a body that exceeded the limits of its recording. */
export type PartialCapture =
  | {
      readonly status: "truncated";
      readonly original_bytes: number;
      readonly retained_bytes: number;
    }
  | { readonly status: "omitted"; readonly original_bytes: number };
