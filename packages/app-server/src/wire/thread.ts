import { newer } from "./generation.ts";
import type { Generation } from "./generation.ts";
import { toEnvironment } from "./settings.ts";

/** A thread as clients read it. */
export interface ThreadFacts {
  readonly id: string;
  readonly sessionId: string;
  readonly forkedFromId: string | null;
  readonly preview: string;
  readonly ephemeral: boolean;
  readonly modelProvider: string;
  readonly model: string | null;
  readonly reasoningEffort: string | null;
  /** Unix milliseconds. */
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
  readonly status: object;
  readonly path: string | null;
  readonly cwd: string;
  readonly cliVersion: string;
  readonly originator: string;
  readonly source: unknown;
  readonly threadSource: string | null;
  readonly name: string | null;
  readonly gitInfo: object | null;
  /** Whether this process runs it. */
  readonly isLoaded: boolean;
  readonly turns: readonly object[];
}

export function toThread(generation: Generation, facts: ThreadFacts): object {
  const updatedAt = Math.floor(facts.updatedAtMs / 1000);
  return {
    id: facts.id,
    ...newer(generation, {
      environments: facts.isLoaded ? [toEnvironment(facts.cwd)] : null,
      extra: null,
    }),
    sessionId: facts.sessionId,
    forkedFromId: facts.forkedFromId,
    ...newer(generation, { attachedToThreadId: null }),
    parentThreadId: null,
    preview: facts.preview,
    ephemeral: facts.ephemeral,
    ...newer(generation, {
      section: null,
      sectionEnteredAt: null,
      projectId: null,
      historyMode: "paginated",
    }),
    modelProvider: facts.modelProvider,
    ...newer(generation, { model: facts.model, reasoningEffort: facts.reasoningEffort }),
    createdAt: Math.floor(facts.createdAtMs / 1000),
    updatedAt,
    ...newer(generation, { recencyAt: updatedAt }),
    status: facts.status,
    path: facts.path,
    cwd: facts.cwd,
    cliVersion: facts.cliVersion,
    ...newer(generation, { originator: facts.originator }),
    source: facts.source,
    ...newer(generation, { canAcceptDirectInput: facts.isLoaded ? true : null }),
    threadSource: facts.threadSource,
    agentNickname: null,
    agentRole: null,
    gitInfo: facts.gitInfo,
    name: facts.name,
    ...newer(generation, { daybreakEnabled: null }),
    turns: facts.turns,
  };
}
