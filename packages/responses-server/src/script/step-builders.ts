import type { JsonObject } from "@codex-ts/protocol";
import type {
  BytesStep,
  CloseStep,
  CommentStep,
  DelayStep,
  DisconnectStep,
  EndStep,
  EventFraming,
  EventStep,
  GateStep,
  HangStep,
  PingStep,
  ResetStep,
  WireBytesStep,
} from "./step.ts";

/** Waits this many milliseconds. */
export function delay(delayMs: number): DelayStep {
  return { step: "delay", delayMs };
}

/** Waits for `server.release(name)`. */
export function gate(name: string): GateStep {
  return { step: "gate", name };
}

/** Keeps the connection open and says nothing more. */
export function hang(): HangStep {
  return { step: "hang" };
}

/**
 * Breaks the connection with a TCP reset. A reset overtakes data: put a `gate` before it when the client must have
 * read what was sent so far, or use `disconnect`.
 */
export function reset(): ResetStep {
  return { step: "reset" };
}

/** Closes the connection in the middle of the response; everything sent before arrives. */
export function disconnect(): DisconnectStep {
  return { step: "disconnect" };
}

/** Finishes the response here. */
export function end(): EndStep {
  return { step: "end" };
}

/** An event of any shape: unknown types, missing or wrong members, recorded events. */
export function rawEvent(event: JsonObject, framing: EventFraming = {}): EventStep {
  return { step: "event", event, framing };
}

/** An SSE comment line, `: text`. HTTP only. */
export function comment(text: string): CommentStep {
  return { step: "comment", text };
}

/** Bytes as they are; on WebSocket a text frame for text and a binary frame for bytes. */
export function bytes(data: string | Uint8Array): BytesStep {
  return { step: "bytes", bytes: data };
}

/** Bytes below the framing of HTTP and WebSocket, to break it. */
export function wireBytes(data: string | Uint8Array): WireBytesStep {
  return { step: "wire-bytes", bytes: data };
}

/** A ping frame. WebSocket only. */
export function ping(payload = ""): PingStep {
  return { step: "ping", payload };
}

/** A close frame. WebSocket only. */
export function close(code?: number, reason = ""): CloseStep {
  return { step: "close", code, reason };
}
