import { effectiveContextWindowTokens, newUuidV7 } from "@codex-ts/protocol";
import { compact } from "../compaction/compact.ts";
import {
  compactionForModel,
  compactionForSize,
  compactionOnDemand,
} from "../compaction/compaction-due.ts";
import { interruptedTurnMarker } from "../context/context-messages.ts";
import { mentionedSkills, skillMessages } from "../context/skills/mentioned-skills.ts";
import { readUserInput } from "../context/user-input.ts";
import type { UserInputMessage } from "../context/user-input.ts";
import type { RequestFailure } from "../attempt/request-failure.ts";
import { toRequestFailure } from "../attempt/request-failure.ts";
import type { TurnFailure } from "../events/turn-event.ts";
import type { TurnInput } from "../thread/thread-options.ts";
import { runReview } from "../review/run-review.ts";
import type { ReviewFailure } from "../review/run-review.ts";
import { describeReviewTarget } from "../review/review-target.ts";
import type { ReviewTarget } from "../review/review-target.ts";
import { runShellCommand } from "./run-shell-command.ts";
import { sample } from "./sample.ts";
import { TurnLeft } from "./turn-left.ts";
import { dropSpareFifos } from "../tools/exec/fifos.ts";
import type { TurnContext } from "./turn-context.ts";
import { recordContext, recordNewTools } from "./turn-surroundings.ts";

/** How a turn ended. Expected outcomes are values. */
type TurnOutcome =
  | { readonly type: "completed" }
  | { readonly type: "failed"; readonly failure: RequestFailure }
  /** The error was emitted by the reviewer. */
  | { readonly type: "review_failed"; readonly failure: ReviewFailure }
  | { readonly type: "aborted" };

/** The work of a turn. */
export type TurnTask =
  | {
      readonly type: "input";
      readonly input: readonly TurnInput[];
      readonly clientMessageId?: string | undefined;
    }
  /** Messages of other agents wait, one of them is a task. `author`: the path of who wrote it. */
  | { readonly type: "mail"; readonly author: string }
  | { readonly type: "compaction" }
  | { readonly type: "shell_command"; readonly command: string }
  | { readonly type: "review"; readonly target: ReviewTarget };

/** Runs a turn from the user's input until the model has nothing left to do, or the compaction it is for. */
export async function runTurn(turn: TurnContext, task: TurnTask): Promise<void> {
  begin(turn, task);
  // What every request begins with names the tools. A turn that is aborted meanwhile notices it at its first request.
  await Promise.race([turn.thread.facts.serverWait.wait(), whenAborted(turn.signal)]);
  turn.useSession(await turn.thread.openSession(turn.signal));
  let outcome: TurnOutcome;
  try {
    outcome = await perform(turn, task);
  } catch (error) {
    outcome = turn.signal.aborted
      ? { type: "aborted" }
      : { type: "failed", failure: toRequestFailure(error, turn.thread.facts.errorPolicy) };
  } finally {
    for (const note of turn.pending.close()) turn.record(note.item, note);
    if (turn.signal.aborted) await turn.thread.joinedCommands.settled(turn);
    turn.session.close();
    dropSpareFifos();
    await turn.thread.facts.codeCells()?.endTurn({ isStopped: turn.signal.aborted });
    await turn.stopReading();
  }
  emitWarnings(turn);
  finish(turn, outcome);
}

function whenAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}

async function perform(turn: TurnContext, task: TurnTask): Promise<TurnOutcome> {
  switch (task.type) {
    case "input":
      return converse(turn, task.input, task.clientMessageId);
    case "mail":
      return converse(turn, undefined);
    case "compaction":
      return ended(await compact(turn, compactionOnDemand(turn)));
    case "shell_command":
      await runShellCommand(turn, task.command);
      turn.signal.throwIfAborted();
      // The model reads them in the next turn.
      while (!turn.pending.isEmpty) await recordWaiting(turn);
      turn.pending.close();
      return { type: "completed" };
    case "review": {
      const failure = await runReview(turn, task.target);
      return failure === undefined ? { type: "completed" } : { type: "review_failed", failure };
    }
    default:
      return task satisfies never;
  }
}

/** `undefined` as input: the turn is about messages of other agents. */
async function converse(
  turn: TurnContext,
  input: readonly TurnInput[] | undefined,
  clientMessageId?: string,
): Promise<TurnOutcome> {
  const said = input && (await readUserInput(input, turn.imageReader, clientMessageId));
  const failure = await compactBefore(turn, said);
  if (failure !== undefined) return { type: "failed", failure };
  recordContext(turn);
  if (said !== undefined) recordInput(turn, said);
  const skills = mentionedSkills(input ?? [], turn.settings.skills);
  for (const { item, contentKinds } of await skillMessages(skills, (text) => turn.warn(text))) {
    turn.record(item, { contentKinds });
  }
  turn.signal.throwIfAborted();
  return sampleUntilDone(turn, { takesInput: input === undefined });
}

/** Compacts where the history is too long for what comes, or in no form the model can go on with. */
async function compactBefore(
  turn: TurnContext,
  said: UserInputMessage | undefined,
): Promise<RequestFailure | undefined> {
  try {
    const forModel = compactionForModel(turn);
    const failure = forModel && (await compact(turn, forModel));
    if (failure !== undefined) return keepInput(turn, said, failure);
    const forSize = compactionForSize(turn, "pre_turn");
    const later = forSize && (await compact(turn, forSize));
    return later && keepInput(turn, said, later);
  } catch (error) {
    keepInput(turn, said, undefined);
    throw error;
  }
}

/** Keeps an input from being lost with the compaction before it. */
function keepInput<Failure extends RequestFailure | undefined>(
  turn: TurnContext,
  said: UserInputMessage | undefined,
  failure: Failure,
): Failure {
  if (said !== undefined && turn.thread.facts.profile.compaction.keepsInputOfFailedTurn)
    recordInput(turn, said);
  return failure;
}

async function sampleUntilDone(
  turn: TurnContext,
  { takesInput: takesInputFirst }: { readonly takesInput: boolean },
): Promise<TurnOutcome> {
  let droppedImages = false;
  // The first request is made of what the turn began with; a model that was cut short goes on before it reads more.
  let takesInput = takesInputFirst;
  for (;;) {
    if (takesInput) await recordPending(turn);
    recordNewTools(turn);
    const response = await sample(turn);
    if (response.type === "failed") {
      const { failure } = response;
      // One bad image must not make a thread unusable: it is taken out once, then the failure counts.
      if (failure.code === "invalid_image" && !droppedImages) {
        droppedImages = true;
        if (turn.thread.facts.history.dropImagesOfLastOutput()) continue;
      }
      return { type: "failed", failure };
    }
    takesInput = true;
    const isToldMore = !turn.pending.isEmpty || turn.mail.asksAgain;
    if (!response.needsFollowUp && !isToldMore) {
      // An input that comes from now on is another turn's.
      turn.pending.close();
      recordMail(turn);
      return { type: "completed" };
    }
    turn.limits.countFollowUp(response.hasOutput || isToldMore);
    const due = compactionForSize(turn, "mid_turn");
    const failure = due && (await compact(turn, due));
    if (failure !== undefined) return { type: "failed", failure };
    if (due !== undefined) takesInput = !response.needsFollowUp;
  }
}

/** Takes in what came for the running turn, from the user and from agents. */
async function recordPending(turn: TurnContext): Promise<void> {
  await recordWaiting(turn);
  recordMail(turn);
}

/** Takes in what the user said and did meanwhile. */
async function recordWaiting(turn: TurnContext): Promise<void> {
  for (const each of turn.pending.take()) {
    if (each.type === "note") {
      turn.record(each.item, each);
      continue;
    }
    recordInput(turn, await readUserInput(each.input, turn.imageReader, each.clientMessageId));
    turn.mail.reopen();
    each.recorded.resolve(true);
  }
}

function recordMail(turn: TurnContext): void {
  for (const mail of turn.mail.take()) {
    turn.record(mail.item, { mail, contentKinds: mail.contentKinds });
  }
}

function recordInput(
  turn: TurnContext,
  { item, contentKinds, inputs, clientMessageId }: UserInputMessage,
): void {
  // Asked for with nothing to say, a model goes on with what it has.
  if (inputs.length === 0) return;
  turn.record(item, { contentKinds });
  const { threadId, now } = turn.thread.facts;
  const shown = {
    type: "UserMessage",
    id: newUuidV7(),
    ...(clientMessageId !== undefined && { client_id: clientMessageId }),
    content: inputs,
  } as const;
  const atMs = now();
  const ids = { thread_id: threadId, turn_id: turn.turnId };
  turn.emit({ type: "item_started", ...ids, item: shown, started_at_ms: atMs });
  turn.emit({ type: "item_completed", ...ids, item: shown, completed_at_ms: atMs });
}

function ended(failure: RequestFailure | undefined): TurnOutcome {
  return failure === undefined ? { type: "completed" } : { type: "failed", failure };
}

function begin(turn: TurnContext, task: TurnTask): void {
  const start = { turn_id: turn.turnId, started_at: seconds(turn.startedMs) };
  if (task.type === "review") {
    const { target } = task;
    const hint = describeReviewTarget(target);
    turn.emit({ type: "review_entered", id: newUuidV7(), ...start, target, hint });
    return emitWarnings(turn);
  }
  turn.emit(
    {
      type: "task_started",
      ...start,
      model_context_window: effectiveContextWindowTokens(turn.settings.model) ?? null,
      collaboration_mode_kind: turn.settings.mode.kind,
    },
    { ...turn.origin, initiatingAgentPath: task.type === "mail" ? task.author : undefined },
  );
  turn.noteCodeMode();
  emitWarnings(turn);
}

/** Warnings that have waited for a turn, about recording for one. They go on waiting when the consumer has left. */
function emitWarnings(turn: TurnContext): void {
  if (turn.queue.abandoned) return;
  for (const warning of turn.thread.warnings.take()) turn.warn(warning);
}

function finish(turn: TurnContext, outcome: TurnOutcome): void {
  switch (outcome.type) {
    case "completed":
      return finishCompleted(turn);
    case "failed":
      return finishFailed(turn, outcome.failure);
    case "review_failed":
      return completeFailed(turn, outcome.failure);
    case "aborted":
      return finishAborted(turn);
  }
}

/** Also of a turn that failed, not of one that was stopped. */
function emitLastDiff(turn: TurnContext): void {
  if (turn.thread.facts.profile.turnDiffs === "at_end") turn.emitDiff();
}

function finishCompleted(turn: TurnContext): void {
  emitLastDiff(turn);
  turn.emit(
    {
      type: "task_complete",
      turn_id: turn.turnId,
      last_agent_message: turn.lastAgentMessage,
      ...times(turn),
      ...firstToken(turn),
    },
    { usage: turn.thread.tokenCount.total, failure: undefined },
  );
}

function finishFailed(turn: TurnContext, failure: RequestFailure): void {
  const error = { message: failure.message, codex_error_info: failure.info };
  turn.emit({ type: "error", ...error });
  emitLastDiff(turn);
  completeFailed(turn, { error, failure: turnFailure(failure) });
}

function completeFailed(turn: TurnContext, { error, failure }: ReviewFailure): void {
  turn.emit(
    {
      type: "task_complete",
      turn_id: turn.turnId,
      last_agent_message: null,
      error,
      ...times(turn),
      ...firstToken(turn),
    },
    { usage: turn.thread.tokenCount.total, failure },
  );
}

function turnFailure(failure: RequestFailure): TurnFailure {
  const { status, upstreamRequestId, responseId, serverMessage, unreachable } = failure;
  return {
    code: failure.code,
    message: failure.message,
    ...(status !== undefined && { status }),
    ...(upstreamRequestId !== undefined && { upstreamRequestId }),
    ...(responseId !== undefined && { responseId }),
    ...(serverMessage !== undefined && { serverMessage }),
    ...(unreachable !== undefined && { unreachable }),
  };
}

function finishAborted(turn: TurnContext): void {
  const { reason } = turn.signal as { readonly reason: unknown };
  const isReplaced = reason instanceof TurnLeft && reason.isReplaced;
  if (!isReplaced) turn.record(interruptedTurnMarker(), { contentKinds: ["generic.turn_aborted"] });
  turn.emit({
    type: "turn_aborted",
    turn_id: turn.turnId,
    reason: isReplaced ? "replaced" : "interrupted",
    ...times(turn),
  });
}

function times(turn: TurnContext): {
  readonly started_at: number;
  readonly completed_at: number;
  readonly duration_ms: number;
} {
  const nowMs = turn.thread.facts.now();
  return {
    started_at: seconds(turn.startedMs),
    completed_at: seconds(nowMs),
    duration_ms: nowMs - turn.startedMs,
  };
}

/** Only finished turns say it, in every recorded version. */
function firstToken({ firstTokenMs }: TurnContext): { readonly time_to_first_token_ms?: number } {
  return firstTokenMs === undefined ? {} : { time_to_first_token_ms: firstTokenMs };
}

function seconds(unixMs: number): number {
  return Math.floor(unixMs / 1000);
}
