import { effectiveContextWindowTokens, newUuidV7, toUserMessage } from "@codex-ts/protocol";
import type { MessageItem, UserInput } from "@codex-ts/protocol";
import { interruptedTurnMarker, message } from "../context/initial-context.ts";
import type { RequestFailure } from "../attempt/request-failure.ts";
import { toRequestFailure } from "../attempt/request-failure.ts";
import type { TurnFailure } from "../events/turn-event.ts";
import type { TurnInput } from "../thread/thread-options.ts";
import { sample } from "./sample.ts";
import type { TurnContext } from "./turn-context.ts";

type Input = string | readonly TurnInput[];

/** How a turn ended. Expected outcomes are values. */
type TurnOutcome =
  | { readonly type: "completed" }
  | { readonly type: "failed"; readonly failure: RequestFailure }
  | { readonly type: "aborted" };

/** Runs a turn from the user's input until the model has nothing left to do. */
export async function runTurn(turn: TurnContext, input: Input): Promise<void> {
  begin(turn);
  turn.useSession(await turn.thread.openSession(turn.signal));
  let outcome: TurnOutcome;
  try {
    outcome = await converse(turn, input);
  } catch (error) {
    outcome = turn.signal.aborted
      ? { type: "aborted" }
      : { type: "failed", failure: toRequestFailure(error, turn.thread.facts.errorPolicy) };
  } finally {
    turn.session.close();
    await turn.stopReading();
  }
  emitWarnings(turn);
  finish(turn, outcome);
}

async function converse(turn: TurnContext, input: Input): Promise<TurnOutcome> {
  recordInput(turn, input);
  turn.signal.throwIfAborted();
  let droppedImages = false;
  for (;;) {
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
    if (!response.needsFollowUp) return { type: "completed" };
    turn.limits.countFollowUp(response.hasOutput);
  }
}

function recordInput(turn: TurnContext, input: Input): void {
  const { thread } = turn;
  const isWhole = !thread.contextIsRecorded;
  if (isWhole) {
    for (const { item, contentKinds } of thread.facts.initialContext()) {
      turn.record(item, { contentKinds });
    }
    thread.contextIsRecorded = true;
  }
  thread.referenceContext = turn.context();
  turn.emit({ type: "context_recorded", context: thread.referenceContext, isWhole });
  const inputs = userInputs(input);
  const item = typeof input === "string" ? message("user", [input]) : messageOf(inputs);
  const contentKinds = item.content.map(({ type }) =>
    type === "input_image" ? "user.image" : "user.text",
  );
  turn.record(item, { contentKinds });
  turn.emit({
    type: "item_completed",
    thread_id: thread.facts.threadId,
    turn_id: turn.turnId,
    item: { type: "UserMessage", id: newUuidV7(), content: inputs },
    completed_at_ms: thread.facts.now(),
  });
}

function userInputs(input: Input): readonly UserInput[] {
  const inputs = typeof input === "string" ? [{ type: "text" as const, text: input }] : input;
  return inputs.map((part) => (part.type === "text" ? { ...part, text_elements: [] } : part));
}

function messageOf(inputs: readonly UserInput[]): MessageItem {
  return toUserMessage(inputs, { localImage: () => ({ problem: "files are not read here" }) });
}

function begin(turn: TurnContext): void {
  turn.emit(
    {
      type: "task_started",
      turn_id: turn.turnId,
      started_at: seconds(turn.startedMs),
      model_context_window: effectiveContextWindowTokens(turn.thread.facts.model) ?? null,
      collaboration_mode_kind: "default",
    },
    turn.origin,
  );
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
    case "aborted":
      return finishAborted(turn);
  }
}

function finishCompleted(turn: TurnContext): void {
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
  turn.emit(
    {
      type: "task_complete",
      turn_id: turn.turnId,
      last_agent_message: null,
      error,
      ...times(turn),
      ...firstToken(turn),
    },
    { usage: turn.thread.tokenCount.total, failure: turnFailure(failure) },
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
  turn.record(interruptedTurnMarker(), { contentKinds: ["generic.turn_aborted"] });
  turn.emit({
    type: "turn_aborted",
    turn_id: turn.turnId,
    reason: "interrupted",
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
