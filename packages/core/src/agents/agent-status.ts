import type { AgentStatus } from "@codex-ts/protocol";

/** Whether an agent with this status does something, or is about to. */
export function isBusy(status: AgentStatus): boolean {
  return status === "pending_init" || status === "running";
}

/** Whether nothing more comes of what an agent was asked: what a wait by id waits for. */
export function isFinal(status: AgentStatus): boolean {
  return !isBusy(status) && status !== "interrupted";
}
