import type { ObserveTransport, SteerResult, TurnEvent } from "@codex-ts/core";
import type { ResponseItem } from "@codex-ts/protocol";
import type { ResponsesServer } from "@codex-ts/responses-server";
import { type RecordedInterrupt, interruptGate } from "./recorded-script.ts";

/**
 * Stops a turn exactly where the recorded one was stopped: the server holds the rest of the response, and the client has
 * taken in every item that was sent before, or the headers of the answer when there is none.
 */
export class Interruption {
  readonly #interrupt: RecordedInterrupt;
  readonly #server: ResponsesServer;
  readonly #isHeld: Promise<void>;
  readonly #answered = new Map<string | undefined, PromiseWithResolvers<void>>();

  constructor(interrupt: RecordedInterrupt, server: ResponsesServer) {
    this.#interrupt = interrupt;
    this.#server = server;
    this.#isHeld = server.waitForGate(interruptGate(interrupt));
  }

  /** Place of the turn among the turns, from 0. */
  get turn(): number {
    return this.#interrupt.turn;
  }

  get isKill(): boolean {
    return this.#interrupt.isKill === true;
  }

  /** The input that came in the place of a stop. */
  get steer(): string | undefined {
    return this.#interrupt.steer;
  }

  /** The turn was steered: the server sends the rest. */
  goOn(steered: SteerResult): void {
    if (steered.type !== "steered")
      throw new Error(`the turn could not be steered: ${steered.reason}`);
    this.#server.release(interruptGate(this.#interrupt));
  }

  /** To be given to the thread. */
  readonly observeTransport: ObserveTransport = ({ turnId, requestKind }) => ({
    onAttemptResponded: () => {
      if (requestKind === "turn") this.#answerOf(turnId).resolve();
    },
  });

  /** Reads a turn to its end and calls `stop` at the point of the interrupt. */
  async of(
    events: AsyncIterable<TurnEvent> & { readonly turnId: string },
    stop: () => Promise<void>,
  ): Promise<void> {
    const { itemsBefore } = this.#interrupt;
    const taken = itemsBefore === 0 ? this.#answerOf(events.turnId) : Promise.withResolvers<void>();
    const stopped = Promise.all([this.#isHeld, taken.promise]).then(stop);
    let items = 0;
    for await (const event of events) {
      if (event.type !== "rawItem" || isPrompt(event.item)) continue;
      items += 1;
      if (items === itemsBefore) taken.resolve();
    }
    await stopped;
  }

  #answerOf(turnId: string | undefined): PromiseWithResolvers<void> {
    const known = this.#answered.get(turnId) ?? Promise.withResolvers<void>();
    this.#answered.set(turnId, known);
    return known;
  }
}

/** Whether an item is part of what the model is asked. */
function isPrompt(item: ResponseItem): boolean {
  if (item.type === "message") return item.role !== "assistant";
  return item.type.endsWith("_output");
}
