import type { Emit, ThreadEvent, ThreadMsg } from "./thread-event.ts";

type Listener = (event: ThreadEvent) => void;

/** Everything that happens in a thread, in order, for any number of listeners. */
export class ThreadEventStream {
  /** Never changed, only replaced, so that a listener may subscribe or leave meanwhile. */
  #listeners: readonly Listener[] = [];

  /** Emits the moments of one turn, or of the thread as a whole. Listeners are called, in order, before it returns. */
  emitterOf(turnId: string | undefined): Emit {
    const emit = (msg: ThreadMsg, facts?: unknown): void => {
      const event = { type: msg.type, turnId, msg, facts } as ThreadEvent;
      // Not with an iterator, which makes an object for every step: all deltas pass here.
      const listeners = this.#listeners;
      for (let index = 0; index < listeners.length; index += 1) {
        try {
          listeners[index]?.(event);
        } catch {
          // A listener must not be able to break the turn it listens to.
        }
      }
    };
    return emit as unknown as Emit;
  }

  /** Returns the function that ends the subscription. */
  subscribe(listener: Listener): () => void {
    this.#listeners = [...this.#listeners, listener];
    return () => {
      this.#listeners = this.#listeners.filter((other) => other !== listener);
    };
  }
}
