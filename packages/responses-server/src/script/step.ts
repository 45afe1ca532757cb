import type { JsonObject } from "@codex-ts/protocol";
import type { ServerEvent } from "../events/server-event.ts";

/** Waits before the next step. Cut short when the client leaves or the server closes. */
export interface DelayStep {
  readonly step: "delay";
  readonly delayMs: number;
}

/** Waits until the test calls `server.release(name)`; a gate released earlier is open. */
export interface GateStep {
  readonly step: "gate";
  readonly name: string;
}

/** Does nothing more, and keeps the connection open until the client leaves or the server closes. */
export interface HangStep {
  readonly step: "hang";
}

/** Breaks the connection with a TCP reset. Bytes the client has not read yet may be lost to it. */
export interface ResetStep {
  readonly step: "reset";
}

/** Closes the connection in the middle: no last chunk over HTTP, no close frame over WebSocket. */
export interface DisconnectStep {
  readonly step: "disconnect";
}

/** Finishes the response before the end of the list. On WebSocket the connection stays open. */
export interface EndStep {
  readonly step: "end";
}

/** How one event is written as server-sent event lines. WebSocket ignores all of it. */
export interface EventFraming {
  /** Value of the `event:` line; `null` leaves the line out. Default: the event's own `type`. */
  readonly eventName?: string | null;
  /** Default `"\n"`. */
  readonly lineEnd?: "\n" | "\r\n" | "\r";
  /** Text between `data:` and its value. Default one space. */
  readonly separator?: string;
  /** Spread the JSON over this many `data:` lines, broken between tokens. Default 1. */
  readonly dataLines?: number;
  /** `"missing"` leaves out the blank line that closes the event. Default `"present"`. */
  readonly blankLine?: "present" | "missing";
}

/** Sends one event with a framing of its own. The event may have any shape. */
export interface EventStep {
  readonly step: "event";
  readonly event: JsonObject;
  readonly framing?: EventFraming;
}

/** Sends an SSE comment line. HTTP only. */
export interface CommentStep {
  readonly step: "comment";
  readonly text: string;
}

/** Sends bytes as they are. On WebSocket text becomes a text frame and bytes a binary frame. */
export interface BytesStep {
  readonly step: "bytes";
  readonly bytes: string | Uint8Array;
}

/** Sends bytes below the framing of HTTP and WebSocket, to break it. */
export interface WireBytesStep {
  readonly step: "wire-bytes";
  readonly bytes: string | Uint8Array;
}

/** Sends a ping frame. WebSocket only. */
export interface PingStep {
  readonly step: "ping";
  readonly payload: string;
}

/** Sends a close frame. WebSocket only. */
export interface CloseStep {
  readonly step: "close";
  /** 1000 to 4999, without the reserved ones; `undefined` sends a close frame without a code. */
  readonly code: number | undefined;
  readonly reason: string;
}

/** Steps that are possible before anything of a response is on the wire. */
export type PauseStep = DelayStep | GateStep | HangStep | ResetStep | DisconnectStep;

/** Steps that are no typed event. */
export type ControlStep =
  | PauseStep
  | EndStep
  | EventStep
  | CommentStep
  | BytesStep
  | WireBytesStep
  | PingStep
  | CloseStep;

/** The next action of a stream: an event to send, or a control step. */
export type Step = ServerEvent | ControlStep;

/**
 * The steps of one stream, in order. Lists may be nested one level, so that builders of several events need no spread.
 * Lazy iterables are read as fast as the client reads.
 */
export type Steps = Iterable<Step | readonly Step[]> | AsyncIterable<Step | readonly Step[]>;
