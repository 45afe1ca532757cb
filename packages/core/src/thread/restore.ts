import { isJsonObject } from "@codex-ts/protocol";
import type { ModelInfo } from "@codex-ts/protocol";
import type { ModelClientOptions } from "../client/model-client-options.ts";
import { instructionsOfItems } from "../context/model-items.ts";
import type { KnownModelItems } from "../context/model-items.ts";
import { readTexts } from "../session/read-context.ts";
import type { ReplayedSession } from "../session/replay-session.ts";
import type { SessionFacts } from "../session/session-facts.ts";
import type { ThreadStart } from "../session/thread-start.ts";
import { surroundings } from "../turn/turn-surroundings.ts";
import type { ResolvedOptions } from "./resolve-options.ts";
import type { ThreadAgents } from "./thread-agents.ts";
import type { ThreadFacts, ThreadState } from "./thread-state.ts";

/** Finds out about a model by its slug. */
export type FindModel = (slug: string) => ModelInfo;

/** Puts a thread where its session file ends. */
export function restore(
  state: ThreadState,
  { session: { replayed } }: ThreadStart,
  findModel: FindModel,
): void {
  restorePast(state, replayed, findModel);
  state.tokenCount.restore(replayed.tokenInfo, replayed.rateLimits);
  const recorded = replayed.model;
  const { slug } = state.facts.settings.model;
  if (recorded !== undefined && recorded !== slug) {
    state.warnings.add(
      `this session was recorded with model \`${recorded}\` and goes on with \`${slug}\`, which may do worse with it`,
    );
  }
}

/** Puts the history of a session, and what the model knows from it, in the place of those of a thread. */
export function restorePast(
  state: ThreadState,
  replayed: ReplayedSession,
  findModel: FindModel,
): void {
  const { items, referenceContext, model, compHash, summaries } = replayed;
  state.facts.history.restore(items);
  state.referenceContext = referenceContext && {
    ...referenceContext,
    modelItems: knownModelItems(replayed),
  };
  state.foundSummaries = new Set(summaries);
  state.previousModel =
    model === undefined ? undefined : { ...findModel(model), ...known(compHash) };
}

/** `undefined` unless the last turn was one of a responses-lite model. */
function knownModelItems({ worldState, items }: ReplayedSession): KnownModelItems | undefined {
  const tools = worldState?.["top_level_tools"];
  if (!isJsonObject(tools)) return undefined;
  return { tools: readTexts(tools), instructions: instructionsOfItems(items) ?? "" };
}

/** The hash as it was then, where the file says it. */
function known(compHash: string | undefined): Pick<ModelInfo, "comp_hash"> {
  return compHash === undefined ? {} : { comp_hash: compHash };
}

/** Whose requests a thread sends that does not begin with nothing. */
export function resumedIdentity(
  start: ThreadStart,
  options: ResolvedOptions,
): Partial<ModelClientOptions> {
  const { replayed } = start.session;
  const { fork } = start;
  return {
    sessionId: options.sessionId ?? start.sessionId,
    forkedFromThreadId: options.forkedFromThreadId ?? start.forkedFromThreadId,
    forkedFromOrdinal: fork?.base?.endOrdinal,
    contextWindowId: replayed.contextWindowId,
    windowGeneration: fork === undefined ? replayed.windowNumber : 0,
    historyInitialization: fork === undefined ? "cold_resume" : "cold_fork",
  };
}

/** Facts of the thread as a whole, for its session file. */
export function sessionFacts(
  options: ResolvedOptions,
  facts: ThreadFacts,
  {
    start,
    agents,
  }: { readonly start: ThreadStart | undefined; readonly agents: ThreadAgents | undefined },
): SessionFacts {
  const lineage = agents?.lineage;
  const source =
    lineage === undefined
      ? options.forkedFromThreadId
      : lineage.isFork
        ? lineage.agent.facts.parent?.facts.threadId
        : undefined;
  const { client, instructions, settings, threadId, now } = facts;
  return {
    threadId,
    sessionId: client.options.sessionId ?? threadId,
    createdMs: now(),
    originator: options.originator,
    clientVersion: options.clientVersion ?? "0.0.0",
    source: options.sessionSource,
    threadSource: options.threadSource,
    parentThreadId: options.parentThreadId,
    providerId: options.provider.id,
    instructions,
    recordedTools: options.recordedTools ?? [],
    instructionsModel: options.baseInstructions === undefined ? settings.model.slug : undefined,
    contextWindowId: client.contextWindowId,
    settings: surroundings(facts, settings, { isWhole: false }),
    fork: start?.fork ?? (source === undefined ? undefined : { threadId: source, base: undefined }),
    multiAgentVersion: agents?.tree.version ?? "disabled",
    inherited: lineage?.history ?? [],
  };
}
