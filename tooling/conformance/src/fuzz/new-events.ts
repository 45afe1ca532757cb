import type { DraftEvent } from "./draft-bundle.ts";
import { EventMaker } from "./event-maker.ts";
import type { Members } from "./event-maker.ts";
import {
  compactionInstalled,
  compactionRequest,
  inferenceEnded,
  inferenceStarted,
} from "./inference-events.ts";
import { copyJson } from "./json-text.ts";
import { type Mutation, typeOf } from "./mutation.ts";
import { accepted, acceptedOutput, agentResult, threadEvent, turnEvent } from "./thread-events.ts";
import {
  cell,
  correlation,
  stdinTarget,
  toolEnded,
  toolRuntime,
  toolStarted,
  waitTarget,
} from "./tool-events.ts";

const MAKERS: readonly ((make: EventMaker) => Members)[] = [
  toolStarted,
  toolStarted,
  toolRuntime,
  toolRuntime,
  toolRuntime,
  toolEnded,
  cell,
  cell,
  cell,
  accepted,
  accepted,
  accepted,
  stdinTarget,
  threadEvent,
  threadEvent,
  turnEvent,
  agentResult,
  agentResult,
  inferenceStarted,
  inferenceStarted,
  inferenceEnded,
  inferenceEnded,
  compactionRequest,
  compactionInstalled,
  compactionInstalled,
  correlation,
];

const SHARD_MAKERS: typeof MAKERS = [
  ...MAKERS,
  waitTarget,
  waitTarget,
  acceptedOutput,
  acceptedOutput,
  acceptedOutput,
];

/** Adds an event that was not there, built from what the bundle has. */
export const insertEvent: Mutation = (bundle, dice, pool) => {
  const at = dice.below(bundle.events.length + 1);
  const near = bundle.events[at] ?? bundle.events.at(-1);
  if (near === undefined) return undefined;
  const makers = bundle.schemaVersion === 3 ? SHARD_MAKERS : MAKERS;
  const payload = dice.pick(makers)(new EventMaker(bundle, dice, pool));
  const context = dice.oneIn(3) ? dice.pick(bundle.events) : near;
  const fallback = bundle.events.find((event) => event["codex_turn_id"] !== null) ?? near;
  const source = context["codex_turn_id"] === null ? fallback : context;
  const event: DraftEvent = {
    ...(copyJson(near) as Members),
    thread_id: dice.oneIn(8) ? null : (source["thread_id"] ?? null),
    codex_turn_id: dice.oneIn(8) ? null : (source["codex_turn_id"] ?? null),
    payload,
  };
  bundle.events.splice(at, 0, event);
  return `insert ${typeOf(event)} at ${at}`;
};
