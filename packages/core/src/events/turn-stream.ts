import type { TurnEnd, TurnStream } from "../thread/thread-options.ts";
import type { TurnEvent } from "./turn-event.ts";
import type { TurnEventQueue } from "./turn-event-queue.ts";

/** The stream of a running turn for its consumer. Leaving early aborts the turn and waits for its end. */
export function turnStream(options: {
  readonly turnId: string;
  readonly queue: TurnEventQueue;
  /** Settles when the turn is over; never rejects. */
  readonly done: Promise<void>;
  abort(): void;
  /** Takes a warning the consumer has left behind. */
  keepWarning(message: string): void;
}): TurnStream {
  let iterated = false;
  const leave = async (): Promise<void> => {
    for (const event of options.queue.abandon()) {
      if (event.type === "warning") options.keepWarning(event.message);
    }
    options.abort();
    await options.done;
  };
  const iterate = (): void => {
    if (iterated) throw new TypeError("the events of a turn can be iterated only once");
    iterated = true;
  };
  return {
    turnId: options.turnId,
    async result() {
      iterate();
      let last: TurnEnd | undefined;
      for (
        let next = await options.queue.take();
        next.done !== true;
        next = await options.queue.take()
      ) {
        if (isTurnEnd(next.value)) last = next.value;
      }
      if (last === undefined) throw new TypeError("the turn was left before its end");
      return last;
    },
    [Symbol.asyncIterator](): AsyncIterator<TurnEvent> {
      iterate();
      return {
        next: () => options.queue.take(),
        async return() {
          await leave();
          return { done: true, value: undefined };
        },
      };
    },
    [Symbol.asyncDispose]: leave,
  };
}

/** Whether no event of the turn follows. */
export function isTurnEnd(event: TurnEvent): event is TurnEnd {
  return (
    event.type === "turnCompleted" || event.type === "turnFailed" || event.type === "turnAborted"
  );
}
