/** The ways in which a request goes wrong. */
export type WireDiagnosisCode =
  | "process_died"
  | "cancelled"
  | "stopped_by_client"
  | "dns_failed"
  | "connect_refused"
  | "connect_timeout"
  | "tls_failed"
  | "proxy_refused"
  | "upgrade_refused"
  | "upgrade_blocked"
  | "auth_refused"
  | "auth_stale"
  | "forbidden_edge"
  | "rate_limited"
  | "usage_limit"
  | "overloaded"
  | "server_error"
  | "bad_request"
  | "no_first_event"
  | "stalled"
  | "message_too_big"
  | "connection_limit"
  | "previous_response_lost"
  | "socket_closed"
  | "cut_mid_stream"
  | "response_failed"
  | "recovered"
  | "unknown";

/** Ids to send to support. Kinds of ids are never mixed: a connection's or a handshake's is not a request's. */
export interface WireDiagnosisIds {
  readonly x_request_id?: string;
  readonly x_oai_request_id?: string;
  readonly cf_ray?: string;
  /** Of the handshake of a WebSocket that was refused: of no request, and of no connection. */
  readonly handshake_x_request_id?: string;
  readonly handshake_x_oai_request_id?: string;
  readonly handshake_cf_ray?: string;
  /** An id of a request that the server names in its message, where its headers have another one or none. */
  readonly message_request_id?: string;
  readonly response_id?: string;
  /** Over WebSocket: with `position` it names the request. */
  readonly connection_id?: string;
  readonly position?: number;
  /** `x-request-id` and `cf-ray` of the handshake. */
  readonly connection_x_request_id?: string;
  readonly connection_cf_ray?: string;
  readonly thread_id?: string;
  readonly turn_id?: string;
  readonly inference_call_id?: string;
  /** UTC, ISO 8601: when the attempt was queued. */
  readonly time?: string;
}

/** Ids of one attempt, with what it was. */
export interface WireAttemptIds extends WireDiagnosisIds {
  /** In a few words: `try over HTTP: 502`, `refused handshake: 403`, `try over WebSocket: closed 1012 by the server`. */
  readonly attempt: string;
}

/** Why a request went as it did, for people, and what to do about it. */
export interface WireDiagnosis {
  readonly code: WireDiagnosisCode;
  /** Of `recovered`: the code of the first failure. */
  readonly firstCode?: WireDiagnosisCode;
  readonly sentence: string;
  /** Of the attempt that says the most: the last failure, or the first of those that were overcome. */
  readonly ids: WireDiagnosisIds;
  /**
   * Of every attempt that failed, handshakes included: first those that failed as the sentence says, then the others,
   * each in order. With a request that was cancelled or did not end, also of its last attempt.
   */
  readonly attemptIds: readonly WireAttemptIds[];
  /** Support can do nothing about it: the key, the address, the request, a limit or the own machine is the cause. */
  readonly isNothingToSend: boolean;
  readonly advice?: string;
}
