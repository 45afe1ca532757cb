import type { JsonObject } from "@codex-ts/protocol";
import { AgentRefusal } from "../../agents/agent-tree.ts";
import type { Agent } from "../../agents/agent.ts";
import { resolveAgentPath } from "../../agents/agent-path.ts";
import type { ToolOutput } from "../tool.ts";
import { ToolError } from "../tool.ts";
import type { AgentToolSettings } from "./agent-toolset.ts";

const THREAD_ID = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/i;

/** Machine-read, the same in Codex. */
export const EMPTY_MESSAGE = "Empty message can't be sent to an agent";

/** The output of a tool for agents. */
export function jsonOutput(value: JsonObject): ToolOutput {
  return { output: JSON.stringify(value) };
}

/** The agent a call means, by its path or the id of its thread. Throws `ToolError`. */
export function targetOf({ tree, self }: AgentToolSettings, target: string): Agent {
  const byId = tree.byId(target);
  if (byId !== undefined) return byId;
  if (THREAD_ID.test(target)) throw new ToolError(`agent with id ${target} not found`);
  const resolved = resolveAgentPath(target, self.name);
  if ("problem" in resolved) throw new ToolError(resolved.problem);
  const agent = tree.byPath(resolved.path);
  if (agent === undefined) throw new ToolError(`live agent path \`${resolved.path}\` not found`);
  return agent;
}

/** Does something that may be refused, with the reason for the model. */
export function orRefuse<Result>(work: () => Result): Result {
  try {
    return work();
  } catch (error) {
    throw error instanceof AgentRefusal ? new ToolError(error.message) : error;
  }
}

/** Waits for something that happens elsewhere, but not longer than the call may run. */
export async function whileRunning(work: Promise<unknown>, signal: AbortSignal): Promise<void> {
  const stopped = Promise.withResolvers<void>();
  const stop = (): void => stopped.resolve();
  signal.addEventListener("abort", stop, { once: true });
  if (signal.aborted) stop();
  try {
    await Promise.race([work, stopped.promise]);
  } finally {
    signal.removeEventListener("abort", stop);
  }
}
