import { once } from "node:events";
import type { Writable } from "node:stream";
import { setImmediate as nextLoopTurn } from "node:timers/promises";
import type { JsonObject } from "@codex-ts/protocol";
import type { EventFraming } from "../script/step.ts";
import { Chunker } from "./chunker.ts";
import { encodeComment, encodeEvent } from "./encode-event.ts";
import { disconnectSocket, resetSocket } from "./socket-faults.ts";
import { impossibleStep } from "./step-transport.ts";
import type { StepTransport, StepTransportOptions } from "./step-transport.ts";
import { whenStopped } from "./stop.ts";

/** Target of one HTTP response. */
export interface HttpTransportOptions extends StepTransportOptions {
  /** The response, or the socket itself when the head was written by hand. */
  readonly body: Writable;
}

/** Plays steps as an HTTP response body. */
export class HttpTransport implements StepTransport {
  readonly #options: HttpTransportOptions;
  readonly #chunker: Chunker | undefined;

  constructor(options: HttpTransportOptions) {
    this.#options = options;
    this.#chunker = options.chunkSizesBytes && new Chunker(options.chunkSizesBytes);
  }

  sendEvent(event: JsonObject, framing: EventFraming | undefined): Promise<void> | undefined {
    this.#options.record.eventsSent += 1;
    return this.sendBytes(encodeEvent(event, framing));
  }

  sendComment(text: string): Promise<void> | undefined {
    return this.sendBytes(encodeComment(text));
  }

  sendBytes(bytes: string | Uint8Array): Promise<void> | undefined {
    const buffer = typeof bytes === "string" ? Buffer.from(bytes) : Buffer.from(bytes);
    return this.#chunker ? this.#writeAll(this.#chunker.push(buffer)) : this.#write(buffer);
  }

  async sendWireBytes(bytes: string | Uint8Array): Promise<void> {
    await this.flush();
    await nextLoopTurn();
    this.#options.socket.write(bytes);
  }

  sendPing(): never {
    return impossibleStep("ping", "http");
  }

  sendClose(): never {
    return impossibleStep("close", "http");
  }

  flush(): Promise<void> | undefined {
    return this.#chunker && this.#writeAll(this.#chunker.flush());
  }

  async end(): Promise<void> {
    await this.flush();
    const { body, stop } = this.#options;
    const finished = new Promise<void>((resolve) => {
      body.end(() => resolve());
    });
    await Promise.race([finished, whenStopped(stop)]);
    stop.throwIfAborted();
  }

  reset(): Promise<void> {
    return resetSocket(this.#options.socket);
  }

  disconnect(): Promise<void> {
    return disconnectSocket(this.#options.socket);
  }

  async #writeAll(pieces: readonly Buffer[]): Promise<void> {
    for (const piece of pieces) {
      const blocked = this.#write(piece);
      if (blocked) await blocked;
    }
  }

  #write(bytes: Buffer): Promise<void> | undefined {
    const { body, record, watch, stop } = this.#options;
    stop.throwIfAborted();
    if (bytes.length === 0) return undefined;
    record.bytesWritten += bytes.length;
    const isAccepted = body.write(bytes);
    watch.changed();
    return isAccepted ? undefined : this.#drained();
  }

  async #drained(): Promise<void> {
    const { body, record, watch, stop } = this.#options;
    record.blocked = true;
    watch.changed();
    try {
      await once(body, "drain", { signal: stop });
    } finally {
      record.blocked = false;
      watch.changed();
    }
  }
}
