/** The wire log of a bundle, beside its event log. */
export const WIRE_LOG_FILE = "wire.jsonl";

/** Version of the records written; a reader takes later ones with a warning. */
export const WIRE_VERSION = 1;

/** Members of every record. */
export interface WireEnvelope {
  /** 1, 2, 3, … in the order of the file. */
  readonly seq: number;
  /** Unix milliseconds. */
  readonly at_ms: number;
}

/** Which request a record is about. Absent: not known, or there is none. */
export interface WireRequestFacts {
  readonly attempt_id: string;
  /** `turn`, `prewarm`, `compaction`, `memory`, `connect`, … */
  readonly request_kind: string;
  readonly thread_id?: string;
  readonly turn_id?: string;
  readonly inference_call_id?: string;
  readonly compaction_request_id?: string;
}

/** A header with its value, or with `null` where only its presence is kept. */
export type WireHeader = readonly [name: string, value: string | null];

/** Ids that are sent to support. Over WebSocket they are those of the handshake, on the record of the connection. */
export interface WireRequestIds {
  readonly x_request_id?: string;
  readonly x_oai_request_id?: string;
  readonly cf_ray?: string;
}

/** How a connection ended. */
export interface WireClose {
  /** 1006 when there was no close frame. */
  readonly code: number;
  readonly reason?: string;
  readonly by: "server" | "client" | "network";
  /** Whether there was a close frame. */
  readonly clean: boolean;
}

/** A request body without its content. Sizes in bytes. */
export interface WireRequestBody {
  /** As sent. */
  readonly bytes: number;
  /** Before compression. */
  readonly body_bytes?: number;
  readonly encoding?: "identity" | "zstd";
  /** Hexadecimal, of the body before compression. */
  readonly body_sha256?: string;
  readonly previous_response_id?: string;
  readonly input_items?: number;
  /** False for a warm-up. */
  readonly generate?: boolean;
  readonly headers: readonly WireHeader[];
}

/** Microseconds since queueing; `null`: not reached. */
export interface WireTimes {
  readonly credentials: number | null;
  readonly connected: number | null;
  readonly sent: number | null;
  readonly responded: number | null;
  readonly first_byte: number | null;
  readonly first_event: number | null;
  readonly first_output: number | null;
  readonly last_event: number | null;
  readonly ended: number;
}

/** Why an attempt failed; codes and reasons as `AnyApiError` of `@codex-ts/api` has them. */
export interface WireError {
  readonly code: string;
  readonly reason?: string;
  /** Of the operating system, the resolver or TLS, e.g. `ECONNREFUSED`. */
  readonly os_code?: string;
  readonly status?: number;
  readonly server_code?: string;
  /** Without credentials, at most 500 bytes. */
  readonly message: string;
}

/** The first record: which bundle the log belongs to, and what wrote it. */
export interface WireOpened extends WireEnvelope {
  readonly type: "wire_opened";
  readonly wire_version: number;
  readonly trace_id: string;
  readonly rollout_id: string;
  readonly bundle_schema: number;
  readonly writer: { readonly name: string; readonly version: string; readonly node: string };
  readonly policy: { readonly headers: string; readonly bodies: string };
}

/** A WebSocket upgrade was accepted. The ids of the handshake stand here alone. */
export interface WireConnectionOpened extends WireEnvelope {
  readonly type: "connection_opened";
  readonly connection_id: string;
  /** The handshake. */
  readonly attempt_id: string;
  readonly url: string;
  /** Of the handshake: of the connection, never of a request on it. */
  readonly request_ids: WireRequestIds;
  readonly extensions: string;
  readonly proxy: boolean;
}

/** A WebSocket is gone. */
export interface WireConnectionClosed extends WireEnvelope {
  readonly type: "connection_closed";
  readonly connection_id: string;
  readonly close: WireClose;
  /** Requests it carried, warm-ups counted. */
  readonly requests: number;
  readonly age_ms: number;
  /** Since the last frame. */
  readonly idle_ms: number;
}

/** A request, or a handshake, is about to be sent. Written when its credentials are there. */
export interface WireAttemptStarted extends WireEnvelope, WireRequestFacts {
  readonly type: "attempt_started";
  readonly transport: "http" | "websocket";
  /** `responses`, `handshake`, `compact`, … */
  readonly endpoint: string;
  /** 0 for the first attempt of a call. */
  readonly attempt_number: number;
  readonly method: string;
  readonly url: string;
  /** Unix milliseconds: before credentials were asked for. */
  readonly queued_at_ms: number;
  readonly request: WireRequestBody;
  readonly connection_id?: string;
  readonly position?: number;
}

/** The headers of the final response are there. Not for requests over WebSocket. */
export interface WireAttemptResponded extends WireEnvelope, WireRequestFacts {
  readonly type: "attempt_responded";
  readonly status: number;
  readonly request_ids: WireRequestIds;
  readonly headers: readonly WireHeader[];
  readonly t: { readonly responded: number };
}

/** An open stream has had no event for 5 seconds; again at 30, 60, 120, … seconds of the same silence. */
export interface WireStall extends WireEnvelope, WireRequestFacts {
  readonly type: "stall";
  readonly gap_ms: number;
  /** `null`: no event came before. */
  readonly after_event: string | null;
  /** Events so far. */
  readonly events: number;
}

/** The end of an attempt, once for each that started, unless the process died. */
export interface WireAttemptEnded extends WireEnvelope, WireRequestFacts {
  readonly type: "attempt_ended";
  readonly outcome: "completed" | "failed" | "cancelled";
  readonly status?: number;
  /** Of this response only; absent over WebSocket. */
  readonly request_ids?: WireRequestIds;
  /** `response.id` of the Responses API. */
  readonly response_id?: string;
  readonly connection_id?: string;
  readonly position?: number;
  /** Whether an open connection was used again. */
  readonly reused?: boolean;
  readonly redirects: number;
  readonly t: WireTimes;
  readonly response_bytes: number;
  readonly events: number;
  readonly max_gap_us: number;
  /** `null`: no event came before it. */
  readonly max_gap_after: string | null;
  readonly stalls: number;
  readonly timeout?: "connect" | "first_event" | "idle";
  readonly close?: WireClose;
  readonly error?: WireError;
  readonly retry: { readonly will_retry: boolean; readonly reason: string };
}

/** A failed attempt is to be repeated. */
export interface WireRetryScheduled extends WireEnvelope, Partial<WireRequestFacts> {
  readonly type: "retry_scheduled";
  /** `transport`: the same call is sent again. `turn`: a new call takes its place. */
  readonly by: "transport" | "turn";
  readonly after_attempt_id?: string;
  readonly delay_ms: number;
  readonly delay_source: "backoff" | "retry_after";
  readonly reason: string;
  readonly number: number;
  readonly of: number;
}

/** A refused login was renewed, or could not be. Never holds a token, nor a hash of one. */
export interface WireAuth extends WireEnvelope, Partial<WireRequestFacts> {
  readonly type: "auth";
  readonly step: "refresh" | "reload" | "external";
  /** `adopted`: another process had renewed the login. */
  readonly outcome: "ok" | "adopted" | "refused" | "failed";
  readonly status?: number;
  readonly code?: string;
  readonly duration_ms: number;
  readonly caused_by_attempt_id?: string;
}

/** Requests take another transport from now on. */
export interface WireTransportSwitched extends WireEnvelope, Partial<WireRequestFacts> {
  readonly type: "transport_switched";
  readonly from: "http" | "websocket";
  readonly to: "http" | "websocket";
  readonly cause: "upgrade_426" | "retries_used_up" | "setting" | "unreachable" | "not_sendable";
}

/** Times and sizes of events, without their content; only where frames are recorded. */
export interface WireFrames extends WireEnvelope, WireRequestFacts {
  readonly type: "frames";
  /** Event types that the rows name by their index; -1 has none. */
  readonly names: readonly string[];
  /** Microseconds from queueing to the first row. */
  readonly from_us: number;
  /** `[microseconds since the row before, direction 0 in / 1 out, bytes, index of the name]`. */
  readonly rows: readonly (readonly [
    dt_us: number,
    direction: 0 | 1,
    bytes: number,
    name: number,
  ])[];
}

/** The last record of a log that was ended in order. */
export interface WireClosed extends WireEnvelope {
  readonly type: "wire_closed";
  readonly reason: "completed" | "size_limit";
  /** Records before this one. */
  readonly records: number;
  /** Records that were left out. */
  readonly dropped: number;
}

/** A record of a type this version does not know. */
export interface OtherWireRecord extends WireEnvelope {
  readonly type: "other";
  readonly record_type: string;
}

/** One line of a wire log. */
export type WireRecord =
  | WireOpened
  | WireConnectionOpened
  | WireConnectionClosed
  | WireAttemptStarted
  | WireAttemptResponded
  | WireStall
  | WireAttemptEnded
  | WireRetryScheduled
  | WireAuth
  | WireTransportSwitched
  | WireFrames
  | WireClosed
  | OtherWireRecord;
