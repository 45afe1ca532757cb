import { isAzureProvider } from "@codex-ts/api";
import { newUuidV4, newUuidV7 } from "@codex-ts/protocol";
import type { MessageItem, ResponseItem } from "@codex-ts/protocol";
import { toRequestFailure } from "../attempt/request-failure.ts";
import type { RequestFailure } from "../attempt/request-failure.ts";
import type { ContextItem } from "../context/context-messages.ts";
import type { ToldTools } from "../thread/thread-state.ts";
import type { TurnContext } from "../turn/turn-context.ts";
import { noteContext, surroundings, wholeContext } from "../turn/turn-surroundings.ts";
import type { Surroundings } from "../turn/turn-surroundings.ts";
import type { CompactedPast, DueCompaction } from "./compaction-facts.ts";
import { compactLocally } from "./local-compaction.ts";
import { compactByEndpoint, compactByTrigger } from "./remote-compaction.ts";
import { isSaidByUser } from "./retained-messages.ts";
import { isSummary } from "./summary.ts";

/** How a compaction is made. */
type Way = "local" | "remote_v1" | "remote_v2";

/**
 * Compacts the history of a thread and goes on in a new window. `undefined`: done. Else the failure, and the history is
 * as it was. Rejects with the reason of an abort.
 */
export async function compact(
  turn: TurnContext,
  due: DueCompaction,
): Promise<RequestFailure | undefined> {
  const { tokenCount } = turn.thread;
  // Counts are those of the model that compacts until that of the turn responds.
  tokenCount.useModel(due.model);
  try {
    return await compactWith(turn, due);
  } finally {
    tokenCount.useModel(turn.settings.model);
  }
}

async function compactWith(
  turn: TurnContext,
  due: DueCompaction,
): Promise<RequestFailure | undefined> {
  const { facts } = turn.thread;
  const way = await wayOf(turn);
  const { trigger, reason, phase } = due;
  const compactionId = facts.profile.compaction.itemIds === "v4" ? newUuidV4() : newUuidV7();
  const trace = facts.trace.compactionContext({
    turnId: turn.turnId,
    compactionId,
    model: due.model.slug,
    providerName: facts.client.options.provider.info.name,
  });
  turn.emit({ type: "compaction_started", compactionId, way, trigger, reason, phase });
  const inputHistory = [...facts.history.items];
  let past: CompactedPast;
  facts.useToolsFor(due.model);
  try {
    past =
      way === "local"
        ? await compactLocally(turn, due)
        : way === "remote_v1"
          ? await compactByEndpoint(turn, due, trace)
          : await compactByTrigger(turn, due, trace);
  } catch (error) {
    turn.signal.throwIfAborted();
    const failure = toRequestFailure(error, facts.errorPolicy);
    return way === "local" ? failure : remoteFailure(failure);
  } finally {
    facts.useToolsFor(turn.settings.model);
  }
  const replacementHistory = install(turn, due, { ...past, compactionId });
  if (way !== "local") trace.recordInstalled({ inputHistory, replacementHistory });
  turn.emitTokenCount();
  turn.emit({
    type: "item_completed",
    thread_id: facts.threadId,
    turn_id: turn.turnId,
    item: { type: "ContextCompaction", id: compactionId },
    completed_at_ms: facts.now(),
  });
  if (way === "local" && facts.profile.compaction.warnsOfSummary) turn.warn(SUMMARY_WARNING);
  return undefined;
}

/** For people; 0.140 says as much. */
const SUMMARY_WARNING =
  "The conversation was long and has been replaced by a summary of it. Details may be lost; for a new task, a new thread serves you better.";

function remoteFailure(failure: RequestFailure): RequestFailure {
  return {
    ...failure,
    message: `Error running remote compact task: ${failure.message}`,
    info: failure.code === "context_window_exceeded" ? failure.info : "other",
  };
}

async function wayOf({ thread }: TurnContext): Promise<Way> {
  const { client, compaction, profile } = thread.facts;
  const { provider } = client.options;
  const isHelped = provider.info.name === "OpenAI" || isAzureProvider(await provider.apiProvider());
  if (!isHelped) return "local";
  const hasChoice = profile.compaction.endpoint === "as_configured";
  return hasChoice && compaction.remote === "v1" ? "remote_v1" : "remote_v2";
}

/** Puts the compacted history in the place of the past. Nothing in it waits, so it happens as a whole or not at all. */
function install(
  turn: TurnContext,
  due: DueCompaction,
  past: CompactedPast & { readonly compactionId: string },
): readonly ResponseItem[] {
  const { thread } = turn;
  const { history, client, profile } = thread.facts;
  const takesContext = profile.compaction.takesContextAtOnce || due.phase === "mid_turn";
  const items = past.items.map(({ item, contentKinds }) =>
    contentKinds === undefined
      ? item
      : history.identify(item, { turnId: turn.turnId, createdMs: undefined, contentKinds }),
  );
  const now = takesContext
    ? surroundings(thread.facts, turn.settings, { isWhole: true, tools: toolsOf(turn, due) })
    : undefined;
  const replacement = now === undefined ? items : withContext(turn, now, items);
  const previousContextWindowId = client.contextWindowId;
  history.replace(replacement);
  client.advanceWindowGeneration();
  thread.referenceContext = undefined;
  if (profile.compaction.estimateIsFor === "turn") thread.tokenCount.useModel(turn.settings.model);
  thread.estimateContext(turn.settings.model);
  turn.emit({
    type: "compaction_installed",
    compactionId: past.compactionId,
    compaction: {
      message: past.message,
      replacementHistory: replacement,
      windowNumber: client.windowNumber,
      contextWindowId: client.contextWindowId,
      previousContextWindowId,
      responseId: past.responseId,
    },
  });
  if (now !== undefined) noteContext(turn, now, { isWhole: true });
  return replacement;
}

/** In the middle of a turn, those that its last request had: what is new comes after the history. */
function toolsOf({ thread }: TurnContext, { phase }: DueCompaction): ToldTools | undefined {
  return phase === "mid_turn" ? thread.toldTools : undefined;
}

/**
 * The items with the whole context: what the model reads of itself first, its surroundings before the last thing the user said; where nothing is left of that, before what stands
 * for the past, which stays last.
 */
function withContext(
  turn: TurnContext,
  now: Surroundings,
  items: readonly ResponseItem[],
): readonly ResponseItem[] {
  const context = wholeContext(turn, now);
  const first = context.first.map((item) => identified(turn, item));
  const messages = context.messages.map((item) => identified(turn, item));
  const isSummaryItem = (item: MessageItem): boolean => isSummary(item, turn.thread.foundSummaries);
  const standsForPast = (item: ResponseItem): boolean =>
    item.type === "compaction" || (isSaidByUser(item) && isSummaryItem(item));
  const lastSaid = items.findLastIndex((item) => isSaidByUser(item) && !isSummaryItem(item));
  const at = lastSaid === -1 ? items.findLastIndex(standsForPast) : lastSaid;
  const place = at === -1 ? items.length : at;
  return [...first, ...items.slice(0, place), ...messages, ...items.slice(place)];
}

function identified(turn: TurnContext, { item, contentKinds }: ContextItem): ResponseItem {
  const origin = { turnId: turn.turnId, createdMs: undefined, contentKinds };
  return turn.thread.facts.history.identify(item, origin);
}
