import { setTimeout as sleep } from "node:timers/promises";
import type { ServerEvent } from "../events/server-event.ts";
import type { PlayedExchangeState } from "../played-exchange.ts";
import type { ControlStep, PauseStep, Step, Steps } from "../script/step.ts";
import type { EventFiller } from "./event-filler.ts";
import type { Gates } from "./gates.ts";
import type { StepTransport } from "./step-transport.ts";
import { stopReason, whenStopped } from "./stop.ts";

/** How playing ended; never `playing`. */
export type PlayOutcome = Exclude<PlayedExchangeState, "playing">;

/** Surroundings of a pause. */
export interface PauseContext {
  readonly transport: Pick<StepTransport, "flush" | "reset" | "disconnect">;
  readonly gates: Gates;
  /** Aborted with a `StopReason` when the client leaves or the server closes. */
  readonly stop: AbortSignal;
}

/** Surroundings of a stream. */
export interface PlayContext extends PauseContext {
  readonly transport: StepTransport;
  readonly filler: EventFiller;
}

/** Plays the steps and completes the response. */
export async function playSteps(steps: Steps, context: PlayContext): Promise<PlayOutcome> {
  const iterator = iteratorOf(steps);
  const stopped = whenStopped(context.stop).then(() => undefined);
  try {
    for (;;) {
      const next = iterator.next();
      const result = next instanceof Promise ? await Promise.race([next, stopped]) : next;
      if (context.stop.aborted || result === undefined) return stopReason(context.stop);
      if (result.done) break;
      for (const step of Array.isArray(result.value) ? result.value : [result.value as Step]) {
        const playing = playStep(step, context);
        const outcome = playing instanceof Promise ? await playing : playing;
        if (outcome) return outcome;
        if (context.stop.aborted) return stopReason(context.stop);
      }
    }
    return await finish(context);
  } catch (error) {
    if (context.stop.aborted) return stopReason(context.stop);
    throw error;
  } finally {
    void leave(iterator);
  }
}

/** Plays pauses; an outcome means that the response is over. */
export async function playPauses(
  steps: readonly PauseStep[],
  context: PauseContext,
): Promise<PlayOutcome | undefined> {
  try {
    for (const step of steps) {
      const outcome = await playPause(step, context);
      if (outcome) return outcome;
    }
    return undefined;
  } catch (error) {
    if (context.stop.aborted) return stopReason(context.stop);
    throw error;
  }
}

type StepIterator = Iterator<Step | readonly Step[]> | AsyncIterator<Step | readonly Step[]>;
type StepResult = Promise<PlayOutcome | undefined> | PlayOutcome | undefined;

/** Synchronous where nothing has to be waited for: a stream of many small events is common. */
function playStep(step: Step, context: PlayContext): StepResult {
  if (!("step" in step)) return sendFilled(step, context);
  const { transport } = context;
  switch (step.step) {
    case "event":
      return thenContinue(transport.sendEvent(step.event, step.framing));
    case "comment":
      return thenContinue(transport.sendComment(step.text));
    case "bytes":
      return thenContinue(transport.sendBytes(step.bytes));
    case "wire-bytes":
      return thenContinue(transport.sendWireBytes(step.bytes));
    case "ping":
      transport.sendPing(step.payload);
      return undefined;
    case "close":
      transport.sendClose(step.code, step.reason);
      return "closed";
    case "end":
      return finish(context);
    case "delay":
    case "gate":
    case "hang":
    case "reset":
    case "disconnect":
      return playPause(step, context);
    default:
      return unknownStep(step);
  }
}

function sendFilled(event: ServerEvent, context: PlayContext): StepResult {
  return thenContinue(context.transport.sendEvent(context.filler.fill(event), undefined));
}

function thenContinue(written: Promise<void> | undefined): Promise<undefined> | undefined {
  return written?.then(() => undefined);
}

async function finish(context: PlayContext): Promise<PlayOutcome> {
  await context.transport.end();
  return "ended";
}

async function playPause(step: PauseStep, context: PauseContext): Promise<PlayOutcome | undefined> {
  await context.transport.flush();
  switch (step.step) {
    case "delay":
      await sleep(step.delayMs, undefined, { signal: context.stop });
      return undefined;
    case "gate":
      await context.gates.pass(step.name, context.stop);
      return undefined;
    case "hang":
      await whenStopped(context.stop);
      return stopReason(context.stop);
    case "reset":
      await context.transport.reset();
      return "reset";
    case "disconnect":
      await context.transport.disconnect();
      return "disconnected";
    default:
      return unknownStep(step);
  }
}

/** Lets a lazy script clean up. What it throws then has nowhere to go. */
async function leave(iterator: StepIterator): Promise<void> {
  try {
    await iterator.return?.();
  } catch {
    return;
  }
}

function unknownStep(step: never): never {
  throw new TypeError(`unknown step ${JSON.stringify((step as ControlStep).step)} in the script`);
}

function iteratorOf(steps: Steps): StepIterator {
  return Symbol.asyncIterator in steps ? steps[Symbol.asyncIterator]() : steps[Symbol.iterator]();
}
