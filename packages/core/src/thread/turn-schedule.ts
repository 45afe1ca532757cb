import { newTurnId } from "@codex-ts/protocol";
import { turnStream } from "../events/turn-stream.ts";
import type { TurnEventQueue } from "../events/turn-event-queue.ts";
import type { TurnSettings } from "../turn/turn-settings.ts";
import type { TurnContext } from "../turn/turn-context.ts";
import { TurnLeft } from "../turn/turn-left.ts";
import type { TurnTask } from "../turn/run-turn.ts";
import type { InterruptOptions, TurnEnd, TurnOptions, TurnStream } from "./thread-options.ts";

/** A turn to be: what it does, and how. */
export interface PlannedTurn {
  readonly turnId: string;
  readonly task: TurnTask;
  readonly options: TurnOptions;
  readonly settings: TurnSettings;
  readonly queue: TurnEventQueue;
  readonly signal: AbortSignal;
}

/** A turn that was added, from then to its end. */
interface AddedTurn extends PlannedTurn {
  abort(options?: InterruptOptions): void;
  /** Resolved with its last event; never rejected. */
  readonly over: PromiseWithResolvers<TurnEnd | undefined>;
}

/** The turn that runs. */
interface RunningTurn extends AddedTurn {
  readonly turn: TurnContext;
}

/** Runs the turns of a thread, one after the other. */
interface TurnRunner {
  /** Makes the context of a turn that begins now. */
  readonly begin: (planned: PlannedTurn) => TurnContext;
  /** Runs it to its end and resolves with its last event. */
  readonly run: (turn: TurnContext, task: TurnTask) => Promise<TurnEnd | undefined>;
  /** Takes a warning that the consumer of a turn has left behind. */
  readonly keepWarning: (message: string) => void;
  /** Makes the queue for the events of a turn. */
  readonly newQueue: (turnId: string) => TurnEventQueue;
}

/** The turns of a thread in the order they were asked for. */
export class TurnSchedule {
  readonly #runner: TurnRunner;
  #running: RunningTurn | undefined;
  readonly #waiting: AddedTurn[] = [];
  #isClosed = false;

  constructor(runner: TurnRunner) {
    this.#runner = runner;
  }

  /** The turn that runs. */
  get running(): Pick<RunningTurn, "turn" | "task"> | undefined {
    return this.#running;
  }

  /** Whether a turn that is added begins at once. */
  get isIdle(): boolean {
    return this.#running === undefined && this.#waiting.length === 0;
  }

  /** Begins a turn, after those before it. */
  add(plan: Pick<PlannedTurn, "task" | "options" | "settings">): TurnStream {
    const { options } = plan;
    const abort = new AbortController();
    const { signal } = abort;
    const turnId = newTurnId();
    const waiting: AddedTurn = {
      turnId,
      ...plan,
      queue: this.#runner.newQueue(turnId),
      signal,
      abort: ({ reason } = {}) => abort.abort(new TurnLeft({ isReplaced: reason === "replaced" })),
      over: Promise.withResolvers(),
    };
    signal.addEventListener("abort", () => this.#abandon(waiting), { once: true });
    follow(abort, options.signal, waiting.over.promise);
    this.#waiting.push(waiting);
    const isLate = this.#isClosed || (this.#running !== undefined && signal.aborted);
    if (isLate) this.#abandon(waiting);
    this.#next();
    return turnStream({
      turnId: waiting.turnId,
      queue: waiting.queue,
      done: waiting.over.promise.then(() => undefined),
      abort: () => waiting.abort(),
      keepWarning: this.#runner.keepWarning,
    });
  }

  /** Aborts the running turn and resolves with its last event; `undefined` when none runs. */
  async interrupt(options?: InterruptOptions): Promise<TurnEnd | undefined> {
    const running = this.#running;
    running?.abort(options);
    return running?.over.promise;
  }

  /** Aborts the running turn and those that wait. Resolves when the running one has ended. */
  async stop(): Promise<void> {
    for (const waiting of this.#waiting.toReversed()) waiting.abort();
    await this.interrupt();
  }

  /** Aborts all turns, for good. Resolves when the running one has ended. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.stop();
  }

  /** The turn is to end, whether anybody reads its events or not; one that has not begun has none but its end. */
  #abandon(waiting: AddedTurn): void {
    waiting.queue.hurry();
    const at = this.#waiting.indexOf(waiting);
    if (at === -1) return;
    this.#waiting.splice(at, 1);
    const end: TurnEnd = { type: "turnAborted", turnId: waiting.turnId };
    waiting.queue.push(end);
    waiting.queue.end();
    waiting.over.resolve(end);
  }

  #next(): void {
    if (this.#running !== undefined || this.#isClosed) return;
    const planned = this.#waiting.shift();
    if (planned === undefined) return;
    const turn = this.#runner.begin(planned);
    this.#running = { ...planned, turn };
    void this.#run(planned, turn);
  }

  async #run(planned: AddedTurn, turn: TurnContext): Promise<void> {
    let end: TurnEnd | undefined;
    // The caller gets its stream before the first event.
    await Promise.resolve();
    try {
      end = await this.#runner.run(turn, planned.task);
    } finally {
      this.#running = undefined;
      planned.queue.end();
      planned.over.resolve(end);
      this.#next();
    }
  }
}

/**
 * Aborts with the signal of the caller, up to the end of the turn. A signal made of both would live as long as the caller's,
 * and all that listens to it, which in a thread that runs for days is every turn.
 */
function follow(
  abort: AbortController,
  signal: AbortSignal | undefined,
  over: Promise<unknown>,
): void {
  if (signal === undefined) return;
  const onAbort = (): void => abort.abort(signal.reason);
  if (signal.aborted) return onAbort();
  signal.addEventListener("abort", onAbort, { once: true });
  void over.then(() => signal.removeEventListener("abort", onAbort));
}
