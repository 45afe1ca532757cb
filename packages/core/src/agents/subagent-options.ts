import type { ModelInfo, MultiAgentVersion } from "@codex-ts/protocol";
import { ThreadError } from "../errors.ts";
import type { ThreadEvent } from "../events/thread-event.ts";
import type { AgentEvent, AgentIdentity } from "../events/turn-event.ts";

/** Settings of the agents a thread may start. They hold for all agents below it. */
export interface SubagentOptions {
  /**
   * The tools the model gets: `v2`, by which it calls agents by path and they write to each other, or `v1`, by which it
   * calls them by id. Default: what the model's catalog entry asks for, else `v2`.
   */
  readonly version?: Exclude<MultiAgentVersion, "disabled">;
  /**
   * Most agents at once, the thread itself not counted: in `v2` those that have a task, in `v1` those that are not
   * closed. One more is refused with an output that says so. Default 3 in `v2`, 6 in `v1`.
   */
  readonly maxAgents?: number;
  /**
   * How deep agents may start agents of their own: 1 lets the thread alone do so. Default: 1 in `v1`; in `v2` no limit,
   * except that in 0.171 the agents of a model whose catalog entry does not ask for `v2` start none.
   */
  readonly maxDepth?: number;
  /** Shortest time a model may wait for agents, in milliseconds. Default 10000. */
  readonly minWaitMs?: number;
  /** Text for the model about working with agents (`v2`); `null`: nothing. Default: a text of ours. */
  readonly rootInstructions?: string | null;
  /** Text for the models of agents about it (`v2`); `null`: nothing. Default: a text of ours. */
  readonly agentInstructions?: string | null;
  /** Models an agent may be given, besides the one of its parent. Default none. */
  readonly models?: readonly ModelInfo[];
  /**
   * Receives every event of every agent when it happens, also while no turn of the thread runs. During a turn the events
   * are in its stream as well. Must not throw; what it throws is dropped.
   */
  readonly onEvent?: (event: AgentEvent) => void;
  /**
   * Called whenever the thread of an agent begins, or is opened again, before its first event. The function it returns
   * receives every moment of that thread, as `ThreadOptions.onEvent` does of the first one; what it throws is ignored.
   * When this function itself throws, the agent is not started. Default: nobody.
   */
  readonly onThread?: (agent: AgentIdentity) => ((event: ThreadEvent) => void) | undefined;
}

/** Throws `ThreadError` for settings that cannot work. */
export function checkSubagentOptions(options: SubagentOptions | undefined): void {
  if (options === undefined) return;
  const { version } = options;
  if (version !== undefined && version !== "v1" && version !== "v2") {
    throw invalid("version", "`v1` or `v2`", version);
  }
  for (const name of ["maxAgents", "maxDepth", "minWaitMs"] as const) {
    const value = options[name];
    const isUsable = value === undefined || (Number.isSafeInteger(value) && value >= 1);
    if (!isUsable) throw invalid(name, "a positive whole number", value);
  }
  if ((options.minWaitMs ?? 0) > MAX_WAIT_MS) {
    throw invalid("minWaitMs", `at most ${MAX_WAIT_MS}`, options.minWaitMs);
  }
}

/** Longest time a model may wait for agents; the same in Codex. */
export const MAX_WAIT_MS = 3_600_000;

function invalid(name: string, expected: string, value: unknown): ThreadError {
  return new ThreadError(
    "invalid_option",
    `subagents.${name} must be ${expected}, not \`${String(value)}\``,
  );
}
