import { contextWindowTokens } from "@codex-ts/protocol";
import type { MessageItem, ModelInfo, ResponseItem } from "@codex-ts/protocol";
import type { CompactionTraceContext } from "@codex-ts/rollout-trace/recorder";
import { toRequestFailure } from "../attempt/request-failure.ts";
import { withOwnId } from "../history/item-identity.ts";
import { IMAGE_TOKENS, estimateTextTokens, estimateTokensOf } from "../history/token-estimate.ts";
import { isToolOutput } from "../history/tool-output.ts";
import { historyPrompt, requestIdentity } from "../turn/request-facts.ts";
import type { TurnContext } from "../turn/turn-context.ts";
import type { CompactedPast, DueCompaction } from "./compaction-facts.ts";
import { compactionKind, compactionObserver, compactionSettings } from "./compaction-requests.ts";
import { OneAttempt } from "./one-attempt.ts";
import { cutToOneText, isSaidByUser, newestWithin } from "./retained-messages.ts";
import { retryOrThrow } from "./retry.ts";

/** Most of the prompt's messages that is kept beside a compaction item, in tokens. */
const RETAINED_TOKENS = 64_000;
/** Most repetitions of a request that is a stream. */
const MAX_STREAM_RETRIES = 2;
/** Output of a tool that makes a history too long to be compacted. */
const TOO_LONG = "This output was too long for the context and is left out.";

/** Remote compaction v1: the server sends back the history that is to be. Source: docs/behavior/core.md 5.4. */
export async function compactByEndpoint(
  turn: TurnContext,
  due: DueCompaction,
  trace: CompactionTraceContext,
): Promise<CompactedPast> {
  const { client } = turn.thread.facts;
  turn.limits.countRequest();
  const { items } = await client.compactConversationHistory({
    prompt: compactionPrompt(turn, due.model),
    metadata: client.metadata({
      ...requestIdentity(turn),
      requestKind: compactionKind(due, "responses_compact"),
    }),
    settings: compactionSettings(turn, due),
    trace,
    signal: turn.signal,
  });
  return {
    items: items.filter(isKeptOfServer).map((item) => ({ item: withOwnId(item) })),
    message: "",
    responseId: undefined,
  };
}

/** Remote compaction v2: the server sends one item that stands for the history. Source: docs/behavior/core.md 5.4. */
export async function compactByTrigger(
  turn: TurnContext,
  due: DueCompaction,
  trace: CompactionTraceContext,
): Promise<CompactedPast> {
  const recorder = new OneAttempt(trace);
  try {
    return await streamUntilCompacted(turn, due, recorder);
  } finally {
    recorder.end();
  }
}

async function streamUntilCompacted(
  turn: TurnContext,
  due: DueCompaction,
  recorder: OneAttempt,
): Promise<CompactedPast> {
  const { client, errorPolicy, profile } = turn.thread.facts;
  const prompt = compactionPrompt(turn, due.model);
  for (let retries = 0; ;) {
    try {
      turn.limits.countRequest();
      const { item, responseId } = await turn.session.streamCompaction({
        prompt,
        metadata: client.metadata({
          ...requestIdentity(turn),
          requestKind: compactionKind(due, "responses_compaction_v2"),
        }),
        settings: compactionSettings(turn, due),
        observer: compactionObserver(turn),
        trace: recorder,
        signal: turn.signal,
      });
      const kept = retained(prompt.input, profile.compaction.countsImages);
      return {
        items: [...kept, item].map((each) => ({ item: each })),
        message: "",
        responseId: responseId || undefined,
      };
    } catch (error) {
      turn.signal.throwIfAborted();
      retries = await retryOrThrow(turn, {
        error,
        failure: toRequestFailure(error, errorPolicy),
        retries: retries + 1,
        session: turn.session,
        maxRetries: MAX_STREAM_RETRIES,
      });
    }
  }
}

/** The history as the server is to compact it: no longer than the model's window, if tool outputs are what is too long. */
function compactionPrompt(turn: TurnContext, model: ModelInfo): ReturnType<typeof historyPrompt> {
  const prompt = historyPrompt(turn, model);
  const windowTokens = contextWindowTokens(model) ?? Infinity;
  const { measure } = turn.thread.facts.profile.compaction;
  let excess =
    estimateTextTokens(prompt.instructions) +
    estimateTokensOf(prompt.input, measure) -
    windowTokens;
  const input = [...prompt.input];
  for (let at = input.length - 1; at >= 0 && excess > 0; at -= 1) {
    const item = input[at];
    if (item === undefined || !isToolOutput(item)) break;
    const shorter = { ...item, output: TOO_LONG };
    excess -= estimateTokensOf([item], measure) - estimateTokensOf([shorter], measure);
    input[at] = shorter;
  }
  return { ...prompt, input };
}

/** Messages of the prompt that are kept beside the item. */
function retained(prompt: readonly ResponseItem[], countsImages: boolean): readonly ResponseItem[] {
  const messages = prompt.filter(
    (item): item is MessageItem => item.type === "message" && item.role !== "assistant",
  );
  const newest = newestWithin(messages, RETAINED_TOKENS, {
    imageTokens: countsImages ? IMAGE_TOKENS : 0,
    cut: cutToOneText,
  });
  return newest.filter(isSaidByUser);
}

function isKeptOfServer(item: ResponseItem): boolean {
  if (item.type === "message") return item.role === "assistant" || isSaidByUser(item);
  return (
    item.type === "agent_message" ||
    item.type === "compaction" ||
    item.type === "context_compaction"
  );
}
