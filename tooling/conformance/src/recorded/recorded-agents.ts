import type { SubagentOptions } from "@codex-ts/core";
import { isJsonObject } from "@codex-ts/protocol";
import { parse } from "smol-toml";
import type { RecordedAnswer, RecordedScenario } from "./recorded-scenario.ts";

/** Name of the gate at which a parent waits for its agent to come to where it is stopped. */
export const AGENT_GATE = "an agent has answered in part";

/** The settings of agents a recorded client was configured with; `undefined`: it had none. */
export function recordedSubagents({
  configToml,
  compatibility,
}: Pick<RecordedScenario, "configToml" | "compatibility">): SubagentOptions | undefined {
  const { features } = parse(configToml);
  if (!isJsonObject(features) || features["multi_agent"] !== true) return undefined;
  const v2 = features["multi_agent_v2"];
  if (!isJsonObject(v2) || v2["enabled"] !== true) return { version: "v1" };
  const hint = (name: string): string | null => {
    const text = v2[name];
    const isUsed = compatibility === "0.171" || v2["usage_hint_enabled"] !== false;
    return isUsed && typeof text === "string" ? text : null;
  };
  return {
    version: "v2",
    rootInstructions: hint("root_agent_usage_hint_text"),
    agentInstructions: hint("subagent_usage_hint_text"),
    ...(typeof v2["min_wait_timeout_ms"] === "number" && { minWaitMs: v2["min_wait_timeout_ms"] }),
  };
}

/** Whether the answer of an agent was left by it, so that it has nothing more to wait for. */
export function isLeftByAgent(
  { requests }: Pick<RecordedScenario, "requests">,
  { request, end }: RecordedAnswer,
): boolean {
  if (end !== "client_gone") return false;
  const headers = requests.find(({ n }) => n === request)?.headers ?? [];
  return headers.some(([name]) => name === "x-openai-subagent");
}

/** Whether an answer asks how agents are doing, which is recorded while one is at work. */
export function asksForAgents({ sse }: RecordedAnswer): boolean {
  return (sse ?? []).some(({ item }) => isJsonObject(item) && item["name"] === "list_agents");
}
