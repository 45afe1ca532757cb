import type { JsonObject } from "@codex-ts/protocol";
import type { FinalResponse } from "./final-response.ts";
import { impossibleStep } from "./step-transport.ts";
import type { StepTransport } from "./step-transport.ts";

/** Plays steps without sending anything, for a client that wants the response in one piece. */
export class ResponseCollector implements StepTransport {
  readonly #response: FinalResponse;
  readonly #faults: Pick<StepTransport, "reset" | "disconnect">;

  /** `faults` break the connection, as they would break a stream. */
  constructor(response: FinalResponse, faults: Pick<StepTransport, "reset" | "disconnect">) {
    this.#response = response;
    this.#faults = faults;
  }

  sendEvent(event: JsonObject): undefined {
    this.#response.add(event);
  }

  sendComment(): undefined {
    // A comment says nothing, and JSON has no place for it.
  }

  sendBytes(): never {
    return impossibleStep("bytes", "http in a JSON reply");
  }

  sendWireBytes(): never {
    return impossibleStep("wire-bytes", "http in a JSON reply");
  }

  sendPing(): never {
    return impossibleStep("ping", "http");
  }

  sendClose(): never {
    return impossibleStep("close", "http");
  }

  flush(): undefined {
    return undefined;
  }

  end(): Promise<void> {
    return Promise.resolve();
  }

  reset(): Promise<void> {
    return this.#faults.reset();
  }

  disconnect(): Promise<void> {
    return this.#faults.disconnect();
  }
}
