import type { MessageItem, ResponseItem } from "@codex-ts/protocol";
import { toRequestFailure } from "../attempt/request-failure.ts";
import type { RequestFailure } from "../attempt/request-failure.ts";
import type { MappedResponseStream } from "../attempt/stream-mapper.ts";
import type { ModelClientSession } from "../client/model-session.ts";
import type { Prompt } from "../client/request-builder.ts";
import type { SamplingRequest } from "../client/sampling-request.ts";
import { message } from "../context/context-messages.ts";
import { withoutFirst } from "../history/pair-calls.ts";
import { historyPrompt, requestIdentity } from "../turn/request-facts.ts";
import { HeldSummary } from "../turn/held-summary.ts";
import type { TurnContext } from "../turn/turn-context.ts";
import type { CompactedItem, CompactedPast, DueCompaction } from "./compaction-facts.ts";
import { compactionKind, compactionSettings } from "./compaction-requests.ts";
import {
  cutToOneText,
  cutToThreeTexts,
  isSaidByUser,
  newestWithin,
  textParts,
  withTexts,
} from "./retained-messages.ts";
import { retryOrThrow } from "./retry.ts";
import { isSummary, summaryMessage } from "./summary.ts";

/** Most that is kept of what the user said, in tokens. */
const RETAINED_TOKENS = 20_000;

/**
 * Has the model sum up the history, in an ordinary request that no trace records, and keeps the summary with the newest of
 * the user's own messages. Rejects with the error of the request, or the reason of an abort.
 *
 * Source: docs/behavior/core.md 5.3; runs of 0.140 and 0.171.
 */
export async function compactLocally(
  turn: TurnContext,
  due: DueCompaction,
): Promise<CompactedPast> {
  const { facts } = turn.thread;
  const session = facts.client.newSession();
  const { summary, responseId } = await summarize(turn, due, session).finally(() =>
    session.close(),
  );
  const text = summaryMessage(summary);
  const said = facts.history.items
    .filter(isSaidByUser)
    .filter((item) => !isSummary(item, turn.thread.foundSummaries));
  const kept = retained(said, facts.profile.compaction.keepsMessages);
  return {
    items: [...kept, { item: message("user", [text]), contentKinds: ["compaction.summary"] }],
    message: text,
    responseId,
  };
}

/** Of items the model writes for itself. */
const SUMMARY = { isOfResponse: true, isHidden: true } as const;

interface Summary {
  readonly summary: string;
  readonly responseId: string | undefined;
}

async function summarize(
  turn: TurnContext,
  due: DueCompaction,
  session: ModelClientSession,
): Promise<Summary> {
  const { facts } = turn.thread;
  const prompt = historyPrompt(turn, due.model);
  let input = prompt.input;
  for (let retries = 0; ;) {
    try {
      return await requestSummary(turn, due, { session, input, prompt });
    } catch (error) {
      turn.signal.throwIfAborted();
      const failure = toRequestFailure(error, facts.errorPolicy);
      // What is too long for the model is made shorter, from its beginning, until nothing is left to sum up.
      if (failure.code === "context_window_exceeded") {
        if (input.length === 0) {
          turn.thread.tokenCount.fill();
          turn.emitTokenCount();
          throw error;
        }
        input = withoutFirst(input);
        retries = 0;
        continue;
      }
      retries = await retryOrThrow(turn, {
        error,
        failure: retriable(turn, failure),
        retries: retries + 1,
        session,
      });
    }
  }
}

function retriable(turn: TurnContext, failure: RequestFailure): RequestFailure {
  const isAnswer = failure.status !== undefined || failure.responseId !== undefined;
  const { retriesRefusals } = turn.thread.facts.profile.compaction;
  return retriesRefusals && isAnswer ? { ...failure, retryable: true } : failure;
}

interface SummaryRequest {
  readonly session: ModelClientSession;
  readonly input: readonly ResponseItem[];
  readonly prompt: Prompt;
}

async function requestSummary(
  turn: TurnContext,
  due: DueCompaction,
  parts: SummaryRequest,
): Promise<Summary> {
  turn.limits.countRequest();
  const time = turn.limits.timeResponse(turn.signal);
  const inference = new HeldSummary(turn.emit);
  try {
    const stream = await parts.session.stream(
      summaryRequest(turn, due, { ...parts, observer: inference, signal: time.signal }),
    );
    try {
      const summary = await readSummary(turn, stream);
      // Usage is told after the items it is for, and before the sums.
      inference.release();
      turn.emitTokenCount();
      return summary;
    } finally {
      await stream.close();
    }
  } finally {
    time.stop();
    inference.release();
  }
}

function summaryRequest(
  turn: TurnContext,
  due: DueCompaction,
  {
    input,
    prompt,
    observer,
    signal,
  }: SummaryRequest & Pick<SamplingRequest, "observer" | "signal">,
): SamplingRequest {
  const { client, compaction } = turn.thread.facts;
  return {
    prompt: {
      instructions: prompt.instructions,
      input: [...input, message("user", [compaction.prompt])],
      tools: [],
      parallelToolCalls: false,
    },
    metadata: client.metadata({
      ...requestIdentity(turn),
      requestKind: compactionKind(due, "responses"),
    }),
    settings: compactionSettings(turn, due),
    observer,
    signal,
  };
}

async function readSummary(turn: TurnContext, stream: MappedResponseStream): Promise<Summary> {
  const { facts, tokenCount } = turn.thread;
  const { keepsUnfinishedSummary } = facts.profile.compaction;
  const items: ResponseItem[] = [];
  let responseId: string | undefined;
  for await (const event of stream) {
    if (event.type === "rateLimits") {
      tokenCount.noteRateLimits(event.snapshot);
      turn.emitTokenCount();
    } else if (event.type === "outputItemDone") {
      items.push(event.item);
      if (keepsUnfinishedSummary) turn.record(event.item, SUMMARY);
    } else if (event.type === "completed") {
      responseId = event.responseId;
      tokenCount.add(event.tokenUsage);
      break;
    }
  }
  turn.signal.throwIfAborted();
  if (!keepsUnfinishedSummary) {
    for (const item of items) turn.record(item, SUMMARY);
  }
  // A response that says nothing leaves the last that was said.
  return { summary: lastText(facts.history.items), responseId: responseId || undefined };
}

function lastText(items: readonly ResponseItem[]): string {
  const texts = items.map((item) =>
    item.type === "message" && item.role === "assistant" ? textParts(item).join("") : "",
  );
  return texts.findLast((text) => text !== "") ?? "";
}

/** The newest of the user's own messages. */
function retained(messages: readonly MessageItem[], keepsMessages: boolean): CompactedItem[] {
  const said = messages
    // A summary speaks of images; they themselves are gone.
    .map((item) => withTexts(item, keepsMessages ? textParts(item) : [textParts(item).join("")]))
    .filter(({ content }) => content.length > 0);
  const cut = keepsMessages ? cutToThreeTexts : cutToOneText;
  return newestWithin(said, RETAINED_TOKENS, { imageTokens: 0, cut }).map((item) => ({ item }));
}
