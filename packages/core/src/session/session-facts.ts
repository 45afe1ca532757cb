import type {
  JsonObject,
  MultiAgentVersion,
  ResponseItem,
  SessionSource,
} from "@codex-ts/protocol";
import type { RecordedContext } from "../events/recorded-context.ts";
import type { ThreadOptions } from "../thread/thread-options.ts";

/** Facts of a thread as a whole, for its session file. */
export interface SessionFacts {
  readonly threadId: string;
  /** Id of the root thread. */
  readonly sessionId: string;
  /** Unix milliseconds. */
  readonly createdMs: number;
  readonly originator: string;
  readonly clientVersion: string;
  readonly source: SessionSource;
  readonly threadSource: string | null;
  readonly parentThreadId: string | undefined;
  readonly providerId: string;
  readonly instructions: string;
  /** Definitions of tools that a client brought along. */
  readonly recordedTools: NonNullable<ThreadOptions["recordedTools"]>;
  /** Slug of the model the instructions belong to; `undefined` when they are of the application. */
  readonly instructionsModel: string | undefined;
  /** UUIDv7. */
  readonly contextWindowId: string;
  /** Settings and surroundings the thread starts with. */
  readonly settings: Omit<RecordedContext, "turnId" | "modelItems" | "deferredTools">;
  readonly fork: ForkFacts | undefined;
  /** Which tools for agents the thread has. */
  readonly multiAgentVersion: MultiAgentVersion;
  /** Items a thread of an agent has from its parent. */
  readonly inherited: readonly ResponseItem[];
}

/** Where a fork has its history from. */
export interface ForkFacts {
  readonly threadId: string;
  /**
   * Numbered lines of the other file that are the beginning of this one, and how many bytes they take; `undefined` when
   * the lines were copied.
   */
  readonly base:
    | { readonly fileId: string; readonly endOrdinal: number; readonly endByte: number }
    | undefined;
}

/** Members of a subagent's first line that other threads lack. */
export function agentMembers({ source, parentThreadId }: SessionFacts): JsonObject {
  const subagent = typeof source === "object" && "subagent" in source ? source.subagent : undefined;
  const spawned =
    typeof subagent === "object" && "thread_spawn" in subagent ? subagent.thread_spawn : undefined;
  const parent = parentThreadId ?? spawned?.parent_thread_id;
  return {
    ...(parent !== undefined && { parent_thread_id: parent }),
    ...(spawned?.agent_nickname && { agent_nickname: spawned.agent_nickname }),
    ...(spawned?.agent_role && { agent_role: spawned.agent_role }),
    ...(spawned?.agent_path && { agent_path: spawned.agent_path }),
  };
}

export function isSubagent({ source }: Pick<SessionFacts, "source">): boolean {
  return typeof source === "object" && "subagent" in source;
}

export function collaborationMode({
  model,
  reasoningEffort,
  mode,
}: Pick<RecordedContext, "model" | "reasoningEffort" | "mode">): JsonObject {
  return {
    mode: mode?.kind ?? "default",
    settings: {
      model,
      reasoning_effort: reasoningEffort ?? null,
      developer_instructions: mode?.instructions ?? null,
    },
  };
}
