import { setImmediate as nextLoopTurn } from "node:timers/promises";
import type { JsonObject } from "@codex-ts/protocol";
import type { WebSocket } from "ws";
import { Chunker } from "./chunker.ts";
import { disconnectSocket, resetSocket } from "./socket-faults.ts";
import { impossibleStep } from "./step-transport.ts";
import type { StepTransport, StepTransportOptions } from "./step-transport.ts";

/** More unsent bytes than this make the script wait for the client. */
const HIGH_WATER_BYTES = 64 * 1024;

/** Target of the response to one frame. */
export interface WebSocketTransportOptions extends StepTransportOptions {
  readonly webSocket: WebSocket;
}

/** Plays steps as WebSocket frames. */
export class WebSocketTransport implements StepTransport {
  readonly #options: WebSocketTransportOptions;
  readonly #chunker: Chunker | undefined;

  constructor(options: WebSocketTransportOptions) {
    this.#options = options;
    this.#chunker = options.chunkSizesBytes && new Chunker(options.chunkSizesBytes);
  }

  sendEvent(event: JsonObject): Promise<void> | undefined {
    this.#options.record.eventsSent += 1;
    return this.#send(Buffer.from(JSON.stringify(event)), "text");
  }

  sendBytes(bytes: string | Uint8Array): Promise<void> | undefined {
    const kind = typeof bytes === "string" ? "text" : "binary";
    return this.#send(Buffer.from(bytes as Uint8Array), kind);
  }

  async sendWireBytes(bytes: string | Uint8Array): Promise<void> {
    await nextLoopTurn();
    this.#options.socket.write(bytes);
  }

  sendComment(): never {
    return impossibleStep("comment", "websocket");
  }

  sendPing(payload: string): void {
    this.#options.webSocket.ping(payload);
  }

  sendClose(code: number | undefined, reason: string): void {
    if (code === undefined) this.#options.webSocket.close();
    else this.#options.webSocket.close(code, reason);
  }

  flush(): undefined {
    return undefined;
  }

  end(): Promise<void> {
    // The connection outlives the exchange, and frames are queued in order.
    return Promise.resolve();
  }

  reset(): Promise<void> {
    return resetSocket(this.#options.socket);
  }

  disconnect(): Promise<void> {
    return disconnectSocket(this.#options.socket);
  }

  #send(data: Buffer, kind: "text" | "binary"): Promise<void> | undefined {
    const { webSocket, record, watch, stop } = this.#options;
    stop.throwIfAborted();
    record.bytesWritten += data.length;
    const fragments = this.#chunker
      ? [...this.#chunker.push(data), ...this.#chunker.flush()]
      : [data];
    const last = fragments.pop() ?? data;
    for (const fragment of fragments) {
      webSocket.send(fragment, { binary: kind === "binary", fin: false });
    }
    const written = new Promise<void>((resolve) => {
      // Failures show as the connection's close, which aborts `stop`.
      webSocket.send(last, { binary: kind === "binary", fin: true }, () => resolve());
    });
    watch.changed();
    return webSocket.bufferedAmount > HIGH_WATER_BYTES ? this.#drained(written) : undefined;
  }

  async #drained(written: Promise<void>): Promise<void> {
    const { record, watch, stop } = this.#options;
    record.blocked = true;
    watch.changed();
    await written;
    record.blocked = false;
    watch.changed();
    stop.throwIfAborted();
  }
}
