import type { Socket } from "node:net";
import type { JsonObject } from "@codex-ts/protocol";
import type { EventFraming } from "../script/step.ts";
import type { PlayRecord } from "./play-record.ts";
import type { Watch } from "./watch.ts";

/** Settings for playing one response, over HTTP and over WebSocket. */
export interface StepTransportOptions {
  /** For what is written below the framing, and for breaking the connection. */
  readonly socket: Socket;
  readonly record: PlayRecord;
  readonly watch: Watch;
  /** Aborted when the client leaves or the server closes. */
  readonly stop: AbortSignal;
  readonly chunkSizesBytes?: readonly number[] | undefined;
}

/** Actions of a script on one response. Methods that write resolve when more may be written. */
export interface StepTransport {
  sendEvent(event: JsonObject, framing: EventFraming | undefined): Promise<void> | undefined;
  sendBytes(bytes: string | Uint8Array): Promise<void> | undefined;
  sendWireBytes(bytes: string | Uint8Array): Promise<void>;
  sendComment(text: string): Promise<void> | undefined;
  sendPing(payload: string): void;
  sendClose(code: number | undefined, reason: string): void;
  /** Writes what is held back, before a pause. */
  flush(): Promise<void> | undefined;
  /** Completes the response. */
  end(): Promise<void>;
  reset(): Promise<void>;
  disconnect(): Promise<void>;
}

/** A step that the transport in use does not have. */
export function impossibleStep(
  step: string,
  transport: "http" | "http in a JSON reply" | "websocket",
): never {
  throw new TypeError(`the step "${step}" is not possible over ${transport}`);
}
