import type { JsonObject, JsonValue } from "@codex-ts/protocol";
import type { ReceivedRequest } from "../received-request.ts";
import type { PauseStep, Steps } from "./step.ts";

/** Header names and values; a list sends the header several times. */
export type ReplyHeaders = Readonly<Record<string, string | readonly string[]>>;

/** Which requests an exchange serves. All conditions must match. */
export interface ExchangeSelector {
  /** Default `"POST"`. Not looked at for WebSocket frames. */
  readonly method?: string;
  /**
   * Path below the base path, without query (`"/responses"`), or the whole path of the request (`"/oauth/token"`).
   * Default `"/responses"`.
   */
  readonly path?: string;
  /** Default: either. */
  readonly transport?: "http" | "websocket";
  /** A further condition. The first exchange in script order that matches and is not used up serves the request. */
  readonly when?: (request: ReceivedRequest) => boolean;
  /** How many requests this exchange serves; `Infinity` for all. Default 1. */
  readonly repeat?: number;
}

/** Members of both kinds of reply. Only `beforeStatus` means something on WebSocket. */
export interface ReplyHead {
  /** Default 200. */
  readonly status?: number;
  /** Added to (and before) `content-type`; a `content-type` given here replaces the default. */
  readonly headers?: ReplyHeaders;
  /**
   * Value of the `x-request-id` header; `null` sends none. Default: `req_` and 32 digits, the number of the request,
   * unless `headers` has one. On WebSocket only an error reply carries it, and only when it is set here.
   */
  readonly requestId?: string | null;
  /**
   * Value of the `openai-model` header; `null` sends none. Default: the model the request names, for `events` with a
   * status below 400 and unless `headers` has one. HTTP only.
   */
  readonly openaiModel?: string | null;
  /** Played before anything is on the wire. */
  readonly beforeStatus?: readonly PauseStep[];
  /** Played when the status line is on the wire and the headers are not. The connection is closed after the reply. */
  readonly beforeHeaders?: readonly PauseStep[];
}

/** A reply made of events: `text/event-stream` or the final response as JSON over HTTP, frames over WebSocket. */
export interface StreamReply extends ReplyHead {
  readonly events: Steps;
  /**
   * `"as-requested"`: a request with `stream: true` (or `?stream=true`) gets the events; any other gets the response
   * that they add up to, as JSON, once all steps are played. `"stream"` and `"json"` serve every request that way. An
   * `error` event in a JSON reply becomes the status and body of the response. Default `"as-requested"`. HTTP only.
   */
  readonly deliver?: "as-requested" | "stream" | "json";
  /**
   * Write the stream in pieces of these sizes (repeated when the list ends), each one HTTP chunk, regardless of the
   * borders of events. Default: one piece per event. HTTP only.
   */
  readonly chunkSizesBytes?: readonly number[];
  readonly body?: never;
  readonly respond?: never;
}

/**
 * A reply in one piece. Objects and arrays are sent as JSON, text and bytes as they are, `null` as an empty body.
 * On WebSocket it becomes one `error` event that wraps status, headers and the members of the object.
 */
export interface BodyReply extends ReplyHead {
  readonly body: JsonObject | readonly JsonValue[] | string | Uint8Array | null;
  readonly events?: never;
  readonly respond?: never;
  /** Named, so that the compiler knows the values of `StreamReply.deliver` in a literal. */
  readonly deliver?: never;
}

/** Response of the server to one request. */
export type Reply = StreamReply | BodyReply;

/** A reply computed from its request. */
export interface DynamicReply {
  readonly respond: (request: ReceivedRequest) => Reply | Promise<Reply>;
  readonly events?: never;
  readonly body?: never;
  readonly deliver?: never;
}

/** One entry of a script: which request it serves, and how. */
export type Exchange = ExchangeSelector & (StreamReply | BodyReply | DynamicReply);

/** The exchanges of a server, in order. A request that no exchange matches gets status 404 and is recorded. */
export type Script = readonly Exchange[];
