import type { ModelClientOptions } from "../client/model-client-options.ts";
import type { SessionFacts } from "../session/session-facts.ts";
import type { ThreadStart } from "../session/thread-start.ts";
import { surroundings } from "../turn/turn-surroundings.ts";
import type { ResolvedOptions } from "./resolve-options.ts";
import type { ThreadAgents } from "./thread-agents.ts";
import type { ThreadFacts, ThreadState } from "./thread-state.ts";

/** Puts a thread where its session file ends. */
export function restore(state: ThreadState, { session: { replayed } }: ThreadStart): void {
  const { items, referenceContext } = replayed;
  state.facts.history.restore(items);
  state.tokenCount.restore(replayed.tokenInfo, replayed.rateLimits);
  state.referenceContext = referenceContext;
  const recorded = referenceContext?.model;
  const { slug } = state.facts.settings.model;
  if (recorded !== undefined && recorded !== slug) {
    state.warnings.add(
      `this session was recorded with model \`${recorded}\` and goes on with \`${slug}\`, which may do worse with it`,
    );
  }
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
  const forkedFrom = lineage?.isFork === true ? lineage.agent.facts.parent : undefined;
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
    instructionsModel: options.baseInstructions === undefined ? settings.model.slug : undefined,
    contextWindowId: client.contextWindowId,
    settings: surroundings(facts, settings),
    fork: start?.fork ?? (forkedFrom && { threadId: forkedFrom.facts.threadId, base: undefined }),
    multiAgentVersion: agents?.tree.version ?? "disabled",
    inherited: lineage?.history ?? [],
  };
}
